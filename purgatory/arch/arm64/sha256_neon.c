/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 of four messages at a time with the vector registers that nearly every arm64 CPU has.
 * Eight rounds in a loop, because in-order CPUs spend a cycle on each copy of a vector.
 */
#ifdef __aarch64__
#include <arm_neon.h>

#include "sha256.h"
#include "sha256_words.h"

#define LANES 4
#define LANES_TARGET
#define SHA256_STREAMS sha256_streams_neon

/* Two instructions, where C would take three. */
#define rotr(x, n) ((lanes)vsriq_n_u32((uint32x4_t)((x) << (32 - (n))), (uint32x4_t)(x), n))

/* Element i of both vectors, next to each other: i is even with trn1, and odd with trn2. */
#define PAIRS(instruction, elements, x, y)                                                         \
	({                                                                                         \
		words z_;                                                                          \
		__asm__(instruction " %0." elements ", %1." elements ", %2." elements              \
			: "=w"(z_)                                                                 \
			: "w"(x), "w"(y));                                                         \
		z_;                                                                                \
	})

static inline void load_transposed(words w[16], const uint8_t *const data[], size_t at)
{
	unsigned int i;

#pragma GCC unroll 1
	for (i = 0; i < 16; i += 4) {
		words a = load_big_endian(data[0] + at + 4 * i);
		words b = load_big_endian(data[1] + at + 4 * i);
		words c = load_big_endian(data[2] + at + 4 * i);
		words d = load_big_endian(data[3] + at + 4 * i);
		words ab_even = PAIRS("trn1", "4s", a, b), ab_odd = PAIRS("trn2", "4s", a, b);
		words cd_even = PAIRS("trn1", "4s", c, d), cd_odd = PAIRS("trn2", "4s", c, d);

		w[i] = PAIRS("trn1", "2d", ab_even, cd_even);
		w[i + 1] = PAIRS("trn1", "2d", ab_odd, cd_odd);
		w[i + 2] = PAIRS("trn2", "2d", ab_even, cd_even);
		w[i + 3] = PAIRS("trn2", "2d", ab_odd, cd_odd);
	}
}

#define load_block load_transposed
#include "../../sha256_lanes.h"
#endif
