/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device tree of the next ppc64 kernel. */
#ifndef ARCH_PPC64_PPC64_TREE_H
#define ARCH_PPC64_PPC64_TREE_H

#include "devicetree/devicetree.h"

/* Changes for a ppc64 kernel; zeros as in struct devicetree_changes. */
struct devicetree_ppc64 {
	const char *bootargs;
	struct range initrd;
	/* Ranges that the next kernel must not use; each gets an entry in the reserve map. */
	const struct range *reserved;
	size_t reserved_count;
	struct range tree; /* place of the tree, which gets an entry, too; empty: no entry */
	const struct range_set *usable; /* crash loads: memory to use, in whole pages; NULL: all */
	uint32_t spare; /* bytes that stay free after the tree, for the running kernel's changes */
	bool dry_run;
};

/*
 * Like devicetree_change().  Also lists the crash kernel's memory in the memory nodes, and
 * removes properties in which the old kernel describes itself (Linux:
 * arch/powerpc/kexec/file_load_64.c).  -EFBIG: longer than DEVICETREE_BUFFER.
 */
int devicetree_change_ppc64(struct ctx *ctx, const struct devicetree *in,
			    const struct devicetree_ppc64 *changes, struct bytes *out);

/* True if the tree has a CPU thread with this hardware number. */
bool devicetree_has_cpu_ppc64(const struct devicetree *tree, uint32_t hardware);

/* Returns the size in bytes of nodes for further CPUs; threads: number of their threads. */
uint32_t devicetree_room_for_cpus(const struct devicetree *tree, uint32_t threads);

#endif
