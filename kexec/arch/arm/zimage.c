/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm's zImage: a kernel that decompresses itself.  The header is little endian in kernels of
 * both byte orders (Linux: arch/arm/boot/compressed/{head.S,vmlinux.lds.S}).
 */
#include <errno.h>
#include <inttypes.h>

#include "zimage.h"

/* Offsets in the header; all fields are u32. */
enum {
	MAGIC = 0x24,
	START = 0x28,
	END = 0x2c,
	BYTE_ORDER_MARK = 0x30, /* in the order of the kernel */
	HEADER_SIZE = 0x34,
	TABLE_MAGIC = 0x34,
	TABLE = 0x38,
	HEADER_SIZE_WITH_TABLE = 0x3c,
};

#define ZIMAGE_MAGIC 0x016f2818u
#define MARK_SWAPPED 0x01020304u
#define HAS_TABLE 0x45454545u

/* An entry of the table: size in words, which counts size and tag; tag; data. */
#define TAG_SIZES 0x5a534c4bu
#define TAG_SIZES_WORDS 4 /* of older kernels; newer ones add TEXT_OFFSET and malloc */
#define TAG_SIZES_ALL_WORDS 6

/* Defaults for files without these values.  They are right for all but a few boards. */
#define DEFAULT_TEXT_OFFSET 0x8000
#define DEFAULT_MALLOC 0x10000
#define STACK 0x1000

bool zimage_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, HEADER_SIZE) && get_le32(bytes.data + MAGIC) == ZIMAGE_MAGIC;
}

static int read_sizes(const uint8_t *entry, uint32_t words, struct zimage *out, struct err *err)
{
	uint32_t offset;

	if (words < TAG_SIZES_WORDS)
		return err_set(err, -ENOEXEC,
			       "the zImage's table of sizes has %" PRIu32 " words, at least %d are "
			       "expected",
			       words, TAG_SIZES_WORDS);
	offset = get_le32(entry + 8);
	if (!bytes_has(out->kernel, offset, 4))
		return err_set(err, -ENOEXEC,
			       "the zImage's table of sizes points at 0x%" PRIx32
			       ", after the end at 0x%zx",
			       offset, out->kernel.size);
	out->sized = true;
	out->kernel_size = get_le32(out->kernel.data + offset);
	out->bss_size = get_le32(entry + 12);
	if (words < TAG_SIZES_ALL_WORDS)
		return 0;
	out->text_offset = get_le32(entry + 16);
	out->work_size = STACK + (uint64_t)get_le32(entry + 20);
	return 0;
}

static int read_table(struct zimage *out, struct err *err)
{
	uint64_t at = get_le32(out->kernel.data + TABLE);

	/* The table ends with a size of 0. */
	for (; bytes_has(out->kernel, at, 4); at += 4) {
		const uint8_t *entry = out->kernel.data + at;
		uint32_t words = get_le32(entry);

		if (!words)
			return 0;
		if (words < 2 || !bytes_has(out->kernel, at, 4ull * words))
			break;
		if (get_le32(entry + 4) == TAG_SIZES)
			return read_sizes(entry, words, out, err);
		at += 4ull * (words - 1);
	}
	return err_set(err, -ENOEXEC,
		       "the zImage's extension table at 0x%" PRIx32 " is damaged at 0x%" PRIx64,
		       get_le32(out->kernel.data + TABLE), at);
}

static int cut(struct bytes bytes, struct zimage *out, struct err *err)
{
	uint32_t start = get_le32(bytes.data + START), end = get_le32(bytes.data + END);

	if (end < start || end - start < HEADER_SIZE)
		return err_set(err, -ENOEXEC,
			       "the zImage header has an end (0x%" PRIx32 ") that does not fit its "
			       "start (0x%" PRIx32 ")",
			       end, start);
	if (!bytes_has(bytes, 0, end - start)) {
		err_set(err, -ENOEXEC, "zImage is truncated - file 0x%zx vs header 0x%" PRIx32,
			bytes.size, end - start);
		return err_hint(err, "Copy or build it again.");
	}
	out->kernel = bytes_sub(bytes, 0, end - start);
	out->appended = bytes_from(bytes, end - start);
	return 0;
}

int zimage_parse(struct bytes bytes, struct zimage *out, struct err *err)
{
	int ret;

	*out = (struct zimage){
		.text_offset = DEFAULT_TEXT_OFFSET,
		.work_size = STACK + DEFAULT_MALLOC,
	};
	if (!zimage_probe(bytes))
		return err_set(err, -ENOEXEC, "not a zImage: no 0x%08x at 0x%x", ZIMAGE_MAGIC,
			       MAGIC);
	ret = cut(bytes, out, err);
	if (ret)
		return ret;
	out->big_endian = get_le32(bytes.data + BYTE_ORDER_MARK) == MARK_SWAPPED;
	if (!bytes_has(out->kernel, 0, HEADER_SIZE_WITH_TABLE) ||
	    get_le32(bytes.data + TABLE_MAGIC) != HAS_TABLE)
		return 0;
	return read_table(out, err);
}
