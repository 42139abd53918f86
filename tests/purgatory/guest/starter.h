/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a starter is given.  Addresses are physical. */
#ifndef STARTER_H
#define STARTER_H

#include <stddef.h>
#include <stdint.h>

#include "purgatory_abi.h"

struct start {
	const uint8_t *purgatory; /* the bytes of purgatory-ARCH.bin */
	uint8_t *place; /* free memory, aligned, where purgatory runs */
	size_t room; /* bytes there */
	uint64_t kernel, size; /* the loaded bytes that must be intact */
	const uint8_t *digest; /* their SHA-256, computed where the kernel was built */
	uint64_t entry; /* of the kernel */
	uint64_t argument; /* for the kernel: device tree, boot parameters, ... */
	uint64_t cpu; /* number of this CPU, if the kernel wants it */
};

/* Returns only if there is no purgatory of this machine, or the place does not suit it. */
void start_verified(const struct start *s);

/* The firmware's own */
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void sha256(const void *data, size_t size, uint8_t digest[PURGATORY_DIGEST_SIZE]);

#endif
