/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the recipe for arches whose kernels boot with a device tree. */
#ifndef BOOT_TREE_BOOT_H
#define BOOT_TREE_BOOT_H

#include "bake_arch.h"
#include "boot.h"
#include "devicetree/devicetree.h"

/*
 * Fills the fields of load that a plan with a device tree needs: the tree for the next kernel
 * (--dtb's, the image's own, or the running kernel's), the place of the initrd for
 * --reuseinitrd, and the port of --serial.  look() of struct arch.
 */
int tree_look(struct ctx *ctx, struct load *load);

/*
 * Checks that --reuseinitrd can keep the initrd in its place.  initrd: the running kernel's;
 * empty: the running kernel got no initrd.
 */
int tree_may_keep_initrd(struct ctx *ctx, const struct load *load, struct range initrd);

/* Warns if tree describes another board than running, which may be NULL: unknown. */
void tree_warn_of_other_board(struct ctx *ctx, const struct devicetree *tree,
			      const struct devicetree *running);

/*
 * Warns if the image has several trees.  Boot loaders of phones choose one by the board; Linux that
 * finds trees after itself takes the first, and so does kexec.
 */
void tree_warn_of_several(struct ctx *ctx, const struct load *load, size_t count);

/* The command line in the running kernel's tree.  kept_cmdline() of struct arch. */
const char *tree_kept_cmdline(struct ctx *ctx, const struct sysroot *root);

/*
 * Chooses the next kernel's tree: load->tree, or else the tree appended to the kernel (size 0:
 * no such tree).  Removes memory that the tree reserves from plan->ram.  The next kernel
 * reserves this memory, too, so it could not use a segment there.  Not every /proc/iomem lists
 * these reservations.  Errors: load->no_tree; -ENODATA: the tree contains no memory.
 */
int tree_choose(struct ctx *ctx, const struct load *load, struct bytes appended, struct plan *plan,
		struct devicetree *tree);

/* The tree's command line, which stays if the request gives none; "": no command line. */
const char *tree_cmdline(const struct devicetree *tree);

/* describe() of struct boot: boot->tree with command line, initrd, core header, seeds. */
int tree_describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct bytes *out);

/*
 * Fills the places of a kernel in the Image format: everything above kernel.  The kernel
 * maps the 2 MiB around its tree as one block.
 */
void tree_boot_above(const struct load *load, struct boot *boot, struct range kernel);

/* The part "handover" of a baked image: a device tree, and what the start code adds to it. */
#define TREE_HANDOVER_SIZE 0x140000

/* Changes boot for a baked image, whose start code makes the boot data. */
void tree_boot_baked(struct boot *boot);

/* Baked images in the Image format. */
extern const struct bake_arch tree_bake_image;

/* boot_serial() with stdout-path of the tree.  tree NULL: no tree. */
void tree_serial(struct ctx *ctx, const struct load *load, const struct devicetree *tree,
		 struct plan *plan);

/* Warns that a reset by purgatory will be a halt: psci is PURGATORY_PSCI_NONE. */
void tree_warn_of_halt(struct ctx *ctx, const struct load *load, uint64_t psci);

#endif
