/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the riscv64 image types share. */
#ifndef ARCH_RISCV64_RISCV64_H
#define ARCH_RISCV64_RISCV64_H

#include "boot/boot.h"
#include "riscv_image.h"

#define RISCV64_PAGE_SIZE 4096
#define RISCV64_UIMAGE 26 /* number of the arch in a uImage */
#define RISCV64_CMDLINE_SIZE 1023 /* COMMAND_LINE_SIZE, without the NUL */

/*
 * Behind the kernel's own segment, at kernel: initrd, device tree, and what purgatory is to
 * do.
 */
int riscv64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct range kernel,
		       const struct devicetree *tree, struct plan *plan);

/* Of struct image_type (arch.h). */
int riscv64_vmlinux_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
			 const struct image *image, struct plan *plan);
int riscv64_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
int riscv64_image_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct plan *plan);
int riscv64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
