/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64: its image types. */
#ifndef ARCH_RISCV64_RISCV64_H
#define ARCH_RISCV64_RISCV64_H

#include "riscv_image.h"
#include "arch/arch.h"
#include "boot/tree_boot.h"

#define RISCV64_PAGE_SIZE 4096
#define RISCV64_UIMAGE 26 /* number of the arch in a uImage */
#define RISCV64_CMDLINE_SIZE 1023 /* COMMAND_LINE_SIZE, without the NUL */

/*
 * Adds all but the kernel's own segment: initrd, device tree, and purgatory's work.
 * kernel: place of the kernel's segment.
 */
int riscv64_plan_boot(struct ctx *ctx, const struct load *load, struct range kernel,
		      const struct devicetree *tree, struct plan *plan);

/* Members of struct image_type (arch.h). */
int riscv64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int riscv64_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
int riscv64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int riscv64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
