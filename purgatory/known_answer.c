/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests a CPU's instructions for SHA-256 with an example of FIPS 180-4. */
#include "purgatory.h"

bool sha256_is_right(sha256_blocks_fn *blocks)
{
	static const uint8_t expected[SHA256_SIZE] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	uint8_t found[SHA256_SIZE];
	struct sha256 ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, blocks, "abc", 3);
	sha256_final(&ctx, blocks, found);
	return memcmp(found, expected, SHA256_SIZE) == 0;
}
