/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) of LANES messages at a time, one in each 32-bit element of a vector.  The
 * including file defines LANES, SHA256_STREAMS, the name of the function, and LANES_TARGET, its
 * attributes.
 *
 * One round in a loop: more rounds are not faster, because the copies between registers cost
 * nothing, and purgatory has to be small.
 */
#include "sha256.h"

#define INLINE LANES_TARGET static inline __attribute__((always_inline))

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

sha256_streams_fn SHA256_STREAMS;

INLINE lanes rotr(lanes x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

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

INLINE lanes schedule(const lanes w[16], unsigned int t)
{
	lanes w2 = w[(t - 2) % 16], w15 = w[(t - 15) % 16];

	return w[t % 16] + w[(t - 7) % 16] + (rotr(w2, 17) ^ rotr(w2, 19) ^ w2 >> 10) +
	       (rotr(w15, 7) ^ rotr(w15, 18) ^ w15 >> 3);
}

/* Element `lane` of vector i. */
INLINE uint32_t *element(lanes v[8], unsigned int i, unsigned int lane)
{
	return (uint32_t *)v + i * LANES + lane;
}

LANES_TARGET void SHA256_STREAMS(uint32_t *const state[], const uint8_t *const data[],
				 size_t blocks)
{
	lanes sum[8], w[16];
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

#pragma GCC unroll 1
		for (t = 0; t < 64; t++) {
			lanes t1;

			w[t % 16] = t < 16 ? load_words(data, at + 4 * t) : schedule(w, t);
			t1 = h + w[t % 16] + sha256_round_constant[t] + (g ^ (e & (f ^ g))) +
			     (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25));
			h = g;
			g = f;
			f = e;
			e = d + t1;
			t1 += (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (b ^ ((a ^ b) & (b ^ c)));
			d = c;
			c = b;
			b = a;
			a = t1;
		}
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
