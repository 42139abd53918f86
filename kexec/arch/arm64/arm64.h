/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the arm64 image types share: placing an Image and starting it. */
#ifndef ARCH_ARM64_ARM64_H
#define ARCH_ARM64_ARM64_H

#include "arm64_image.h"
#include "boot/boot.h"

/*
 * Segments must be whole pages of the running kernel, of 4, 16 or 64 KiB.  Multiples of
 * the largest are whole pages in each, and cost next to nothing.
 */
#define ARM64_PAGE_SIZE 0x10000

/* Initrd and image have to lie within so much that starts at a multiple of 1 GiB. */
#define ARM64_GIB (1ull << 30)
#define ARM64_INITRD_WINDOW (32 * ARM64_GIB)

#define ARM64_UIMAGE 22 /* number of the arch in a uImage */
#define ARM64_CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE, without the NUL */

/*
 * Behind the kernel's own segment, at kernel: initrd, device tree, and what purgatory is to
 * do.
 */
int arm64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct linux_image *header,
		     struct range kernel, const struct devicetree *tree, struct plan *plan);

/* Of struct image_type (arch.h). */
int arm64_vmlinux_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct plan *plan);
int arm64_image_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, struct plan *plan);
int arm64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
