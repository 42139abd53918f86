/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree of the next kernel: the running kernel's, or a file, with /chosen brought up
 * to date.  Everything goes through the system's libfdt, and a blob is checked as a whole
 * before anything else reads it.
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
	const char *name; /* of the file or directory, for messages */
	struct bytes blob; /* checked, exactly its totalsize */
};

/*
 * Reads the file dtb, which --dtb names.  NULL: reads the running kernel's tree, that is
 * /sys/firmware/fdt, or /proc/device-tree put together.
 * -ENOENT: no such file or tree; -ENOEXEC: not a device tree, or damaged.
 */
int devicetree_find(struct ctx *ctx, const char *dtb, const struct sysroot *root,
		    struct devicetree *out);

/* The checking alone: pure, for tests and fuzzers.  Bytes after the tree are cut off. */
int devicetree_check(struct ctx *ctx, const char *name, struct bytes bytes, struct devicetree *out);

/* Makes a blob out of /proc/device-tree.  -ENOENT: no such directory. */
int devicetree_flatten(struct ctx *ctx, const struct sysroot *root, struct devicetree *out);

/* Changes to a tree.  0: no such item, and the one that an older boot left is removed. */
struct devicetree_changes {
	const char *bootargs; /* NULL: keep the tree's own; "": none */
	struct range initrd; /* physical: its bytes, not whole pages */
	struct range elfcorehdr; /* crash loads */
	/* Crash loads: the memory that the next kernel may use, in this order. */
	const struct range *usable;
	size_t usable_count;
	bool dry_run; /* random seeds are zeros, so that the same input gives the same tree */
};

/*
 * A changed copy, packed: bootargs, initrd, elfcorehdr and usable memory with their
 * reservations as Linux's own loader makes them (drivers/of/kexec.c), fresh seeds, and
 * nothing of the last boot's (initrd, crash header, IMA buffer, handover).
 * -EOVERFLOW: an address does not fit into the root's cells.  -ENOEXEC: impossible cells.
 * -EFBIG: longer than DEVICETREE_MAX.
 */
int devicetree_change(struct ctx *ctx, const struct devicetree *in,
		      const struct devicetree_changes *changes, struct bytes *out);

/* The place of the initrd that the tree names; false: it names none. */
bool devicetree_initrd(const struct devicetree *tree, struct range *initrd);

/*
 * Memory that the tree sets aside for firmware or devices, where nothing may be loaded: its
 * reservation block except the old initrd, and the nodes of /reserved-memory.
 */
void devicetree_reserved(struct ctx *ctx, const struct devicetree *tree, struct range_set *out);

/* The command line in the tree; NULL: none. */
const char *devicetree_bootargs(const struct devicetree *tree);

/* The way to call firmware (/psci, "method"): PURGATORY_PSCI_*. */
unsigned int devicetree_psci(const struct devicetree *tree);

/*
 * The port that stdout-path of /chosen names.  -ENOENT: no such node; -ENOTSUP: purgatory has no
 * driver for it; -ENXIO: no address of its registers.
 */
int devicetree_stdout(struct ctx *ctx, const struct devicetree *tree, struct tty *out);

/*
 * -ENODATA: neither the tree nor UEFI nor a mem= in cmdline (NULL: none) says where memory is.
 * Boot loaders complete the trees that come with kernels; kexec does not.
 */
int devicetree_check_memory(struct ctx *ctx, const struct devicetree *tree, const char *cmdline);

/* True if the "compatible" of both roots share a string.  For a warning. */
bool devicetree_same_board(const struct devicetree *one, const struct devicetree *other);

#endif
