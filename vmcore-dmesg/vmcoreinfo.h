/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The note VMCOREINFO, in which the crashed kernel describes itself by lines KEY=VALUE
 * (Documentation/admin-guide/kdump/vmcoreinfo.rst).
 */
#ifndef VMCORE_VMCOREINFO_H
#define VMCORE_VMCOREINFO_H

#include "vmcore.h"

/* Upper bound.  Kernels write one page, which has at most 64 KiB. */
#define VMCOREINFO_MAX (1u << 20)

struct vmcoreinfo {
	struct bytes text; /* contains no NUL; empty: the dump has no such note */
};

/*
 * Finds the note and fills core->linear from it.  A dump without the note is no error here,
 * but every look-up fails then.
 */
int vmcoreinfo_read(struct ctx *ctx, struct vmcore *core, struct vmcoreinfo *info);

/*
 * Looks up the value of key, which ends at the end of the line.  The last line with the key
 * counts.  false: no such line.
 */
bool vmcoreinfo_find(const struct vmcoreinfo *info, const char *key, struct bytes *value);

/* Looks up a hexadecimal number, with or without 0x, and with or without a leading -. */
bool vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *value);

/* Looks up the hexadecimal address in SYMBOL(name)=. */
bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *address);

/* Looks up a number that is decimal, or hexadecimal with 0x, with or without a leading -. */
bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *key, uint64_t *value);

#endif
