/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash load on arm64: the core header, and the memory that is left, are told in the
 * device tree's /chosen (Linux: admin-guide/kdump/kdump.rst).
 */
#include "arm64.h"

#include "../../core/kexec_flags.h"
#include "../../kdump/kdump.h"

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
	return arch_usable_memory(ctx, machine, changes);
}
