/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest kernel whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_LOONGARCH64_IMAGE_H
#define TESTS_MAKE_LOONGARCH64_IMAGE_H

#include "make_image.h"

#define MADE_PE_MACHINE 0x44 /* offset */
#define MADE_LOAD 0x200000 /* address that it is linked for */
#define MADE_ENTRY 0x200 /* distance from its first byte */

static inline void make_loongarch64_image(uint8_t *f)
{
	memset(f, 0x5a, MADE_IMAGE_SIZE);
	memset(f, 0, 0x40 + 24 + 240);
	memcpy(f, "MZ", 2);
	put_le64(f + 0x08, MADE_LOAD + MADE_ENTRY);
	put_le64(f + 0x10, MADE_IMAGE_MEMORY);
	put_le64(f + 0x18, MADE_LOAD);
	put_le32(f + 0x38, 0x818223cd);
	put_le32(f + 0x3c, 0x40);
	memcpy(f + 0x40, "PE\0", 4);
	put_le16(f + MADE_PE_MACHINE, 0x6264);
	put_le16(f + 0x40 + 20, 240);
	put_le16(f + 0x40 + 24, 0x20b);
	put_le32(f + 0x40 + 24 + 56, MADE_IMAGE_MEMORY); /* SizeOfImage */
	put_le32(f + 0x40 + 24 + 108, 16);
}

#endif
