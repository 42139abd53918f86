/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests a CPU's instructions for SHA-256 with an example of FIPS 180-4, once in each stream. */
#include "sha256.h"

bool sha256_is_right(const struct sha256_engine *engine, struct sha256_batch *batch)
{
	static const uint8_t expected[SHA256_SIZE] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	struct sha256_message message[SHA256_MAX_STREAMS];
	uint8_t found[SHA256_MAX_STREAMS * SHA256_SIZE];
	size_t i, right = 0;

	for (i = 0; i < engine->streams; i++) {
		message[i].data = "abc";
		message[i].size = 3;
		message[i].digest = found + i * SHA256_SIZE;
	}
	sha256_batch_begin(batch, engine, message, engine->streams);
	while (sha256_batch_step(batch, 1))
		;
	for (i = 0; i < engine->streams * SHA256_SIZE; i++)
		right += message[i / SHA256_SIZE].digest[i % SHA256_SIZE] ==
			 expected[i % SHA256_SIZE];
	return right == i;
}
