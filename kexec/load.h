/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a request to what is submitted. */
#ifndef LOAD_H
#define LOAD_H

#include "arch/arch.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"

/* --arch's, or this machine's. */
int load_choose_arch(struct ctx *ctx, const struct request *req, const struct arch **arch);

/*
 * Every stage but the last: nothing outside this process changes.  machine and plan
 * are zeroed memory of the caller.
 */
int load_plan(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct machine *machine, struct plan *plan);

/* The other way: has the kernel itself read and place the files (kexec_file_load(2)). */
int load_by_file(struct ctx *ctx, const struct request *req, const struct sysroot *root);

#endif
