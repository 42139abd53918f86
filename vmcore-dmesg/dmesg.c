/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chooses the format of the log. */
#include "dmesg.h"

#include "log_reader.h"

int dmesg_print(struct ctx *ctx, struct vmcore *core, struct output *output)
{
	struct dmesg *d = arena_alloc(&ctx->arena, sizeof(*d));
	uint64_t address;

	d->ctx = ctx;
	d->core = core;
	d->output = output;
	if (vmcoreinfo_read(ctx, core, &d->info))
		return ctx->err.code;
	if (vmcoreinfo_symbol(&d->info, "prb", &address))
		return dmesg_lockless(d);
	if (vmcoreinfo_symbol(&d->info, "log_first_idx", &address))
		return dmesg_records(d);
	return dmesg_bytes(d);
}
