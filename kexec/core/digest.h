/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 on the CPU that kexec runs on. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "sha256.h"

/* The fastest code that this CPU can run: sha256_accelerated(), or else the portable code. */
static inline sha256_blocks_fn *sha256_fastest(void)
{
	sha256_blocks_fn *blocks = sha256_accelerated();

	return blocks ? blocks : sha256_blocks_generic;
}

#endif
