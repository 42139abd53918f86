/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree of the next kernel: the running kernel's tree, or a file, with a changed
 * /chosen.  The system's libfdt reads and changes trees.  A whole blob is checked before
 * any other code reads it.
 *
 * Devicetree Specification, chapter 5; Linux: devicetree/bindings/chosen.txt (or
 * dt-schema's chosen.yaml), admin-guide/kdump/kdump.rst.
 */
#ifndef DEVICETREE_DEVICETREE_H
#define DEVICETREE_DEVICETREE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/range.h"
#include "core/request.h"
#include "machine/tty.h"

/* The largest tree that kernels accept. */
#define DEVICETREE_MAX (2u << 20)
/* The largest blob to read or build: firmware leaves room to grow, live trees have no limit. */
#define DEVICETREE_BUFFER (16u << 20)

struct devicetree {
	const char *name; /* name of the file or directory, for messages */
	struct bytes blob; /* checked, exactly its totalsize */
};

/* A tree with nothing but its root. */
void devicetree_empty(struct devicetree *out);

/*
 * Reads the file dtb, which --dtb names.  NULL: reads the running kernel's tree from
 * /sys/firmware/fdt, or else makes it from /proc/device-tree.
 * -ENOENT: no such file or tree; -ENOEXEC: not a device tree, or damaged.
 */
int devicetree_find(struct ctx *ctx, const char *dtb, const struct sysroot *root,
		    struct devicetree *out);

/* Checks a blob and cuts off the bytes after the tree.  Errors: -ENOEXEC, -ENOMEM. */
int devicetree_check(struct ctx *ctx, const char *name, struct bytes bytes, struct devicetree *out);

/* Makes a blob from /proc/device-tree.  -ENOENT: no such directory. */
int devicetree_flatten(struct ctx *ctx, const struct sysroot *root, struct devicetree *out);

/* Changes to a tree.  A zero item is not added; an item that the last boot left is removed. */
struct devicetree_changes {
	const char *bootargs; /* NULL: the tree's own stay; "": no bootargs */
	struct range initrd; /* physical, the initrd's bytes, not whole pages */
	struct range elfcorehdr; /* crash loads */
	/* Crash loads: the memory that the next kernel may use, in this order. */
	const struct range *usable;
	size_t usable_count;
	bool dry_run; /* random seeds are zeros, so that the same input gives the same tree */
};

/*
 * Makes a changed and packed copy.  Adds bootargs, initrd, elfcorehdr and usable memory, with
 * the reservations that Linux's own loader makes (drivers/of/kexec.c), and fresh seeds.
 * Removes what the last boot left (initrd, crash header, IMA buffer, handover).
 * -EOVERFLOW: an address does not fit into the root's cells.  -ENOEXEC: impossible cells.
 * -EFBIG: longer than DEVICETREE_MAX.
 */
int devicetree_change(struct ctx *ctx, const struct devicetree *in,
		      const struct devicetree_changes *changes, struct bytes *out);

/* Reads the place of the initrd in the tree.  false: the tree names no initrd. */
bool devicetree_initrd(const struct devicetree *tree, struct range *initrd);

/*
 * Lists memory that the tree reserves for firmware or devices.  Segments must not lie there.
 * It consists of the reservation block without the old initrd, and of /reserved-memory.
 */
void devicetree_reserved(struct ctx *ctx, const struct devicetree *tree, struct range_set *out);

/* The command line in the tree; NULL: no command line. */
const char *devicetree_bootargs(const struct devicetree *tree);

/* The way to call firmware (/psci, "method"): PURGATORY_PSCI_*. */
unsigned int devicetree_psci(const struct devicetree *tree);

/*
 * The port that stdout-path of /chosen names.  -ENOENT: no such node; -ENOTSUP: purgatory has no
 * driver for it; -ENXIO: no address of its registers.
 */
int devicetree_stdout(struct ctx *ctx, const struct devicetree *tree, struct tty *out);

/*
 * Checks that the kernel can find its memory: in the tree, from UEFI, or by mem= in cmdline
 * (NULL: no command line).  -ENODATA: none of the three.  Boot loaders add memory to the trees
 * that come with kernels; kexec does not.
 */
int devicetree_check_memory(struct ctx *ctx, const struct devicetree *tree, const char *cmdline);

/* True if the "compatible" of both roots share a string.  For a warning. */
bool devicetree_same_board(const struct devicetree *one, const struct devicetree *other);

#endif
