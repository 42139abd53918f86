/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the x86 SHA extensions (Intel SDM volume 2, SHA256RNDS2), two messages at a time:
 * the instructions of a message wait for each other, those of two messages do not.  The code
 * uses only legacy encodings, which need CR4.OSFXSR, but neither CR4.OSXSAVE nor XCR0.
 *
 * Assembly, because two messages just fit into the registers, and gcc spills some of them.
 */
#include "sha256.h"

#if defined(__x86_64__) || defined(__i386__)
#define WITH_SHA __attribute__((target("ssse3,sse4.1,sha")))
#define INLINE WITH_SHA static inline __attribute__((always_inline))

typedef uint32_t words __attribute__((vector_size(16), may_alias));

struct message {
	/* The instructions take the state as two vectors, highest word first. */
	words abef, cdgh;
	words w[4];
};

sha256_streams_fn sha256_streams_ni;

INLINE words load(const void *p)
{
	words v;

	__asm__("movdqu %1, %0" : "=x"(v) : "m"(*(const uint8_t(*)[16])p));
	return v;
}

INLINE words load_big_endian(const uint8_t *p)
{
	static const uint8_t order[16] __attribute__((aligned(16))) = {
		3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
	};
	words v = load(p);

	__asm__("pshufb %1, %0" : "+x"(v) : "m"(order));
	return v;
}

INLINE void load_state(struct message *m, const uint32_t state[8])
{
	m->abef = (words){ state[5], state[4], state[1], state[0] };
	m->cdgh = (words){ state[7], state[6], state[3], state[2] };
}

INLINE void store_state(const struct message *m, uint32_t state[8])
{
	size_t i;

	for (i = 0; i < 2; i++) {
		state[i] = m->abef[3 - i];
		state[2 + i] = m->cdgh[3 - i];
		state[4 + i] = m->abef[1 - i];
		state[6 + i] = m->cdgh[1 - i];
	}
}

INLINE void load_block(struct message *m, const uint8_t *data)
{
	m->w[0] = load_big_endian(data);
	m->w[1] = load_big_endian(data + 16);
	m->w[2] = load_big_endian(data + 32);
	m->w[3] = load_big_endian(data + 48);
}

INLINE void four_rounds(struct message *m, unsigned int i, const uint32_t *k)
{
	__asm__("movdqu %3, %%xmm0\n\t"
		"paddd %2, %%xmm0\n\t"
		"sha256rnds2 %%xmm0, %1, %0\n\t"
		"pshufd $0x0e, %%xmm0, %%xmm0\n\t"
		"sha256rnds2 %%xmm0, %0, %1"
		: "+x"(m->cdgh), "+x"(m->abef)
		: "x"(m->w[i]), "m"(*(const uint32_t(*)[4])k)
		: "xmm0");
}

/* Computes the four words of the message that are 16 after those in w[i]. */
INLINE void schedule(struct message *m, unsigned int i)
{
	__asm__("sha256msg1 %1, %0\n\t"
		"movdqa %3, %%xmm0\n\t"
		"palignr $4, %2, %%xmm0\n\t"
		"paddd %%xmm0, %0\n\t"
		"sha256msg2 %3, %0"
		: "+x"(m->w[i])
		: "x"(m->w[(i + 1) % 4]), "x"(m->w[(i + 2) % 4]), "x"(m->w[(i + 3) % 4])
		: "xmm0");
}

#define BOTH(function, ...) (function(&a, __VA_ARGS__), function(&b, __VA_ARGS__))

WITH_SHA void sha256_streams_ni(uint32_t *const state[], const uint8_t *const data[], size_t blocks)
{
	struct message a, b;
	words start[4];
	size_t at;
	unsigned int t;

	load_state(&a, state[0]);
	load_state(&b, state[1]);
	start[0] = a.abef;
	start[1] = a.cdgh;
	start[2] = b.abef;
	start[3] = b.cdgh;
	for (at = 0; at < blocks * SHA256_BLOCK; at += SHA256_BLOCK) {
		/* In memory: every register is needed. */
		__asm__("" : "+m"(start));
		load_block(&a, data[0] + at);
		load_block(&b, data[1] + at);
		for (t = 0;; t += 16) {
			BOTH(four_rounds, 0, sha256_round_constant + t);
			BOTH(four_rounds, 1, sha256_round_constant + t + 4);
			BOTH(four_rounds, 2, sha256_round_constant + t + 8);
			BOTH(four_rounds, 3, sha256_round_constant + t + 12);
			if (t == 48)
				break;
			BOTH(schedule, 0);
			BOTH(schedule, 1);
			BOTH(schedule, 2);
			BOTH(schedule, 3);
		}
		a.abef = start[0] += a.abef;
		a.cdgh = start[1] += a.cdgh;
		b.abef = start[2] += b.abef;
		b.cdgh = start[3] += b.cdgh;
	}
	store_state(&a, state[0]);
	store_state(&b, state[1]);
}
#endif
