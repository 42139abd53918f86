/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which memory is dumped, and which of it must be copied away first (Linux: kernel/resource.c). */
#include "kdump.h"

#include <errno.h>

/* "System RAM", or "System RAM (kmem)" and its like: a driver's, and worth a dump. */
static bool is_ram(const char *name)
{
	return !strcmp(name, "System RAM") || !strncmp(name, "System RAM (", 12);
}

struct range_set kdump_dump_ranges(struct ctx *ctx, const struct machine *machine)
{
	const struct iomem *iomem = &machine->iomem;
	struct range_set set = { 0 };

	for (size_t i = 0; i < iomem->count; i++) {
		if (is_ram(iomem->entry[i].name))
			range_set_add(&ctx->arena, &set, iomem->entry[i].range);
	}
	for (size_t i = 0; i < machine->crash.count; i++)
		range_set_subtract(&ctx->arena, &set, machine->crash.range[i]);
	/* Reading through the AGP aperture can hang the machine. */
	for (size_t i = 0; i < iomem->count; i++) {
		if (!strcmp(iomem->entry[i].name, "GART"))
			range_set_subtract(&ctx->arena, &set, iomem->entry[i].range);
	}
	return set;
}

struct range kdump_backup_source(const struct range_set *dump, uint64_t limit)
{
	struct range first = { 0 };

	if (dump->count)
		first = range_intersect(dump->range[0], (struct range){ 0, limit });
	if (range_empty(first))
		first = (struct range){ 0 };
	return first;
}

int kdump_reservation(struct ctx *ctx, const struct machine *machine, struct range *load)
{
	if (machine->crash.count) {
		*load = machine->crash.range[machine->crash.count - 1];
		return 0;
	}
	err_set(&ctx->err, -ENODATA, "Memory for crashkernel is not reserved");
	return err_hint(&ctx->err, "Please reserve memory by passing \"crashkernel=Y@X\" "
				   "parameter to kernel, then load again");
}
