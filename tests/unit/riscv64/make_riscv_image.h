/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest Image whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_RISCV_IMAGE_H
#define TESTS_MAKE_RISCV_IMAGE_H

#include "make_image.h"

static inline void make_riscv_image(uint8_t *f)
{
	memset(f, 0x5a, MADE_IMAGE_SIZE);
	memset(f, 0, 64);
	put_le32(f, 0x106f5a4d);
	put_le64(f + 0x08, 0x200000);
	put_le64(f + 0x10, MADE_IMAGE_MEMORY);
	put_le32(f + 0x20, 2); /* version 0.2 */
	memcpy(f + 0x30, "RISCV", 5);
	memcpy(f + 0x38, "RSC\x05", 4);
}

#endif
