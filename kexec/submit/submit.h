/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only stage with side effects: the system calls, and what surrounds them
 * (sync, interfaces, reboot).
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include "../core/ctx.h"
#include "../core/file.h"
#include "../core/request.h"
#include "../plan/plan.h"

/* kexec_load(2) with the plan's segments.  "kexec_load failed: ", status 255. */
int submit_kexec_load(struct ctx *ctx, const struct sysroot *root, const struct plan *plan);

/* Empties a slot.  Nothing loaded is success. */
int submit_unload(struct ctx *ctx, const struct sysroot *root, bool crash, uint32_t kexec_arch);

/* *loaded: 1 or 0; -ENOENT (status 255) when the kernel does not tell. */
int submit_status(struct ctx *ctx, const struct sysroot *root, bool crash, bool *loaded);

/* -e: "Nothing has been loaded!" unless something is; sync, interfaces down, jump. */
int submit_exec(struct ctx *ctx, const struct sysroot *root, const struct request *req);

/* The bare form: hands over to the system's own reboot.  Returns only on failure. */
int submit_system_reboot(struct ctx *ctx, const struct sysroot *root);

/* Takes every interface but loopback down; failures are warnings. */
void submit_interfaces_down(struct ctx *ctx);

/*
 * Why did this call fail, and what to do?  Looks capabilities, lockdown and
 * sysctls up under root.  call: "kexec_load", "kexec_file_load", "reboot".
 */
void submit_explain(struct ctx *ctx, const struct sysroot *root, const char *call, int errnum);

#endif
