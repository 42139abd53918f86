/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 on the CPU that kexec runs on. */
#ifndef IMAGE_DIGEST_H
#define IMAGE_DIGEST_H

#include "sha256.h"

/* Chooses the fastest engine of this CPU that computes an example right. */
void sha256_fastest(struct sha256_engine *engine);

#endif
