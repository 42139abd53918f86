/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypercalls by which Xen's control domain loads and starts kernels (Xen: public/kexec.h,
 * public/memory.h; Linux: include/uapi/xen/privcmd.h).  They need no library.  Their interface is
 * stable; the interface of libxenctrl changes with each version of Xen.
 */
#ifndef XEN_XEN_H
#define XEN_XEN_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/range.h"

struct xen {
	int privcmd; /* descriptor for hypercalls */
	int buffers; /* descriptor of memory for arguments; -1: locked memory is used */
	/* Makes a hypercall.  Returns its result, or a negative errno. */
	int64_t (*call)(struct xen *xen, uint64_t number, uint64_t first, uint64_t second);
	/*
	 * Maps count extents of 2 MiB of the hypervisor's memory, read only, one after another, each
	 * given by its first page.  NULL: not possible.
	 */
	void *(*map)(struct xen *xen, const uint64_t *page, size_t count);
	void *data; /* for functions of tests */
};

/* Errors: the device cannot be opened; the hint names the module.  Status 255. */
int xen_open(struct ctx *ctx, struct xen *xen);
void xen_close(struct xen *xen);

/* KEXEC_TYPE_* */
enum xen_slot { XEN_SLOT_NORMAL, XEN_SLOT_CRASH, XEN_SLOT_LIVE_UPDATE };

/* KEXEC_RANGE_MA_* */
enum xen_range {
	XEN_RANGE_CRASH, /* reserved for a crash kernel */
	XEN_RANGE_XEN, /* the hypervisor's image */
	XEN_RANGE_CPU, /* the note of a CPU */
	XEN_RANGE_VMCOREINFO = 6,
	XEN_RANGE_LIVE_UPDATE = 7,
};

#define XEN_MAX_SEGMENTS 16 /* KEXEC_SEGMENT_MAX of Xen */

struct xen_segment {
	struct bytes bytes; /* zeros follow; data NULL: only mapped for the kernel */
	struct range range;
};

struct e820_entry {
	uint64_t start;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

/*
 * The functions below return 0, or a negative errno of Xen or of Linux.  cpu: number of a
 * physical CPU, for XEN_RANGE_CPU.  -ERANGE: no such CPU; -EINVAL: no such range.
 */
int xen_get_range(struct xen *xen, enum xen_range which, int cpu, struct range *out);

/* The firmware's memory map of the machine; the arena owns the entries. */
int xen_memory_map(struct ctx *ctx, struct xen *xen, struct e820_entry **entry, size_t *count);

/*
 * Adds the machine's memory that belongs to domains, in pieces of 2 MiB or more.  -ENOTSUP: Linux
 * does not show it.
 */
int xen_domain_memory(struct ctx *ctx, struct xen *xen, struct range_set *out);

/* machine: EM_* of the mode in which the kernel is entered. */
int xen_load(struct xen *xen, enum xen_slot slot, uint16_t machine, uint64_t entry,
	     const struct xen_segment *segment, size_t count);
int xen_unload(struct xen *xen, enum xen_slot slot);

/* Returns 1: the slot is filled; 0: it is empty. */
int xen_status(struct xen *xen, enum xen_slot slot);

/* Returns 0 for a live update, which happens later; otherwise it returns only on failure. */
int xen_exec(struct xen *xen, enum xen_slot slot);

#endif
