/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest zImage whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_ZIMAGE_H
#define TESTS_MAKE_ZIMAGE_H

#include "kexec/core/bytes.h"

#define MADE_ZIMAGE_SIZE 0x200
#define MADE_ZIMAGE_TABLE 0x80 /* an unknown entry of 3 words, then the sizes */
#define MADE_ZIMAGE_SIZES (MADE_ZIMAGE_TABLE + 12)
#define MADE_ZIMAGE_SIZE_AT 0x1f3 /* where the size of the kernel is */

static inline void make_zimage(uint8_t *f)
{
	static const uint32_t table[] = {
		3, 0x12345678, 0, 6, 0x5a534c4b, MADE_ZIMAGE_SIZE_AT, 0x5e4d4, 0x208000, 0x10000, 0,
	};

	memset(f, 0x5a, MADE_ZIMAGE_SIZE);
	put_le32(f + 0x24, 0x016f2818);
	put_le32(f + 0x28, 0);
	put_le32(f + 0x2c, MADE_ZIMAGE_SIZE);
	put_le32(f + 0x30, 0x04030201);
	put_le32(f + 0x34, 0x45454545);
	put_le32(f + 0x38, MADE_ZIMAGE_TABLE);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		put_le32(f + MADE_ZIMAGE_TABLE + 4 * i, table[i]);
	put_le32(f + MADE_ZIMAGE_SIZE_AT, 0x13a10b4);
}

#endif
