/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loongarch64: its image types, and the memory that it uses in a way of its own. */
#ifndef ARCH_LOONGARCH64_LOONGARCH64_H
#define ARCH_LOONGARCH64_LOONGARCH64_H

#include "arch/arch.h"
#include "loongarch64_image.h"

/* Whole pages of running kernels with pages of 4, 16 or 64 KiB. */
#define LOONGARCH64_PAGE_SIZE 0x10000

#define LOONGARCH64_PHYSICAL 0xffffffffffffull /* the window's address without the window */
#define LOONGARCH64_WINDOW 0x9000000000000000 /* cached: virtual address of physical 0 */

#define LOONGARCH64_CMDLINE_SIZE 4095 /* COMMAND_LINE_SIZE, without the NUL */
/* Without room for the words that kexec_file_load and loongarch64_file_cmdline() add. */
#define LOONGARCH64_FILE_CMDLINE_SIZE (LOONGARCH64_CMDLINE_SIZE - 200)

/* A register of one byte whose write resets the machine. */
struct loongarch64_reset {
	uint64_t address; /* physical; 0: no such register */
	uint8_t value;
};

struct machine_loongarch64 {
	/*
	 * Memory that the next kernel may use, in addition to load->machine.ram, for its own
	 * segment alone: that of the running kernel, which /proc/iomem lists as reserved in part.
	 * Empty: unknown.
	 */
	struct range kernel;
	struct loongarch64_reset reset;
};

/* Fills load->machine.arch, and finds the port of --serial.  look() of struct arch. */
int loongarch64_look(struct ctx *ctx, struct load *load);

/* Reads ACPI's reset register; address 0: no ACPI, or no such register in memory. */
struct loongarch64_reset loongarch64_acpi_reset(struct ctx *ctx, const struct sysroot *root);

/*
 * Removes the words of an earlier loader, which would contradict those of this load: the first
 * word, initrd=, and memory at an address.  amend_cmdline() of struct boot.
 */
int loongarch64_drop_words(struct ctx *ctx, const struct load *load, uint64_t limit,
			   const char **cmdline);

/* The same for kexec_file_load, which adds no word if there is no initrd.  As in struct arch. */
int loongarch64_file_cmdline(struct ctx *ctx, const struct load *load, uint64_t limit,
			     const char **cmdline);

/* Adds all but the kernel's own segment.  start: address of the kernel's segment. */
int loongarch64_plan_boot(struct ctx *ctx, const struct load *load,
			  const struct loongarch64_kernel *kernel, uint64_t start,
			  struct plan *plan);

/* Members of struct image_type (arch.h). */
int loongarch64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int loongarch64_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
int loongarch64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int loongarch64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);

#endif
