/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of arm (32 bits) share: placing a zImage and starting it. */
#ifndef ARCH_ARM_ARM_H
#define ARCH_ARM_ARM_H

#include "boot/boot.h"
#include "zimage.h"

#define ARM_PAGE_SIZE 4096
#define ARM_UIMAGE 2 /* number of the arch in a uImage */
#define ARM_CMDLINE_SIZE 1023 /* COMMAND_LINE_SIZE, without the NUL */

/* Where a zImage goes, and what that leaves to others. */
struct arm_kernel {
	uint64_t entry;
	uint64_t atags; /* page that the kernel does not touch before it has read it */
	struct range rest; /* not written by the decompressor, and mapped early by the kernel */
	const struct devicetree *tree; /* for it; NULL: it is given a tag list */
};

/*
 * A crash load's own segment and words.  Sets elfcorehdr and usable memory in changes,
 * and *cmdline, which may be NULL before, to the line with the words added.
 */
int arm_plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   struct plan *plan, const char **cmdline, struct devicetree_changes *changes);

/* Adds initrd, device tree or tag list, and what purgatory is to do. */
int arm_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, const struct arm_kernel *kernel,
		   struct devicetree_changes *changes, struct plan *plan);

/*
 * The tag list (Linux: arch/arm/include/uapi/asm/setup.h): the running kernel's, or one
 * that tells RAM, with the initrd (size 0: none) and the command line in place of its own.
 * -EINVAL: /proc/atags is no tag list; -E2BIG: it is too long for its place.
 */
int arm_atags(struct ctx *ctx, const struct machine *machine, const char *cmdline,
	      struct range initrd, struct bytes *out);

/* Of struct image_type (arch.h). */
int arm_zimage_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, struct plan *plan);

#endif
