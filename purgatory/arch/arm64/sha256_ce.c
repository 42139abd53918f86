/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the ARMv8 instructions (Arm ARM, SHA256H).  Elements of loads are
 * bytes or words: with the MMU off an access must be aligned to its element size.
 */
#include "sha256.h"

#ifdef __aarch64__
typedef uint32_t words __attribute__((vector_size(16)));

sha256_blocks_fn sha256_blocks_ce;

static inline words load_words(const uint32_t *p)
{
	words v;

	__asm__("ld1 {%0.4s}, [%1]" : "=w"(v) : "r"(p), "m"(*(const uint32_t(*)[4])p));
	return v;
}

static inline void store_words(uint32_t *p, words v)
{
	__asm__("st1 {%1.4s}, [%2]" : "=m"(*(uint32_t(*)[4])p) : "w"(v), "r"(p));
}

static inline words load_big_endian(const uint8_t *p)
{
	words v;

	__asm__("ld1 {%0.16b}, [%1]\n\trev32 %0.16b, %0.16b"
		: "=w"(v)
		: "r"(p), "m"(*(const uint8_t(*)[16])p));
	return v;
}

#define WITH_SHA2 ".arch_extension sha2\n\t"

#define FOUR_ROUNDS(w, t)                                                                          \
	do {                                                                                       \
		words sum = w + load_words(&sha256_round_constant[t]), abcd_before = abcd;         \
                                                                                                   \
		__asm__(WITH_SHA2 "sha256h %q0, %q1, %2.4s" : "+w"(abcd) : "w"(efgh), "w"(sum));   \
		__asm__(WITH_SHA2 "sha256h2 %q0, %q1, %2.4s"                                       \
			: "+w"(efgh)                                                               \
			: "w"(abcd_before), "w"(sum));                                             \
	} while (0)

/* Computes the four words after w3 and stores them in w0. */
#define SCHEDULE(w0, w1, w2, w3)                                                                   \
	do {                                                                                       \
		__asm__(WITH_SHA2 "sha256su0 %0.4s, %1.4s" : "+w"(w0) : "w"(w1));                  \
		__asm__(WITH_SHA2 "sha256su1 %0.4s, %1.4s, %2.4s" : "+w"(w0) : "w"(w2), "w"(w3));  \
	} while (0)

void sha256_blocks_ce(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	words abcd = load_words(state), efgh = load_words(state + 4);

	for (; blocks; blocks--, data += SHA256_BLOCK) {
		words w0 = load_big_endian(data), w1 = load_big_endian(data + 16);
		words w2 = load_big_endian(data + 32), w3 = load_big_endian(data + 48);
		words abcd_start = abcd, efgh_start = efgh;
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
		abcd += abcd_start;
		efgh += efgh_start;
	}
	store_words(state, abcd);
	store_words(state + 4, efgh);
}
#endif
