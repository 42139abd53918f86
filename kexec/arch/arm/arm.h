/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm, 32 bits: placing a zImage and starting it. */
#ifndef ARCH_ARM_ARM_H
#define ARCH_ARM_ARM_H

#include "zimage.h"
#include "arch/arch.h"
#include "boot/tree_boot.h"

#define ARM_PAGE_SIZE 4096
#define ARM_UIMAGE 2 /* number of the arch in a uImage */
#define ARM_CMDLINE_SIZE 1023 /* COMMAND_LINE_SIZE, without the NUL */

struct machine_arm {
	const char *atags_name; /* file of the running kernel's tag list */
	struct bytes atags; /* size 0: no such file */
};

/* Places that depend on the place of the zImage. */
struct arm_kernel {
	uint64_t entry;
	uint64_t atags; /* page for the tag list, which the kernel reads before it uses the page */
	struct range
		rest; /* memory that the decompressor does not write and the kernel maps early */
};

/* Baked images in the form of a zImage. */
extern const struct bake_arch arm_bake;

/* Fills load->machine.arch, and calls tree_look().  look() of struct arch. */
int arm_look(struct ctx *ctx, struct load *load);

/*
 * Describes the running kernel for its core header.  -ERANGE: the crash kernel cannot reach
 * its reservation when it starts.
 */
int arm_describe_kdump(struct ctx *ctx, const struct load *load, struct kdump_arch *out);

/* Sets elfcorehdr= and mem=, which Linux before 5.13 needs.  crash_words() of struct boot. */
void arm_crash_words(const struct load *load, const struct boot *boot, const struct kdump *kdump,
		     struct kdump_words *words);

/*
 * Adds all but the kernel's own segment: core header, initrd, device tree or tag list, and
 * purgatory's work.  tree NULL: tag list; kdump NULL: not a crash load.
 */
int arm_plan_boot(struct ctx *ctx, const struct load *load, const struct arm_kernel *kernel,
		  const struct devicetree *tree, const struct kdump_arch *kdump, struct plan *plan);

/*
 * Makes the tag list (Linux: arch/arm/include/uapi/asm/setup.h).  It consists of the running
 * kernel's list, or of a list of RAM if there is no /proc/atags, and of initrd (empty: no
 * initrd) and command line.  -EINVAL: /proc/atags is not a tag list; -E2BIG: the list is too
 * long for its place.
 */
int arm_atags(struct ctx *ctx, const struct load *load, const char *cmdline, struct range initrd,
	      struct bytes *out);

/* Members of struct image_type (arch.h). */
int arm_zimage_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

#endif
