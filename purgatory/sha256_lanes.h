/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) of LANES messages at a time, one in each 32-bit element of a vector.  The
 * including file defines LANES, SHA256_STREAMS, the name of the function, and LANES_TARGET, its
 * attributes.  It may define rotr(), if its CPUs have better instructions, and load_block().
 *
 * One round in a loop: more rounds are not faster where the copies between registers cost nothing,
 * and purgatory has to be small.  With load_block(w, data, at), which sets the first 16 words of
 * w[80], a loop has eight rounds.
 */
#include "sha256.h"

#define INLINE LANES_TARGET static inline __attribute__((always_inline))

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

sha256_streams_fn SHA256_STREAMS;

#ifndef rotr
#define rotr(x, n) ((x) >> (n) | (x) << (32 - (n)))
#endif

#ifdef load_block
#define WORDS 80
#else
#define WORDS 16

INLINE uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

INLINE lanes load_words(const uint8_t *const data[], size_t at)
{
#define WORD(i) load_be32(data[i] + at)
#if LANES == 8
	return (lanes){ WORD(0), WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7) };
#else
	return (lanes){ WORD(0), WORD(1), WORD(2), WORD(3) };
#endif
#undef WORD
}

#endif

/* The message word that is 16 after w0. */
INLINE lanes schedule(lanes w0, lanes w1, lanes w9, lanes w14)
{
	return w0 + w9 + (rotr(w14, 17) ^ rotr(w14, 19) ^ w14 >> 10) +
	       (rotr(w1, 7) ^ rotr(w1, 18) ^ w1 >> 3);
}

/* The new e waits for little else than the sum of the old e's rotations. */
#define ROUND(word, k)                                                                             \
	do {                                                                                       \
		lanes sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);                               \
		lanes t1 = h + ((word) + (k)) + (g ^ (e & (f ^ g)));                               \
                                                                                                   \
		h = g;                                                                             \
		g = f;                                                                             \
		f = e;                                                                             \
		e = d + t1 + sum1;                                                                 \
		t1 += sum1 + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (b ^ ((a ^ b) & (b ^ c))); \
		d = c;                                                                             \
		c = b;                                                                             \
		b = a;                                                                             \
		a = t1;                                                                            \
	} while (0)

/* Element `lane` of vector i. */
INLINE uint32_t *element(lanes v[8], unsigned int i, unsigned int lane)
{
	return (uint32_t *)v + i * LANES + lane;
}

LANES_TARGET void SHA256_STREAMS(uint32_t *const state[], const uint8_t *const data[],
				 size_t blocks)
{
	lanes sum[8], w[WORDS];
	unsigned int lane, i, t;
	size_t at;

#pragma GCC unroll 1
	for (lane = 0; lane < LANES; lane++)
#pragma GCC unroll 1
		for (i = 0; i < 8; i++)
			*element(sum, i, lane) = state[lane][i];
	for (at = 0; at < blocks * SHA256_BLOCK; at += SHA256_BLOCK) {
		lanes a = sum[0], b = sum[1], c = sum[2], d = sum[3];
		lanes e = sum[4], f = sum[5], g = sum[6], h = sum[7];

#ifdef load_block
		load_block(w, data, at);
#pragma GCC unroll 1
		for (t = 0; t < 64; t += 8) {
#pragma GCC unroll 8
			for (i = t; i < t + 8; i++) {
				ROUND(w[i], sha256_round_constant[i]);
				/* Without a condition for the last 16 the compiler mixes them. */
				w[i + 16] = schedule(w[i], w[i + 1], w[i + 9], w[i + 14]);
			}
		}
#else
#pragma GCC unroll 1
		for (t = 0; t < 64; t++) {
			w[t % 16] = t < 16 ? load_words(data, at + 4 * t)
					   : schedule(w[t % 16], w[(t + 1) % 16], w[(t + 9) % 16],
						      w[(t + 14) % 16]);
			ROUND(w[t % 16], sha256_round_constant[t]);
		}
#endif
		sum[0] += a;
		sum[1] += b;
		sum[2] += c;
		sum[3] += d;
		sum[4] += e;
		sum[5] += f;
		sum[6] += g;
		sum[7] += h;
	}
#pragma GCC unroll 1
	for (lane = 0; lane < LANES; lane++)
#pragma GCC unroll 1
		for (i = 0; i < 8; i++)
			state[lane][i] = *element(sum, i, lane);
}
