/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits that all boot protocols with device trees share. */
#ifndef DEVICETREE_EDIT_H
#define DEVICETREE_EDIT_H

#include "devicetree.h"

/* Numbers of 32-bit cells in an address and in a size of a bus's children. */
struct cells {
	unsigned int address;
	unsigned int size;
};

/* False: a number is not 1 to MAX_CELLS.  PCI has 3: its addresses are not addresses of the CPU. */
bool tree_cells(const void *fdt, int bus, struct cells *out);

#define EDIT_PAIR_SIZE (2 * MAX_CELLS * sizeof(uint32_t))

struct edit {
	struct ctx *ctx;
	const char *name;
	void *fdt;
	int chosen; /* edits of its own properties do not move it */
	/* Of the root: numbers of 32-bit cells in an address and in a size, 1 or 2. */
	unsigned int address_cells;
	unsigned int size_cells;
};

/* Each function returns 0, or a negative errno with the error set. */

/* Makes a copy of the tree with room for more bytes, and adds /chosen if it is missing. */
int edit_start(struct edit *e, const struct devicetree *in, uint64_t room);
/* Finds or adds /chosen.  Must be called again after a change of other nodes. */
int edit_find_chosen(struct edit *e);
int edit_failed(struct edit *e, const char *what, int fdt_error);

/* Properties of /chosen. */
int edit_set(struct edit *e, const char *property, const void *value, size_t size);
int edit_drop(struct edit *e, const char *property);

/* Adds a memory reservation for these bytes, which need not be whole pages. */
int edit_reserve(struct edit *e, struct range r);
/* Writes an address and a size in the root's cells.  -EOVERFLOW: they do not fit. */
int edit_put_pair(struct edit *e, const char *property, struct range r, uint8_t *value,
		  size_t *size);

/* Removes the items that the last kexec left in the tree. */
int edit_forget_last_boot(struct edit *e);
/* Replaces the initrd and its reservation; empty: no initrd. */
int edit_initrd(struct edit *e, struct range initrd);
/* Sets the command line.  NULL: the tree's own stays; "": no command line. */
int edit_bootargs(struct edit *e, const char *bootargs);
/* Fresh random seeds; zeros in a dry run, no seeds while the random pool is not ready. */
int edit_seeds(struct edit *e, bool dry_run);

/* Packs the tree.  -EFBIG: longer than limit. */
int edit_finish(struct edit *e, uint32_t limit, struct bytes *out);

#endif
