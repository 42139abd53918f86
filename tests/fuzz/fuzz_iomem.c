/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iomem_parse() and the memory map made of its lines. */
#include "fuzz.h"
#include "kexec/machine/machine.h"

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
		for (size_t i = 0; !ret && i < map.count; i++) {
			must(!range_empty(map.entry[i].range));
			must(!i || map.entry[i - 1].range.end <= map.entry[i].range.start);
		}
	}
	arena_free(&ctx.arena);
	return 0;
}
