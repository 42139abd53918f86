/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats that are recognised and not decompressed.  An error message can then name the format. */
#include "compress.h"

static bool probe_bzip2(struct bytes in)
{
	/* Offset 3 is the block size.  The bytes from offset 4 on are the digits of pi. */
	return bytes_match(in, 0, "BZh", 3) && bytes_match(in, 4, "1AY&SY", 6);
}

static bool probe_lz4(struct bytes in)
{
	/* The frame format, and the "legacy" format of Linux images. */
	return bytes_match(in, 0, "\x04\x22\x4d\x18", 4) ||
	       bytes_match(in, 0, "\x02\x21\x4c\x18", 4);
}

static bool probe_lzo(struct bytes in)
{
	return bytes_match(in, 0, "\x89LZO\0\r\n\x1a\n", 9);
}

const struct decompressor decompressor_bzip2 = { .name = "bzip2", .probe = probe_bzip2 };
const struct decompressor decompressor_lz4 = { .name = "lz4", .probe = probe_lz4 };
const struct decompressor decompressor_lzo = { .name = "lzo", .probe = probe_lzo };
