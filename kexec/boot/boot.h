/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recipe by which a Linux of any arch is started.  An arch places its kernel and fills a
 * struct boot.  boot_plan() then adds core header, initrd, boot data and purgatory to the plan.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "kdump/kdump.h"
#include "plan/load.h"
#include "plan/plan.h"

/* Facts for the next kernel, filled by boot_plan() in this order. */
struct boot_info {
	/* NULL: the request gives none, and the kernel keeps boot->kept_cmdline. */
	const char *cmdline;
	const struct kdump *kdump; /* NULL: no crash load, or a crash load without core header */
	struct range initrd; /* physical, the initrd's bytes, not whole pages; empty: no initrd */
	uint64_t data; /* address of the boot data; 0: not placed yet, or no boot data */
};

struct boot {
	uint64_t entry; /* of the kernel, physical */

	/* --- command line --- */
	uint64_t cmdline_size; /* characters that the kernel takes, without the NUL */
	/* The kernel's command line if the request gives none.  NULL: an empty command line. */
	const char *kept_cmdline;
	/* Adds words that this arch always needs; limit: cmdline_size.  NULL: no words. */
	int (*amend_cmdline)(struct ctx *ctx, const struct load *load, uint64_t limit,
			     const char **cmdline);

	/* --- crash loads --- */
	const struct kdump_arch *kdump; /* NULL: the next kernel makes its core header itself */
	/* Sets the words that report the core header on the command line.  NULL: no words. */
	void (*crash_words)(const struct load *load, const struct boot *boot,
			    const struct kdump *kdump, struct kdump_words *words);
	/* The crash kernel uses no memory after the core header: all other segments go below. */
	bool below_header;

	/* --- places: alignment 0 is a page --- */
	struct placement initrd;
	/* Template of the boot data: name, placement, sealed; with fixed, range.start as well. */
	struct segment data;
	const char *data_title; /* for messages: "device tree" */
	uint64_t data_max; /* largest boot data in bytes; 0: no limit */
	/*
	 * The kernel maps an aligned block of this size around the boot data.  The whole block
	 * must be RAM, so that one mapping type fits all of it.  0: no such block.
	 */
	uint64_t data_block;
	/* The initrd stays above the block of the boot data, which has narrow limits. */
	bool data_before_initrd;
	/* The boot data follow the kernel in the order of segments, not in the order of planning. */
	bool data_after_kernel;
	struct placement purgatory;

	/* --- contents --- */
	/*
	 * Makes the boot data (boot_params, device tree, tag list).  Called twice.  With
	 * info->data 0 it makes *out.  Then info->data is the address of the boot data, and the
	 * hook writes it into *out.  The size of *out must not change.  NULL: no boot data.
	 */
	int (*describe)(struct ctx *ctx, const struct load *load, const struct boot *boot,
			const struct boot_info *info, struct bytes *out);
	/* Sets the part of purgatory's work that only this arch knows: CPU state, console. */
	void (*enter)(struct ctx *ctx, const struct load *load, const struct boot *boot,
		      const struct boot_info *info, struct plan *plan);
	void *kernel; /* for the arch's hooks, of a type that the arch defines */
	const struct devicetree *tree; /* before describe() changes it; NULL: no device tree */
};

/*
 * Carries out the recipe, with the kernel's segments already in the plan: command line, core
 * header, initrd, boot data, and purgatory's work.
 * Errors: those of next_cmdline(), kdump_place(), plan_place() and the hooks; -EFBIG: boot
 * data larger than boot->data_max.
 */
int boot_plan(struct ctx *ctx, const struct load *load, const struct boot *boot, struct plan *plan);

/* Finds the port of --serial for boot_serial().  A part of look() of struct arch. */
void boot_look_for_tty(struct ctx *ctx, struct load *load);

/* The port that a device tree names: devicetree_stdout(). */
typedef int tree_port(struct ctx *ctx, const struct devicetree *tree, struct tty *out);

/*
 * Sets the port on which purgatory prints, if --serial or --console-serial asks for a port.
 * Order: the port of --serial, of earlycon= on the next kernel's command line, of port (for
 * earlycon without a port).  If no port is found, a warning contains the reason.  port is NULL if
 * no device tree names a port.
 */
void boot_serial(struct ctx *ctx, const struct load *load, const struct devicetree *tree,
		 tree_port *port, struct plan *plan);

#endif
