/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this stage share with each other only. */
#ifndef SUBMIT_INTERNAL_H
#define SUBMIT_INTERNAL_H

#include "submit.h"

/* Is a crash kernel loaded?  false where the running kernel does not tell. */
bool crash_kernel_loaded(struct ctx *ctx, const struct sysroot *root);

/*
 * After a refused load for the crash slot, which held a kernel before: warns if
 * that one is gone.  The running kernel frees it before it looks at the new one.
 */
void warn_lost_crash_kernel(struct ctx *ctx, const struct sysroot *root);

/*
 * A sealed memfd called name that holds the bytes; the caller closes it.
 * Negative errno: status 253 where this kernel has no memfd, else 255.
 */
int memfd_with_bytes(struct ctx *ctx, const char *name, struct bytes bytes);

#endif
