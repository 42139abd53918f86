/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest arm64 and riscv Image and uImage whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_IMAGE_H
#define TESTS_MAKE_IMAGE_H

#include "kexec/core/bytes.h"

#define MADE_IMAGE_SIZE 0x400
#define MADE_IMAGE_MEMORY 0x20000
#define MADE_UIMAGE_SIZE (64 + MADE_IMAGE_SIZE)

static inline void make_arm64_image(uint8_t *f)
{
	memset(f, 0x5a, MADE_IMAGE_SIZE);
	memset(f, 0, 64);
	put_le32(f, 0xfa405a4d);
	put_le64(f + 0x10, MADE_IMAGE_MEMORY);
	put_le64(f + 0x18, 0xa); /* pages of 4 KiB, anywhere */
	memcpy(f + 0x38, "ARM\x64", 4);
}

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
