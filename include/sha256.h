/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4).  The kexec tool and purgatory compile the same sources:
 * freestanding, without state outside the caller's struct.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_BLOCK 64

/* Updates the state with `blocks` blocks of 64 bytes at `data`. */
typedef void sha256_blocks_fn(uint32_t state[8], const uint8_t *data, size_t blocks);

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes hashed so far */
	uint8_t partial[SHA256_BLOCK];
};

/* The 64 words K of FIPS 180-4. */
extern const uint32_t sha256_round_constant[64];

/* Portable C. */
sha256_blocks_fn sha256_blocks_generic;

/*
 * Returns the function that uses the CPU's own instructions for SHA-256.  NULL: this CPU has
 * no such instructions.  Purgatory makes the vector registers usable before it calls the
 * function.
 */
sha256_blocks_fn *sha256_accelerated(void);

void sha256_init(struct sha256 *ctx);
void sha256_update(struct sha256 *ctx, sha256_blocks_fn *blocks, const void *data, size_t size);
void sha256_final(struct sha256 *ctx, sha256_blocks_fn *blocks, uint8_t digest[SHA256_SIZE]);

#endif
