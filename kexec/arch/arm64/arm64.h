/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: its image types, and the parts of the machine that only arm64 reads. */
#ifndef ARCH_ARM64_ARM64_H
#define ARCH_ARM64_ARM64_H

#include "arm64_image.h"
#include "arch/arch.h"
#include "boot/tree_boot.h"
#include "core/units.h"

/*
 * Segments must consist of whole pages of the running kernel, which have 4, 16 or 64 KiB.
 * Multiples of 64 KiB are whole pages for all three sizes, and cost little memory.
 */
#define ARM64_PAGE_SIZE 0x10000

/* Initrd and image must lie within 32 GiB that start at a multiple of 1 GiB. */
#define ARM64_INITRD_WINDOW (32 * GIB)

#define ARM64_UIMAGE 22 /* number of the arch in a uImage */
#define ARM64_CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE, without the NUL */

struct machine_arm64 {
	uint64_t page_size; /* of the running kernel, in bytes; 0: unknown */
	unsigned int acpi_psci; /* PURGATORY_PSCI_*, from ARM_BOOT_ARCH in the FADT */
};

/* Fills load->machine.arch, and calls tree_look().  look() of struct arch. */
int arm64_look(struct ctx *ctx, struct load *load);

/* Reads the page size in /proc/self/auxv; 0: not readable, or not listed. */
uint64_t arm64_page_size(struct ctx *ctx, const struct sysroot *root);

/*
 * Reads the instruction for firmware calls in ACPI's FADT: PURGATORY_PSCI_*;
 * PURGATORY_PSCI_NONE: no ACPI, or no PSCI.
 */
unsigned int arm64_acpi_psci(struct ctx *ctx, const struct sysroot *root);

/*
 * Adds all but the kernel's own segment: initrd, device tree, and purgatory's work.
 * kernel: place of the kernel's segment.
 */
int arm64_plan_boot(struct ctx *ctx, const struct load *load, const struct linux_image *header,
		    struct range kernel, const struct devicetree *tree, struct plan *plan);

/* Members of struct image_type (arch.h). */
int arm64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int arm64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int arm64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
