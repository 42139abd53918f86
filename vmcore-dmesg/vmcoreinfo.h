/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the crashed kernel says of itself: lines KEY=VALUE in the note
 * VMCOREINFO (Documentation/admin-guide/kdump/vmcoreinfo.rst).
 */
#ifndef VMCORE_VMCOREINFO_H
#define VMCORE_VMCOREINFO_H

#include "vmcore.h"

/* Kernels write a page of at most 64 KiB. */
#define VMCOREINFO_MAX (1u << 20)

struct vmcoreinfo {
	struct bytes text; /* no NUL inside; empty where there is no such note */
};

/*
 * Finds the note and sets up core->linear from it.  A dump without it is no
 * error here: every look-up fails.
 */
int vmcoreinfo_read(struct ctx *ctx, struct vmcore *core, struct vmcoreinfo *info);

/* The value of key, up to the end of its line.  The last line with the key counts. */
bool vmcoreinfo_find(const struct vmcoreinfo *info, const char *key, struct bytes *value);

/* The value of key as a hexadecimal number, 0x or not. */
bool vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *value);

/* The address in SYMBOL(name)=, which is hexadecimal. */
bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *address);

/* Any other number: decimal, with a sign or none, or hexadecimal behind 0x. */
bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *key, uint64_t *value);

#endif
