/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -S: what is loaded, as an exit status and as JSON (doc/plan.md). */
#ifndef STATUS_H
#define STATUS_H

#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"

/*
 * With req->json prints both slots on stdout.  Returns the exit status: 1, the slot
 * asked about is loaded, or 0; a negative errno where the kernel does not tell.
 */
int print_status(struct ctx *ctx, const struct request *req, const struct sysroot *root);

#endif
