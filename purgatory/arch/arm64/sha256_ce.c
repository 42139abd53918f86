/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the ARMv8 instructions (Arm ARM, SHA256H), two messages at a time: the
 * instructions of a message wait for each other, those of two messages do not.
 */
#include "sha256.h"

#ifdef __aarch64__
#include "sha256_words.h"

sha256_streams_fn sha256_streams_ce;

struct message {
	words abcd, efgh;
	words w[4];
};

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

#define WITH_SHA2 ".arch_extension sha2\n\t"

static inline void load_block(struct message *m, const uint8_t *data)
{
	m->w[0] = load_big_endian(data);
	m->w[1] = load_big_endian(data + 16);
	m->w[2] = load_big_endian(data + 32);
	m->w[3] = load_big_endian(data + 48);
}

static inline void four_rounds(struct message *m, unsigned int i, words k)
{
	words sum = m->w[i] + k, abcd_before = m->abcd;

	__asm__(WITH_SHA2 "sha256h %q0, %q1, %2.4s" : "+w"(m->abcd) : "w"(m->efgh), "w"(sum));
	__asm__(WITH_SHA2 "sha256h2 %q0, %q1, %2.4s" : "+w"(m->efgh) : "w"(abcd_before), "w"(sum));
}

/* Computes the four words of the message that are 16 after those in w[i]. */
static inline void schedule(struct message *m, unsigned int i)
{
	__asm__(WITH_SHA2 "sha256su0 %0.4s, %1.4s" : "+w"(m->w[i]) : "w"(m->w[(i + 1) % 4]));
	__asm__(WITH_SHA2 "sha256su1 %0.4s, %1.4s, %2.4s"
		: "+w"(m->w[i])
		: "w"(m->w[(i + 2) % 4]), "w"(m->w[(i + 3) % 4]));
}

static inline void both_four_rounds(struct message *a, struct message *b, unsigned int i,
				    const uint32_t *constant)
{
	words k = load_words(constant);

	four_rounds(a, i, k);
	four_rounds(b, i, k);
}

static inline void both_schedule(struct message *a, struct message *b, unsigned int i)
{
	schedule(a, i);
	schedule(b, i);
}

void sha256_streams_ce(uint32_t *const state[], const uint8_t *const data[], size_t blocks)
{
	struct message a = { load_words(state[0]), load_words(state[0] + 4), { { 0 } } };
	struct message b = { load_words(state[1]), load_words(state[1] + 4), { { 0 } } };
	size_t at;

	for (at = 0; at < blocks * SHA256_BLOCK; at += SHA256_BLOCK) {
		words start[4] = { a.abcd, a.efgh, b.abcd, b.efgh };
		unsigned int t;

		load_block(&a, data[0] + at);
		load_block(&b, data[1] + at);
		for (t = 0;; t += 16) {
			both_four_rounds(&a, &b, 0, sha256_round_constant + t);
			both_four_rounds(&a, &b, 1, sha256_round_constant + t + 4);
			both_four_rounds(&a, &b, 2, sha256_round_constant + t + 8);
			both_four_rounds(&a, &b, 3, sha256_round_constant + t + 12);
			if (t == 48)
				break;
			both_schedule(&a, &b, 0);
			both_schedule(&a, &b, 1);
			both_schedule(&a, &b, 2);
			both_schedule(&a, &b, 3);
		}
		a.abcd += start[0];
		a.efgh += start[1];
		b.abcd += start[2];
		b.efgh += start[3];
	}
	store_words(state[0], a.abcd);
	store_words(state[0] + 4, a.efgh);
	store_words(state[1], b.abcd);
	store_words(state[1] + 4, b.efgh);
}
#endif
