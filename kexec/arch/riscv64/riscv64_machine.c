/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a riscv64 machine that only firmware can read (OpenSBI: docs/domain_support.md). */
#include "riscv64_machine.h"

#include <errno.h>

#include "machine/livetree.h"

#define RESERVED "reserved-memory"
#define ROOT_CELLS 2 /* default: the cells of the root */
#define FIRMWARE "mmode_resv" /* name of OpenSBI's nodes */

static bool is_cells(uint64_t cells)
{
	return cells >= 1 && cells <= MAX_CELLS;
}

static int hide(const struct livetree *tree, const char *node, struct machine *machine)
{
	uint64_t address_cells = 0, size_cells = 0, start, size;
	struct bytes reg = { 0 };
	int ret = livetree_bytes(tree, arena_printf(&tree->ctx->arena, RESERVED "/%s/reg", node),
				 &reg);

	if (ret > 0)
		ret = livetree_cells(tree, RESERVED "/#address-cells", ROOT_CELLS, &address_cells);
	if (!ret)
		ret = livetree_cells(tree, RESERVED "/#size-cells", ROOT_CELLS, &size_cells);
	if (ret || !is_cells(address_cells) || !is_cells(size_cells) ||
	    reg.size != (address_cells + size_cells) * sizeof(uint32_t))
		return ret;
	start = get_cells(reg.data, address_cells);
	size = get_cells(reg.data + address_cells * sizeof(uint32_t), size_cells);
	if (size <= UINT64_MAX - start)
		range_set_add(&tree->ctx->arena, &machine->hidden,
			      (struct range){ start, start + size });
	return 0;
}

int machine_read_riscv64(struct ctx *ctx, struct machine *machine)
{
	struct livetree tree;
	char **names = NULL;
	int ret = livetree_open(ctx, machine->root, &tree);

	if (!ret)
		ret = livetree_list(&tree, RESERVED, &names);
	if (ret == -ENOENT) {
		err_clear(&ctx->err);
		return 0;
	}
	for (size_t i = 0; ret >= 0 && names[i]; i++)
		if (!strncmp(names[i], FIRMWARE, strlen(FIRMWARE)))
			ret = hide(&tree, names[i], machine);
	return ret < 0 ? ret : 0;
}
