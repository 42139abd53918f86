/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --bake: a load as one file that a boot loader starts like a kernel (include/bake_abi.h).  The plan
 * is made for a machine whose memory begins at 0, so that addresses are offsets in the image.
 */
#ifndef BAKE_BAKE_H
#define BAKE_BAKE_H

#include "bake_abi.h"
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

/* A baked image, all but its file. */
struct baked {
	const char *file; /* name */
	const char *format; /* as --bake-format names it */
	const char *const *starts_as; /* as in struct bake_arch */
	uint64_t file_size;
	uint64_t address; /* BAKE_ANYWHERE: at any multiple of align */
	uint64_t align;
	uint64_t memory_size;
	enum byte_order order;
	uint8_t *header; /* struct bake_header */
	struct bytes part[BAKE_MAX_PARTS]; /* contents, in the order of the header */
	size_t parts;
	/* Of an image that is to be written */
	struct bytes front; /* the file up to purgatory */
	struct bytes purgatory;
};

/*
 * Checks a baked image that is to be loaded as a kernel: header, parts and digests.  file:
 * untrusted, and purgatory_bake_skip() has found its header.  *baked points to its bytes.
 * -ENOEXEC: malformed, or for another arch; -ENOTSUP: another version; -EBADMSG: damaged.
 */
int bake_check(struct ctx *ctx, const char *name, struct bytes file, const struct arch *arch,
	       struct baked *baked);

/* The names of the formats in which boot loaders see a file of this --bake-format. */
const char *const *bake_starts_as(const struct arch *arch, const char *format);

/* Offset of a part in the memory image. */
uint64_t bake_part_offset(const struct baked *baked, size_t index);

/* Writes the key "bake" of a plan's object. */
void bake_json(const struct baked *baked, struct json *json);

/*
 * Makes the headers of the file.  *baked points to the plan's segments.  -EINVAL: --bake-address
 * names no place for the image.
 */
int bake_make(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	      const struct plan *plan, struct baked *baked);

/*
 * Writes the file: to a temporary name beside it, which is then renamed.  "-": to standard
 * output.  An error, or a signal that ends kexec, leaves an older file as it was, and no other.
 */
int bake_write(struct ctx *ctx, const struct load *load, const struct baked *baked);

#endif
