/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: its image types, and the parts of the machine that only it reads. */
#ifndef ARCH_ARM64_ARM64_H
#define ARCH_ARM64_ARM64_H

#include "arm64_image.h"
#include "arch/arch.h"
#include "boot/tree_boot.h"
#include "core/units.h"

/*
 * Segments must be whole pages of the running kernel, of 4, 16 or 64 KiB.  Multiples of
 * the largest are whole pages for all three, at nearly no cost.
 */
#define ARM64_PAGE_SIZE 0x10000

/* Initrd and image have to lie within 32 GiB, counted from a multiple of 1 GiB on. */
#define ARM64_INITRD_WINDOW (32 * GIB)

#define ARM64_UIMAGE 22 /* number of the arch in a uImage */
#define ARM64_CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE, without the NUL */

struct machine_arm64 {
	uint64_t page_size; /* of the running kernel, in bytes; 0: unknown */
	unsigned int acpi_psci; /* PURGATORY_PSCI_* by the FADT's ARM_BOOT_ARCH */
};

/* Fills load->machine.arch, and what tree_look() fills.  look() of struct arch. */
int arm64_look(struct ctx *ctx, struct load *load);

/* Reads the page size out of /proc/self/auxv; 0: not readable, or not listed. */
uint64_t arm64_page_size(struct ctx *ctx, const struct sysroot *root);

/*
 * Reads how ACPI says that firmware is called: PURGATORY_PSCI_*; PURGATORY_PSCI_NONE: no
 * ACPI, or no PSCI.
 */
unsigned int arm64_acpi_psci(struct ctx *ctx, const struct sysroot *root);

/*
 * Adds all but the kernel's own segment: initrd, device tree, and purgatory's work.
 * kernel: place of that segment.
 */
int arm64_plan_boot(struct ctx *ctx, const struct load *load, const struct linux_image *header,
		    struct range kernel, const struct devicetree *tree, struct plan *plan);

/* Of struct image_type (arch.h). */
int arm64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int arm64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int arm64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
