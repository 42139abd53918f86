/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest Image and uImage whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_ARM64_IMAGE_H
#define TESTS_MAKE_ARM64_IMAGE_H

#include "make_image.h"

static inline void make_arm64_image(uint8_t *f)
{
	memset(f, 0x5a, MADE_IMAGE_SIZE);
	memset(f, 0, 64);
	put_le32(f, 0xfa405a4d);
	put_le64(f + 0x10, MADE_IMAGE_MEMORY);
	put_le64(f + 0x18, 0xa); /* pages of 4 KiB, anywhere */
	memcpy(f + 0x38, "ARM\x64", 4);
}

/* Of Linux for arm64, not compressed. */
static inline void make_uimage(uint8_t *f)
{
	memset(f, 0, 64);
	put_le32(f, __builtin_bswap32(0x27051956));
	f[28] = 5;
	f[29] = 22;
	f[30] = 2;
	memcpy(f + 32, "made", 4);
	make_arm64_image(f + 64);
	made_uimage_seal(f, MADE_IMAGE_SIZE);
}

#endif
