/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree that the next kernel is given: the running kernel's, or a file,
 * with /chosen brought up to date.  All of it goes through the system's libfdt, and
 * a blob is checked as a whole before anything else looks at it.
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

/* What the arches' boot documents allow (arch/arm64/booting.rst). */
#define DEVICETREE_MAX (2u << 20)
/* What a blob may take here: firmware leaves room to grow, live trees are unbounded. */
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

/* The checking alone: pure, for tests and fuzzers.  Bytes behind the tree are cut off. */
int devicetree_check(struct ctx *ctx, const char *name, struct bytes bytes, struct devicetree *out);

/* Makes a blob out of /proc/device-tree.  -ENOENT where there is no such directory. */
int devicetree_flatten(struct ctx *ctx, const struct sysroot *root, struct devicetree *out);

/* What is to be different.  Zeros mean: nothing of the kind, and what an older boot left goes. */
struct devicetree_changes {
	const char *bootargs; /* NULL: the tree's own stay; "": there are none */
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
 * -EOVERFLOW: an address does not fit into the root's cells.  -ENOEXEC: cells that
 * make no sense.  -EFBIG: longer than DEVICETREE_MAX.
 */
int devicetree_change(struct ctx *ctx, const struct devicetree *in,
		      const struct devicetree_changes *changes, struct bytes *out);

/* What is to be different for a ppc64 kernel; zeros as above. */
struct devicetree_ppc64 {
	const char *bootargs;
	struct range initrd;
	/* Memory that the next kernel must not use: a reservation for each, and for the tree. */
	const struct range *reserved;
	size_t reserved_count;
	struct range tree;
	const struct range_set
		*usable; /* crash loads: what it may use, in whole pages; NULL: all */
	uint32_t spare; /* bytes that stay free behind the tree, for the running kernel's changes */
	bool dry_run;
};

/*
 * The same for ppc64, where memory nodes tell what a crash kernel may use, and the old
 * kernel's notes about itself go (Linux: arch/powerpc/kexec/file_load_64.c).
 * Longer than DEVICETREE_BUFFER: -EFBIG.
 */
int devicetree_change_ppc64(struct ctx *ctx, const struct devicetree *in,
			    const struct devicetree_ppc64 *changes, struct bytes *out);

/* Is the thread of a CPU that has this number one of a ppc64 tree's? */
bool devicetree_has_cpu_ppc64(const struct devicetree *tree, uint32_t hardware);

/* Bytes that nodes for more CPUs, counted in threads, would take in a ppc64 tree. */
uint32_t devicetree_room_for_cpus(const struct devicetree *tree, uint32_t threads);

/* Where the tree says that an initrd lies; false: nowhere. */
bool devicetree_initrd(const struct devicetree *tree, struct range *initrd);

/*
 * Memory that the tree sets aside for firmware or devices, where nothing may be loaded: its
 * reservation block but for the old initrd, and what lies in /reserved-memory.
 */
void devicetree_reserved(struct ctx *ctx, const struct devicetree *tree, struct range_set *out);

/* The command line in the tree; NULL: it has none. */
const char *devicetree_bootargs(const struct devicetree *tree);

/*
 * How the tree says firmware is called (/psci, "method"): PURGATORY_PSCI_*;
 * PURGATORY_PSCI_NONE where it does not.
 */
unsigned int devicetree_psci(const struct devicetree *tree);

/* riscv: ticks per second of the timer that all CPUs read; 0: it does not say. */
uint32_t devicetree_timebase(const struct devicetree *tree);

/* riscv: has every CPU one of these extensions (NULL-terminated, lower case)?  false without CPUs. */
bool devicetree_riscv_cpus_have(const struct devicetree *tree, const char *const *names);

/*
 * The port behind /chosen's stdout-path.  -ENOENT: there is no such node; -ENOTSUP: purgatory
 * does not know such; -ENXIO: its registers are nowhere in memory.
 */
int devicetree_stdout(struct ctx *ctx, const struct devicetree *tree, struct tty *out);

/*
 * -ENODATA where neither the tree nor UEFI nor a mem= in cmdline (NULL: none) says where memory
 * is.  Boot loaders complete the trees that kernels come with; here nobody would.
 */
int devicetree_check_memory(struct ctx *ctx, const struct devicetree *tree, const char *cmdline);

/* Does the root's "compatible" share a string with the other's?  For a warning. */
bool devicetree_same_board(const struct devicetree *one, const struct devicetree *other);

#endif
