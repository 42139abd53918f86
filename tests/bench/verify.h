/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One verification by purgatory's own objects, or with -DPEER by the relocatable object
 * of kexec-tools' purgatory, whose interface is the symbols named below (a table of 16
 * regions, one digest over all of them).
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stdint.h>
#include <string.h>

#include "sha256.h"

struct method {
	const char *name;
	struct sha256_engine engine; /* not used by the peer */
};

#ifdef PEER
extern uint8_t sha256_digest[SHA256_SIZE];
extern struct {
	uint64_t start, size;
} sha256_regions[16];
extern int verify_sha256_digest(void);

static inline void expect(const void *data, size_t size)
{
	struct sha256_engine engine;
	struct sha256 sha;

	sha256_portable(&engine);
	sha256_init(&sha);
	sha256_update(&sha, &engine, data, size);
	sha256_final(&sha, &engine, sha256_digest);
	sha256_regions[0].start = (uintptr_t)data;
	sha256_regions[0].size = size;
}

/* 0: what expect() was given is intact. */
static inline int verify(const struct method *method, const void *data, size_t size)
{
	(void)method, (void)data, (void)size;
	return verify_sha256_digest();
}
#else
/* As many as kexec cuts a load into. */
#define PIECES 24

static uint8_t expected[PIECES][SHA256_SIZE];

static inline void digests(const struct sha256_engine *engine, const uint8_t *data, size_t size,
			   uint8_t out[PIECES][SHA256_SIZE])
{
	struct sha256_message piece[PIECES];
	struct sha256_batch batch;
	size_t start = 0, end, i;

	for (i = 0; i < PIECES; i++, start = end) {
		end = size * (i + 1) / PIECES;
		piece[i] = (struct sha256_message){ data + start, end - start, out[i] };
	}
	sha256_batch_begin(&batch, engine, piece, PIECES);
	while (sha256_batch_step(&batch, SIZE_MAX))
		;
}

static inline void expect(const void *data, size_t size)
{
	struct sha256_engine engine;

	sha256_portable(&engine);
	digests(&engine, data, size, expected);
}

/* 0: what expect() was given is intact. */
static inline int verify(const struct method *method, const void *data, size_t size)
{
	uint8_t found[PIECES][SHA256_SIZE];

	digests(&method->engine, data, size, found);
	return memcmp(found, expected, sizeof(found));
}
#endif

static inline void fill(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
}

#endif
