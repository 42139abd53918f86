/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --bake: a load as one file that a boot loader starts like a kernel (include/bake_abi.h).  The plan
 * is made for a machine whose memory begins at 0, so that addresses are offsets in the image.
 */
#ifndef BAKE_BAKE_H
#define BAKE_BAKE_H

#include "plan/load.h"
#include "plan/plan.h"
#include "relocate/relocate.h"

/*
 * Sets the facts about the machine, which is unknown: memory, and no device tree.  -ENOTSUP: the
 * arch has no baked images.
 */
int bake_look(struct ctx *ctx, struct load *load);

/*
 * Before the kernel is placed: leaves memory for start code and purgatory at 0, and for the
 * smaller parts before the kernel.  -ENOTSUP: no start code for this arch.
 */
int bake_begin(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	       struct plan *plan);

/* After the kernel was planned: adds the command line, and gives purgatory its place. */
int bake_end(struct ctx *ctx, const struct load *load, struct plan *plan);

/*
 * Checks a baked image that is to be loaded as a kernel: header, parts and digests.  file:
 * untrusted, and purgatory_bake_skip() has found its header.  -ENOEXEC: malformed, or for another
 * arch; -ENOTSUP: another version; -EBADMSG: damaged.
 */
int bake_check(struct ctx *ctx, const char *name, struct bytes file, const struct arch *arch);

/* Facts about the file, for the message. */
struct baked {
	uint64_t file_size;
	uint64_t memory_size;
	uint64_t align;
};

/*
 * Writes the file: to a temporary name beside it, which is then renamed.  "-": to standard
 * output.  An error leaves an older file as it was.
 */
int bake_write(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	       const struct plan *plan, struct baked *out);

#endif
