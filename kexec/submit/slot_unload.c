/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Empties a slot by kexec_load(2) without segments. */
#include "submit.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/kexec_flags.h"

int submit_unload(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct submit_arch *arch)
{
	struct submit_call call = {
		.op = SUBMIT_UNLOAD,
		.crash = crash,
		.flags = arch->number << 16 | (crash ? KEXEC_ON_CRASH : 0),
		.arch = arch,
	};

	log_debug(&ctx->log, "kexec_load: unload, flags = 0x%x", call.flags);
	if (syscall(SYS_kexec_load, 0UL, 0UL, NULL, (unsigned long)call.flags))
		return submit_explain(ctx, root, &call, errno);
	return 0;
}
