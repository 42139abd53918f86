/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of the running kernel's device tree, as files (ABI/testing/sysfs-firmware-ofw). */
#ifndef MACHINE_LIVETREE_H
#define MACHINE_LIVETREE_H

#include "machine.h"

struct livetree {
	struct ctx *ctx;
	const struct sysroot *root;
	const char *base; /* its directory, below the root */
	const char *missing; /* full paths of properties that there should be; NULL: none */
};

/* The second is a link to the first where both exist, and an absolute one. */
extern const char *const livetree_directories[2];

/* -ENOENT: the kernel has none, or it is not mounted. */
int livetree_open(struct ctx *ctx, const struct sysroot *root, struct livetree *tree);

/* The path below the root of what is called name in the tree. */
const char *livetree_path(const struct livetree *tree, const char *name);

/*
 * Each: 1 found, 0 not there, negative: there, but unreadable (errno) or malformed
 * (-ENOEXEC).  What is not there has no value.
 */
int livetree_bytes(const struct livetree *tree, const char *name, struct bytes *out);
/* A string, or the first of several.  */
int livetree_string(const struct livetree *tree, const char *name, const char **out);
/* One number of 4 or 8 bytes. */
int livetree_number(const struct livetree *tree, const char *name, uint64_t *out);
/* #address-cells or #size-cells, unchecked; otherwise: the number if it is missing.  0 or -errno. */
int livetree_cells(const struct livetree *tree, const char *name, uint64_t otherwise,
		   uint64_t *cells);
/* The same, but it is noted in tree->missing if it is not there. */
int livetree_needed(struct livetree *tree, const char *name, uint64_t *out);

/* Sets an error about the file of that name.  -ENOEXEC. */
int livetree_malformed(const struct livetree *tree, const char *name, const char *why);

/* Names of the nodes and properties in a node, "" the root; NULL-terminated. */
int livetree_list(const struct livetree *tree, const char *name, char ***names);

#endif
