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
	sha256_blocks_fn *blocks; /* not used by the peer */
};

static inline void digest(sha256_blocks_fn *blocks, const void *data, size_t size, uint8_t *out)
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, blocks, data, size);
	sha256_final(&sha, blocks, out);
}

#ifdef PEER
extern uint8_t sha256_digest[SHA256_SIZE];
extern struct {
	uint64_t start, size;
} sha256_regions[16];
extern int verify_sha256_digest(void);

static inline void expect(const void *data, size_t size)
{
	digest(sha256_blocks_generic, data, size, sha256_digest);
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
static uint8_t expected[SHA256_SIZE];

static inline void expect(const void *data, size_t size)
{
	digest(sha256_blocks_generic, data, size, expected);
}

/* 0: what expect() was given is intact. */
static inline int verify(const struct method *method, const void *data, size_t size)
{
	uint8_t found[SHA256_SIZE];

	digest(method->blocks, data, size, found);
	return memcmp(found, expected, sizeof(found));
}
#endif

static inline void fill(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
}

#endif
