/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What arches that boot with a device tree share. */
#ifndef ARCH_DEVICETREE_BOOT_H
#define ARCH_DEVICETREE_BOOT_H

#include "../../devicetree/devicetree.h"
#include "../arch.h"

/* The tree that the next kernel is given, unchanged: --dtb's, the image's own, the machine's. */
int arch_find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, struct devicetree *tree);

/*
 * The next kernel's command line, as arch_command_line().  NULL: nothing was said about
 * it, the tree's own stays.
 */
int arch_bootargs(struct ctx *ctx, const struct request *req, const struct machine *machine,
		  const struct image *image, uint64_t limit, const char **out);

/* A crash load's usable memory, in changes: first the reservation that is loaded into. */
int arch_usable_memory(struct ctx *ctx, const struct machine *machine,
		       struct devicetree_changes *changes);

/* The port that purgatory is to speak on, if one is asked for and can be found. */
void arch_serial(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 const char *cmdline, struct purgatory_params *params);

/* Says so where purgatory is to reset the machine and cannot: psci is PURGATORY_PSCI_*. */
void arch_warn_of_halt(struct ctx *ctx, const struct request *req, uint64_t psci);

#endif
