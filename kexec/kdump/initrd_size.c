/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Size of an initrd after unpacking.  It consists of cpio archives, plain or compressed, one
 * after another (Linux: driver-api/early-userspace/buffer-format.rst).
 */
#include "kdump.h"

#include "compress/compress.h"
#include "core/number.h"

#define USUAL_RATIO 3 /* unpacked to packed: modules and programs, any compressor */

/* Header of cpio "newc": 110 bytes; each number is 8 hexadecimal digits. */
#define CPIO_HEADER 110
#define CPIO_FILE_SIZE 54
#define CPIO_NAME_SIZE 94

static bool cpio_number(struct bytes b, uint64_t offset, uint64_t *value)
{
	char digits[9] = { 0 };

	memcpy(digits, b.data + offset, 8);
	return parse_number(digits, 16, value);
}

/* Parses the member at *at and moves *at past it.  false: no member. */
static bool cpio_member(struct bytes b, uint64_t *at, uint64_t *size)
{
	uint64_t name;

	if (!bytes_has(b, *at, CPIO_HEADER) ||
	    (!bytes_match(b, *at, "070701", 6) && !bytes_match(b, *at, "070702", 6)) ||
	    !cpio_number(b, *at + CPIO_FILE_SIZE, size) ||
	    !cpio_number(b, *at + CPIO_NAME_SIZE, &name))
		return false;
	return align_up(*at + CPIO_HEADER + name, 4, at) && align_up(*at + *size, 4, at);
}

/* End of the members, of one archive or several, at the start of b; 0: no member. */
static size_t cpio_end(struct bytes b, uint64_t *unpacked)
{
	uint64_t at = 0, size;

	while (cpio_member(b, &at, &size))
		*unpacked += size;
	return at < b.size ? (size_t)at : b.size;
}

static uint64_t compressed_unpacked(struct bytes b)
{
	/* gzip ends with the size, modulo 2^32. */
	if (compress_probe(b) == &decompressor_gzip && b.size >= 4 &&
	    get_le32(b.data + b.size - 4) >= b.size)
		return get_le32(b.data + b.size - 4);
	return (uint64_t)b.size * USUAL_RATIO;
}

uint64_t kdump_initrd_unpacked(struct bytes initrd)
{
	uint64_t unpacked = 0;
	size_t end;

	for (;; initrd = bytes_from(initrd, end)) {
		while (initrd.size && !initrd.data[0])
			initrd = bytes_from(initrd, 1);
		if (!initrd.size)
			return unpacked;
		end = cpio_end(initrd, &unpacked);
		if (!end)
			return unpacked + compressed_unpacked(initrd);
	}
}
