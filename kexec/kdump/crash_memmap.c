/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory map for the crash kernel (passed as memmap= or in its boot data). */
#include "kdump.h"

#include <errno.h>

#include "machine/memmap.h"

static struct range_set crash_ram(struct ctx *ctx, const struct machine *machine,
				  const struct range_set *low, struct range backup_copy,
				  struct range header)
{
	struct range_set ram = range_set_copy(&ctx->arena, &machine->crash);

	for (size_t i = 0; i < machine->crash_cma.count; i++)
		range_set_add(&ctx->arena, &ram, machine->crash_cma.range[i]);
	for (size_t i = 0; i < low->count; i++)
		range_set_add(&ctx->arena, &ram, low->range[i]);
	range_set_subtract(&ctx->arena, &ram, backup_copy);
	range_set_subtract(&ctx->arena, &ram, header);
	return ram;
}

int kdump_memory_map(struct ctx *ctx, const struct machine *machine, const struct range_set *low,
		     struct range backup_copy, struct range header, struct memory_map *out)
{
	struct range_set ram = crash_ram(ctx, machine, low, backup_copy, header);
	struct memory_entry *entry;
	struct memory_map now;
	size_t count = 0;
	int ret = memory_map_from_iomem(ctx, &machine->iomem, &now);

	if (ret)
		return ret;
	entry = map_anonymous(ctx, (now.count + ram.count + 1) * sizeof(*entry));
	if (!entry)
		return err_set(&ctx->err, -ENOMEM, "out of memory for %zu memory ranges",
			       now.count + ram.count);
	for (size_t i = 0; i < ram.count; i++)
		entry[count++] = (struct memory_entry){ ram.range[i], MEMORY_RAM };
	for (size_t i = 0; i < now.count; i++) {
		if (now.entry[i].type != MEMORY_RAM)
			entry[count++] = now.entry[i];
	}
	*out = (struct memory_map){ .source = now.source };
	return memory_map_resolve(ctx, entry, count, out);
}
