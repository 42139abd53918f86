/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppc64, both byte orders: placing a vmlinux and starting it. */
#ifndef ARCH_PPC64_PPC64_H
#define ARCH_PPC64_PPC64_H

#include "arch/arch.h"
#include "ppc_zimage.h"
#include "boot/tree_boot.h"
#include "ppc64_machine.h"
#include "ppc64_tree.h"

#define PPC64_UIMAGE 7 /* number of the arch in a uImage */
#define PPC64_CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE, without the NUL */

/* A vmlinux as one run of bytes, with all its segments. */
struct ppc64_kernel {
	struct bytes bytes;
	uint64_t memory_size;
	uint64_t align;
	enum byte_order order;
	bool stays; /* CONFIG_RELOCATABLE: runs where it is loaded if its word run_at_load is 1 */
};

/* Offset of the 32-bit word run_at_load. */
#define PPC64_RUN_AT_LOAD 0x5c

/* -ENOEXEC: not a ppc64 kernel. */
int ppc64_kernel_parse(struct ctx *ctx, struct bytes bytes, struct ppc64_kernel *out);

/* Baked images in the form of a vmlinux. */
extern const struct bake_arch ppc64_bake;

/* Reads the trees and the initrd to keep into load.  look() of struct arch. */
int ppc64_look(struct ctx *ctx, struct load *load);

/*
 * Adds all but the kernel's own segment: core header, initrd, device tree, and purgatory's
 * work.  start: address of the kernel's segment.
 */
int ppc64_plan_boot(struct ctx *ctx, const struct load *load, struct ppc64_kernel *kernel,
		    uint64_t start, struct plan *plan);

/*
 * Makes the device tree of the next kernel.  describe() of struct boot, whose kernel is a
 * struct ppc64_kernel.
 */
int ppc64_describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		   const struct boot_info *info, struct bytes *out);

/* Members of struct image_type (arch.h). */
int ppc64_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
/* file_check() for a running kernel of the given order: it loads only kernels of its own order. */
int ppc64_file_check(struct bytes bytes, enum byte_order order, uint64_t *cmdline_size,
		     struct err *err);

#endif
