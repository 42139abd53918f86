/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes of the smallest Image and uImage that tests make, and a uImage's checksums. */
#ifndef TESTS_MAKE_IMAGE_H
#define TESTS_MAKE_IMAGE_H

#include "kexec/core/bytes.h"

#define MADE_IMAGE_SIZE 0x400
#define MADE_IMAGE_MEMORY 0x20000
#define MADE_UIMAGE_SIZE (64 + MADE_IMAGE_SIZE)

/* By the definition, bit for bit. */
static inline uint32_t made_crc32(const uint8_t *data, size_t size)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static inline void made_uimage_seal(uint8_t *f, uint32_t size)
{
	put_le32(f + 12, __builtin_bswap32(size));
	put_le32(f + 24, __builtin_bswap32(made_crc32(f + 64, size)));
	put_le32(f + 4, 0);
	put_le32(f + 4, __builtin_bswap32(made_crc32(f, 64)));
}

#endif
