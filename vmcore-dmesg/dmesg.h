/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the log of a crashed kernel. */
#ifndef VMCORE_DMESG_H
#define VMCORE_DMESG_H

#include "output.h"
#include "vmcore.h"

/*
 * Prints the log, in any of the formats.  A part that cannot be read is left out with a
 * warning, and the function fails at the end.  ctx->err contains the exit status.
 */
int dmesg_print(struct ctx *ctx, struct vmcore *core, struct output *output);

#endif
