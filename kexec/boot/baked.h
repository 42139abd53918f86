/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a plan for a baked image (include/bake_abi.h) that is loaded as a kernel, for arches
 * where it does not start at its first byte, or not at every place of a kernel.
 */
#ifndef BOOT_BAKED_H
#define BOOT_BAKED_H

#include "plan/load.h"
#include "plan/plan.h"

struct baked_kernel {
	struct bytes image; /* the memory image */
	uint64_t image_memory; /* bytes that it occupies */
	uint64_t align; /* of its address */
	uint64_t address; /* where it must lie; BAKE_ANYWHERE: at any multiple of align */
	uint64_t entry; /* offset in the image */
	struct bytes bytes; /* the kernel in it */
	uint64_t memory_size; /* of that kernel */
};

/* Cheap, sets no error. */
bool baked_probe(struct bytes file);

/* Reads the header of load->image, a baked image that bake_check() has checked.  order: the arch's. */
void baked_read(const struct load *load, enum byte_order order, struct baked_kernel *out);

/*
 * Adds the image as the plan's kernel.  placement: limits.  *entry: its address.  -ENOEXEC: a crash
 * load, because the words that a crash kernel needs would not reach it.
 */
int baked_place(struct ctx *ctx, const struct load *load, const struct baked_kernel *kernel,
		const struct placement *placement, struct plan *plan, uint64_t *entry);

#endif
