/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Describes the changes in the next kernel's device tree.  A crash kernel reads the place of
 * the core header on its command line, and its usable memory in the tree (Linux:
 * admin-guide/kdump/kdump.rst).
 */
#include "ppc64.h"

struct ranges {
	struct range *range;
	size_t count;
};

static void add_range(struct ranges *ranges, struct range range)
{
	ranges->range[ranges->count++] = range;
}

/* Lists the memory that the next kernel must not use. */
static struct ranges reserved(struct ctx *ctx, const struct load *load, const struct kdump *kdump)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;
	struct ranges r = { .range = arena_array(&ctx->arena,
						 ppc64->reserved_count + ppc64->firmware_count + 3,
						 sizeof(*r.range)) };

	for (size_t i = 0; i < ppc64->reserved_count; i++)
		add_range(&r, ppc64->reserved[i]);
	for (size_t i = 0; i < ppc64->firmware_count; i++)
		add_range(&r, ppc64->firmware[i]);
	if (!kdump)
		return r;
	/* The crashed kernel's memory below the reservation, without the start (see the backup). */
	add_range(&r, (struct range){ kdump->backup.end, load->reservation.start });
	add_range(&r, (struct range){ kdump->backup_copy,
				      kdump->backup_copy + range_size(kdump->backup) });
	add_range(&r, kdump->header);
	return r;
}

/* A crash kernel uses all memory below the reservation's end, and what firmware needs. */
static void add_usable(struct ctx *ctx, const struct load *load, struct range_set *usable)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;

	range_set_add(&ctx->arena, usable, (struct range){ 0, load->reservation.end });
	for (size_t i = 0; i < ppc64->firmware_count; i++)
		range_set_add(&ctx->arena, usable, ppc64->firmware[i]);
}

int ppc64_describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		   const struct boot_info *info, struct bytes *out)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;
	struct ranges r = reserved(ctx, load, info->kdump);
	struct range_set usable = { 0 };
	struct devicetree_ppc64 changes = {
		.bootargs = info->cmdline,
		.initrd = info->initrd,
		.reserved = r.range,
		.reserved_count = r.count,
		/* Not empty without an address, so that the tree's size does not change later. */
		.tree = { info->data, info->data + (info->data ? out->size : 1) },
		.dry_run = load->req->dry_run,
	};

	if (info->kdump) {
		add_usable(ctx, load, &usable);
		changes.usable = &usable;
	}
	if (load->req->hotplug)
		changes.spare = devicetree_room_for_cpus(boot->tree, ppc64->absent_cpus);
	return devicetree_change_ppc64(ctx, boot->tree, &changes, out);
}
