/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations for the files of this folder only. */
#ifndef SUBMIT_INTERNAL_H
#define SUBMIT_INTERNAL_H

#include "submit.h"

/*
 * Creates a sealed memfd called name that contains the bytes.  The caller closes it.
 * Returns the descriptor or a negative errno.  Status 253: the kernel has no memfd; 255:
 * every other error.
 */
int memfd_with_bytes(struct ctx *ctx, const char *name, struct bytes bytes);

/*
 * True if this process is known to lack CAP_SYS_BOOT, without which the kernel refuses every
 * call.  false: it has the capability, or /proc/self/status does not report it.
 */
bool lacks_boot_right(struct ctx *ctx, const struct sysroot *root);

/* A flag that the running kernel may not know. */
struct young_flag {
	enum submit_op op; /* SUBMIT_LOAD or SUBMIT_FILE_LOAD */
	uint32_t bit;
	const char *name; /* for messages */
	const char *needs; /* version or configuration of the running kernel */
};

/* All such flags.  The last entry has a bit of 0. */
extern const struct young_flag young_flags[];

struct xen;

/* The plan's segments and the segments for gaps below 1 MiB, sorted.  Returns their number. */
#define XEN_SEGMENTS_ROOM (4 * PLAN_MAX_SEGMENTS + 1)
size_t xen_segments(const struct plan *plan, struct xen_segment out[XEN_SEGMENTS_ROOM]);

/* submit_xen_load() and submit_xen_unload() for a connection that xen_open() made. */
int xen_unload_slot(struct ctx *ctx, struct xen *xen, enum xen_slot slot);
int xen_load_plan(struct ctx *ctx, struct xen *xen, enum xen_slot slot, const struct plan *plan);

#endif
