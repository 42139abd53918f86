/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the x86 SHA extensions (Intel SDM volume 2, SHA256RNDS2).  The code uses only
 * legacy encodings, which need CR4.OSFXSR, but neither CR4.OSXSAVE nor XCR0.
 */
#include "sha256.h"

#ifdef __x86_64__
/* Without this, gcc's header includes <stdlib.h>, and there is no C library here. */
#define _MM_MALLOC_H_INCLUDED
#include <immintrin.h>

#define WITH_SHA __attribute__((target("ssse3,sse4.1,sha")))

sha256_blocks_fn sha256_blocks_ni;

static inline __m128i load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

/* Each pair of instructions waits for the pair before it.  This chain sets the time of a block. */
#define FOUR_ROUNDS(w, t)                                                                          \
	do {                                                                                       \
		__m128i sum = _mm_add_epi32(w, load(&sha256_round_constant[t]));                   \
                                                                                                   \
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                     \
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));            \
	} while (0)

/* Computes the four words after w3 and stores them in w0. */
#define SCHEDULE(w0, w1, w2, w3)                                                                   \
	(w0 = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1),                     \
						 _mm_alignr_epi8(w3, w2, 4)),                      \
				   w3))

WITH_SHA void sha256_blocks_ni(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	/* The instructions take the state as two vectors, highest word first: abef, cdgh. */
	__m128i badc = _mm_shuffle_epi32(load(state), 0xb1);
	__m128i hgfe = _mm_shuffle_epi32(load(state + 4), 0x1b);
	__m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
	__m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);

	for (; blocks; blocks--, data += SHA256_BLOCK) {
		__m128i w0 = _mm_shuffle_epi8(load(data), big_endian);
		__m128i w1 = _mm_shuffle_epi8(load(data + 16), big_endian);
		__m128i w2 = _mm_shuffle_epi8(load(data + 32), big_endian);
		__m128i w3 = _mm_shuffle_epi8(load(data + 48), big_endian);
		__m128i abef_before = abef, cdgh_before = cdgh;
		unsigned int t;

		for (t = 0;; t += 16) {
			FOUR_ROUNDS(w0, t);
			FOUR_ROUNDS(w1, t + 4);
			FOUR_ROUNDS(w2, t + 8);
			FOUR_ROUNDS(w3, t + 12);
			if (t == 48)
				break;
			SCHEDULE(w0, w1, w2, w3);
			SCHEDULE(w1, w2, w3, w0);
			SCHEDULE(w2, w3, w0, w1);
			SCHEDULE(w3, w0, w1, w2);
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}

	badc = _mm_shuffle_epi32(abef, 0x1b);
	hgfe = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(badc, hgfe, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(hgfe, badc, 8));
}
#endif
