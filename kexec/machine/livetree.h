/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of the running kernel's device tree, as files (ABI/testing/sysfs-firmware-ofw). */
#ifndef MACHINE_LIVETREE_H
#define MACHINE_LIVETREE_H

#include "machine.h"

struct livetree {
	struct ctx *ctx;
	const struct sysroot *root;
	const char *base; /* directory of the tree, below the root */
	const char *
		missing; /* full paths of needed properties that are missing; NULL: nothing is missing */
};

/* Where both exist, the second is an absolute link to the first. */
extern const char *const livetree_directories[2];

/* -ENOENT: the kernel has no device tree, or its file system is not mounted. */
int livetree_open(struct ctx *ctx, const struct sysroot *root, struct livetree *tree);

/* The path, below the root, of the node or property called name in the tree. */
const char *livetree_path(const struct livetree *tree, const char *name);

/*
 * Each returns 1: found; 0: missing, and *out is not set; -errno: unreadable; -ENOEXEC:
 * malformed.
 */
int livetree_bytes(const struct livetree *tree, const char *name, struct bytes *out);
/* A string, or the first of several strings. */
int livetree_string(const struct livetree *tree, const char *name, const char **out);
/* One number of 4 or 8 bytes. */
int livetree_number(const struct livetree *tree, const char *name, uint64_t *out);
/* #address-cells or #size-cells, unchecked; otherwise: used if it is missing.  0 or -errno. */
int livetree_cells(const struct livetree *tree, const char *name, uint64_t otherwise,
		   uint64_t *cells);
/* As livetree_number(), but a missing property is added to tree->missing. */
int livetree_needed(struct livetree *tree, const char *name, uint64_t *out);

/* Sets the error that the property called name is malformed.  Returns -ENOEXEC. */
int livetree_malformed(const struct livetree *tree, const char *name, const char *why);

/* Lists the nodes and properties of the node called name ("": the root); NULL-terminated. */
int livetree_list(const struct livetree *tree, const char *name, char ***names);

#endif
