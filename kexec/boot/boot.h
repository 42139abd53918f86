/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What arches that boot with a device tree share. */
#ifndef ARCH_DEVICETREE_BOOT_H
#define ARCH_DEVICETREE_BOOT_H

#include "devicetree/devicetree.h"
#include "kdump/kdump.h"
#include "arch/arch.h"

/*
 * The tree that the next kernel is given, unchanged: --dtb's, the image's own, the machine's.
 * appended: what is taken where there is none of these, perhaps empty.  The memory that it
 * sets aside is no longer in the plan's.
 */
int arch_find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, struct bytes appended, struct plan *plan,
		   struct devicetree *tree);

/*
 * The next kernel's command line, as arch_command_line().  NULL: nothing was said about
 * it, the tree's own stays.
 */
int arch_bootargs(struct ctx *ctx, const struct request *req, const struct machine *machine,
		  const struct image *image, uint64_t limit, const char **out);

/* kept_cmdline() of struct arch, where the running kernel's tree has it. */
const char *arch_kept_cmdline(struct ctx *ctx, const struct machine *machine);

/* May --reuseinitrd keep it where it is?  empty: the running kernel was given none. */
int arch_may_keep_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			 struct range initrd);

/* read_machine() of struct arch: --reuseinitrd's is found in the running kernel's tree. */
int arch_keep_initrd(struct ctx *ctx, const struct request *req, struct machine *machine);

/* A crash load's usable memory, in changes: first the reservation that is loaded into. */
int arch_usable_memory(struct ctx *ctx, const struct machine *machine,
		       struct devicetree_changes *changes);

/* A Linux that starts at its first byte and is told the rest by a device tree. */
struct tree_boot {
	struct range kernel; /* everything else goes above it */
	struct limit initrd; /* one more bound; why NULL: there is none */
	struct limit tree; /* likewise; then the initrd goes above the tree */
	uint64_t cmdline_size; /* characters that it takes, without the NUL */
	const struct kdump_arch *kdump;
};

/*
 * Behind the kernel's own segment: core header, initrd and device tree, and what purgatory
 * does on every arch.  Returns the index of the tree's segment; tree: of arch_find_tree().
 */
int arch_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, const struct tree_boot *boot,
		    const struct devicetree *tree, struct plan *plan);

/*
 * The port that purgatory is to speak on, if one is asked for and can be found: --serial's,
 * or that of earlycon on the next kernel's command line.  tree: the next kernel's, may be NULL.
 */
void arch_serial(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 const char *cmdline, const struct devicetree *tree,
		 struct purgatory_params *params);

/* Says so where purgatory is to reset the machine and cannot: psci is PURGATORY_PSCI_*. */
void arch_warn_of_halt(struct ctx *ctx, const struct request *req, uint64_t psci);

#endif
