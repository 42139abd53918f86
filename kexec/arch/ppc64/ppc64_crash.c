/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash load on ppc64: the core header is told on the command line; the memory that is
 * left, in the device tree (Linux: admin-guide/kdump/kdump.rst).
 */
#include "ppc64.h"

#include "core/kexec_flags.h"
#include "kdump/kdump.h"

/* All below the reservation's end, and what firmware needs. */
static void tell_usable(struct ctx *ctx, const struct machine_ppc64 *ppc64, uint64_t end,
			struct ppc64_boot *boot)
{
	range_set_add(&ctx->arena, &boot->usable, (struct range){ 0, end });
	for (size_t i = 0; i < ppc64->firmware_count; i++)
		range_set_add(&ctx->arena, &boot->usable, ppc64->firmware[i]);
	boot->changes.usable = &boot->usable;
}

/* Memory below the reservation is the crashed kernel's, but for what was copied away. */
static void leave_alone(struct ctx *ctx, const struct kdump *kdump, uint64_t start,
			struct devicetree_ppc64 *changes)
{
	const struct range own[] = {
		{ kdump->backup.end, start },
		{ kdump->backup_copy, kdump->backup_copy + range_size(kdump->backup) },
		kdump->header,
	};
	size_t count = ARRAY_SIZE(own);
	struct range *all = arena_array(&ctx->arena, changes->reserved_count + count, sizeof(*all));

	memcpy(all, changes->reserved, changes->reserved_count * sizeof(*all));
	memcpy(all + changes->reserved_count, own, sizeof(own));
	changes->reserved = all;
	changes->reserved_count += count;
}

int ppc64_plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     enum byte_order order, struct plan *plan, struct ppc64_boot *boot)
{
	const struct kdump_options options = {
		.backup = true,
		.vmcoreinfo = true,
		.hotplug = req->hotplug,
	};
	struct kdump_words words = { 0 };
	struct machine_crash crash;
	struct kdump kdump;
	int ret = machine_read_crash(ctx, machine, &crash);

	if (!ret)
		ret = kdump_place(ctx, machine, &crash,
				  order == ORDER_LE ? arch_ppc64le.kdump : arch_ppc64.kdump,
				  &options, plan, &kdump);
	if (ret)
		return ret;
	words.elfcorehdr = kdump.elfcorehdr;
	tell_usable(ctx, machine->ppc64, plan->within.range.end, boot);
	leave_alone(ctx, &kdump, plan->within.range.start, &boot->changes);
	if (req->hotplug)
		plan->kexec_flags |= KEXEC_CRASH_HOTPLUG_SUPPORT;
	return kdump_command_line(ctx, boot->cmdline, PPC64_CMDLINE_SIZE, &words, &boot->cmdline);
}
