/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of four words. */
#ifndef SHA256_WORDS_H
#define SHA256_WORDS_H

#include <stdint.h>

typedef uint32_t words __attribute__((vector_size(16)));

/* Loads bytes: with the MMU off an access must be aligned to its element size. */
static inline words load_big_endian(const uint8_t *p)
{
	words v;

	__asm__("ld1 {%0.16b}, [%1]\n\trev32 %0.16b, %0.16b"
		: "=w"(v)
		: "r"(p), "m"(*(const uint8_t(*)[16])p));
	return v;
}

#endif
