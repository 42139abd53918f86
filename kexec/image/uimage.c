/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uImage: a kernel after a header of 64 bytes, big endian (U-Boot: include/image.h,
 * "legacy image format").
 */
#include <errno.h>
#include <inttypes.h>

#include "checksum.h"
#include "uimage.h"

#define MAGIC 0x27051956u

/* Offsets in the header; load and entry address are not used: kexec places by need. */
enum {
	HEADER_CRC = 4, /* u32, of the header with zeros here */
	DATA_SIZE = 12, /* u32 */
	DATA_CRC = 24, /* u32 */
	OS = 28,
	MACHINE = 29,
	TYPE = 30,
	COMPRESSION = 31,
	NAME = 32, /* 32 characters */
	HEADER_SIZE = 64,
};

#define OS_LINUX 5
#define TYPE_KERNEL 2
#define TYPE_RAMDISK 3
#define TYPE_KERNEL_NOLOAD 14

static const char *const compressions[] = { "none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd" };

bool uimage_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, HEADER_SIZE) && get_be32(bytes.data) == MAGIC;
}

static int check_crc(const char *what, uint32_t found, uint32_t expected, struct err *err)
{
	if (found == expected)
		return 0;
	err_set(err, -ENOEXEC,
		"%s checksum of the uImage does not match: 0x%08" PRIx32
		", the header says 0x%08" PRIx32,
		what, found, expected);
	return err_hint(err, "The file is damaged: copy or build it again.");
}

static int check_header(struct bytes bytes, struct err *err)
{
	static const uint8_t zeros[4];
	uint32_t crc = crc32_of(0, bytes_sub(bytes, 0, HEADER_CRC));

	crc = crc32_of(crc, (struct bytes){ zeros, sizeof(zeros) });
	crc = crc32_of(crc, bytes_sub(bytes, HEADER_CRC + 4, HEADER_SIZE - HEADER_CRC - 4));
	return check_crc("Header", crc, get_be32(bytes.data + HEADER_CRC), err);
}

static int check_kind(const uint8_t *header, enum uimage_type type, struct err *err)
{
	if (type == UIMAGE_RAMDISK && header[TYPE] != TYPE_RAMDISK)
		return err_set(err, -ENOEXEC, "uImage type %u unsupported: ramdisks are %d",
			       header[TYPE], TYPE_RAMDISK);
	if (type == UIMAGE_KERNEL && header[TYPE] != TYPE_KERNEL &&
	    header[TYPE] != TYPE_KERNEL_NOLOAD)
		return err_set(err, -ENOEXEC, "uImage type %u unsupported: kernels are 2 and 14",
			       header[TYPE]);
	if (header[OS] != OS_LINUX)
		return err_set(err, -ENOEXEC, "uImage os %u unsupported: Linux is 5", header[OS]);
	return 0;
}

int uimage_parse(struct bytes bytes, enum uimage_type type, struct uimage *out, struct err *err)
{
	uint64_t size;
	int ret;

	*out = (struct uimage){ 0 };
	if (!uimage_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not a uImage: %d bytes or more with 0x%x at 0 are expected",
			       HEADER_SIZE, MAGIC);
	ret = check_header(bytes, err);
	if (!ret)
		ret = check_kind(bytes.data, type, err);
	if (ret)
		return ret;
	size = get_be32(bytes.data + DATA_SIZE);
	if (!size || !bytes_has(bytes, HEADER_SIZE, size)) {
		err_set(err, -ENOEXEC,
			"Image size doesn't match the header: it says %" PRIu64
			" bytes, after it are %zu",
			size, bytes.size - HEADER_SIZE);
		return err_hint(err, "The file is cut short: copy or build it again.");
	}
	out->data = bytes_sub(bytes, HEADER_SIZE, size);
	out->machine = bytes.data[MACHINE];
	if (bytes.data[COMPRESSION] < ARRAY_SIZE(compressions))
		out->compression = compressions[bytes.data[COMPRESSION]];
	return check_crc("Data", crc32_of(0, out->data), get_be32(bytes.data + DATA_CRC), err);
}
