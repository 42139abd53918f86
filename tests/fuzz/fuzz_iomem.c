/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iomem_parse() and the memory map made of its lines. */
#include "fuzz.h"
#include "kexec/machine/machine.h"

static bool has_ram(const struct memory_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->entry[i].type == MEMORY_RAM)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx ctx = { 0 };
	struct iomem iomem = { 0 };
	struct memory_map map = { 0 };
	int ret = iomem_parse(&ctx, "iomem", (struct bytes){ data, size }, &iomem);

	must_explain(ret, &ctx.err);
	if (!ret) {
		for (size_t i = 0; i < iomem.count; i++) {
			must(iomem.entry[i].range.start <= iomem.entry[i].range.end);
			must(iomem.entry[i].depth >= 0 && iomem.entry[i].name);
		}
		ret = memory_map_from_iomem(&ctx, &iomem, &map);
		must_explain(ret, &ctx.err);
		must(ret || has_ram(&map));
		for (size_t i = 0; !ret && i < map.count; i++) {
			const struct memory_entry *entry = &map.entry[i];

			must(!range_empty(entry->range));
			must(!i || entry[-1].range.end < entry->range.start ||
			     (entry[-1].range.end == entry->range.start &&
			      entry[-1].type != entry->type));
		}
	}
	arena_free(&ctx.arena);
	return 0;
}
