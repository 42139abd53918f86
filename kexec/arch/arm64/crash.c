/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash load on arm64: the core header, and the memory that is left, are told in the
 * device tree's /chosen (Linux: admin-guide/kdump/kdump.rst).
 */
#include "arm64.h"

#include "../../kdump/kdump.h"

#define KEXEC_CRASH_HOTPLUG_SUPPORT 8u /* kexec_load(2) */

/* All reservations: first the one that is loaded into, then those for DMA. */
static int usable_memory(struct ctx *ctx, const struct machine *machine,
			 struct devicetree_changes *changes)
{
	struct range_set others = range_set_copy(&ctx->arena, &machine->crash);
	struct range *usable = arena_array(&ctx->arena, others.count + 1, sizeof(*usable));
	int ret = kdump_reservation(ctx, machine, &usable[0]);

	if (ret)
		return ret;
	range_set_subtract(&ctx->arena, &others, usable[0]);
	for (size_t i = 0; i < others.count; i++)
		usable[i + 1] = others.range[i];
	changes->usable = usable;
	changes->usable_count = others.count + 1;
	return 0;
}

int arm64_plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     struct plan *plan, struct devicetree_changes *changes)
{
	const struct kdump_options options = { .vmcoreinfo = true, .hotplug = req->hotplug };
	struct machine_crash crash;
	struct kdump kdump;
	int ret = machine_read_crash(ctx, machine, &crash);

	if (!ret)
		ret = kdump_place(ctx, machine, &crash, &kdump_arm64, &options, plan, &kdump);
	if (ret)
		return ret;
	changes->elfcorehdr = kdump.header;
	if (req->hotplug)
		plan->kexec_flags |= KEXEC_CRASH_HOTPLUG_SUPPORT;
	return usable_memory(ctx, machine, changes);
}
