/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rounds of SHA-256 (FIPS 180-4).  The including file defines SHA256_BLOCKS, the
 * name of the function, and big_sigma0(), big_sigma1(), small_sigma0(), small_sigma1().  With
 * SHA256_SMALL the code has less than a third of the bytes, and takes a third more time.
 */
#include "sha256.h"

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#ifndef SHA256_SMALL
/* Computes message word t, from 16 up, and stores it in the place of word t - 16. */
static inline uint32_t schedule(uint32_t w[16], unsigned int t)
{
	return w[t & 15] += small_sigma1(w[(t - 2) & 15]) + w[(t - 7) & 15] +
			    small_sigma0(w[(t - 15) & 15]);
}
#endif

/*
 * One round.  The callers rotate the names of the variables, not their values.
 * The majority of a, b, c is b unless b differs from both.  a ^ b of this round
 * is b ^ c of the next round.
 */
#define ROUND(a, b, c, d, e, f, g, h, k, w)                                                        \
	do {                                                                                       \
		uint32_t t1 = (k) + h + (w) + (g ^ (e & (f ^ g))) + big_sigma1(e);                 \
		uint32_t ab = a ^ b;                                                               \
                                                                                                   \
		d += t1;                                                                           \
		h = t1 + big_sigma0(a) + (b ^ (bc & ab));                                          \
		bc = ab;                                                                           \
	} while (0)

/* Eight rounds from t + i.  A constant i gives constant indexes of w[]. */
#define K sha256_round_constant
#define EIGHT_ROUNDS(i, word)                                                                      \
	do {                                                                                       \
		ROUND(a, b, c, d, e, f, g, h, K[t + (i) + 0], word((i) + 0));                      \
		ROUND(h, a, b, c, d, e, f, g, K[t + (i) + 1], word((i) + 1));                      \
		ROUND(g, h, a, b, c, d, e, f, K[t + (i) + 2], word((i) + 2));                      \
		ROUND(f, g, h, a, b, c, d, e, K[t + (i) + 3], word((i) + 3));                      \
		ROUND(e, f, g, h, a, b, c, d, K[t + (i) + 4], word((i) + 4));                      \
		ROUND(d, e, f, g, h, a, b, c, K[t + (i) + 5], word((i) + 5));                      \
		ROUND(c, d, e, f, g, h, a, b, K[t + (i) + 6], word((i) + 6));                      \
		ROUND(b, c, d, e, f, g, h, a, K[t + (i) + 7], word((i) + 7));                      \
	} while (0)

#ifdef SHA256_SMALL
#define WORDS 64
#define ANY_WORD(i) w[t + (i)]
#else
#define WORDS 16
#define FIRST_WORD(i) (w[t + (i)] = load_be32(data + 4 * (t + (i))))
#define LATER_WORD(i) schedule(w, i)
#endif

sha256_blocks_fn SHA256_BLOCKS;

void SHA256_BLOCKS(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	for (; blocks; blocks--, data += SHA256_BLOCK) {
		uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
		uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
		uint32_t bc = b ^ c;
		uint32_t w[WORDS];
		unsigned int t;

#ifdef SHA256_SMALL
		for (t = 0; t < 16; t++)
			w[t] = load_be32(data + 4 * t);
#pragma GCC unroll 1
		for (; t < 64; t++)
			w[t] = small_sigma1(w[t - 2]) + w[t - 7] + small_sigma0(w[t - 15]) +
			       w[t - 16];
		for (t = 0; t < 64; t += 8)
			EIGHT_ROUNDS(0, ANY_WORD);
#else
		for (t = 0; t < 16; t += 8)
			EIGHT_ROUNDS(0, FIRST_WORD);
		for (; t < 64; t += 16) {
			EIGHT_ROUNDS(0, LATER_WORD);
			EIGHT_ROUNDS(8, LATER_WORD);
		}
#endif
		state[0] += a;
		state[1] += b;
		state[2] += c;
		state[3] += d;
		state[4] += e;
		state[5] += f;
		state[6] += g;
		state[7] += h;
	}
}
