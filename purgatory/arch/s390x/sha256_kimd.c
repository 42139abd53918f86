/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the instruction that computes intermediate message digests
 * (z/Architecture, KIMD).  Its parameter is the state of SHA-256.
 */
#include "sha256.h"

#ifdef __s390x__
#define KIMD_SHA_256 2

sha256_blocks_fn sha256_blocks_kimd;

void sha256_blocks_kimd(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	register uint64_t function __asm__("r0") = KIMD_SHA_256;
	register uint32_t *parameter __asm__("r1") = state;
	register const uint8_t *address __asm__("r2") = data;
	register uint64_t length __asm__("r3") = blocks * SHA256_BLOCK;

	/* Condition code 3: partial completion, to be continued. */
	__asm__ volatile("0:	.insn rre,0xb93e0000,%%r0,%%r2\n\t"
			 "jo 0b"
			 : "+d"(address), "+d"(length)
			 : "d"(function), "a"(parameter)
			 : "cc", "memory");
}
#endif
