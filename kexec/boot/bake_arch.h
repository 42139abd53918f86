/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a baked image (include/bake_abi.h) that depends on the arch. */
#ifndef BOOT_BAKE_ARCH_H
#define BOOT_BAKE_ARCH_H

#include "core/ctx.h"

struct plan;

/* A baked image whose header of the machine's kernel format is not complete yet. */
struct bake_front {
	uint8_t *file; /* the file's first bytes, up to purgatory */
	uint8_t *image; /* in it: the start of the memory image */
	const struct plan *plan; /* its segments are the parts */
	uint64_t address; /* where the image must lie; BAKE_ANYWHERE: at any multiple */
	uint64_t image_size, memory_size; /* as in struct bake_header */
};

struct bake_arch {
	uint64_t memory_end; /* the image ends at or below this address */
	uint64_t handover_size; /* bytes of the part in which the start code makes the boot data */
	const char *const *starts_as; /* formats in which boot loaders see it, NULL-terminated */
	/*
	 * Writes the sizes into the header of the machine's kernel format.  -EFBIG: a field of that
	 * header is too small.
	 */
	int (*finish)(struct ctx *ctx, const struct bake_front *front);
};

#endif
