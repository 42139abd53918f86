/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists memory that a tree reserves: in its reservation block, and by the children of
 * /reserved-memory (Devicetree Specification, 3.5 and 5.3).
 */
#include <libfdt.h>

#include "edit.h"

#define LARGEST_PAGE 0x10000

static void add(struct ctx *ctx, uint64_t start, uint64_t size, struct range_set *out)
{
	struct range r = { start, 0 };

	if (__builtin_add_overflow(start, size, &r.end))
		r.end = UINT64_MAX;
	range_set_add(&ctx->arena, out, r);
}

/* True for the old initrd, reserved by bytes or by pages.  The next kernel does not need it. */
static bool is_initrd(struct range r, struct range initrd)
{
	return !range_empty(initrd) && r.start == initrd.start && r.end >= initrd.end &&
	       r.end - initrd.end < LARGEST_PAGE;
}

static void add_block(struct ctx *ctx, const struct devicetree *tree, struct range_set *out)
{
	int count = fdt_num_mem_rsv(tree->blob.data);
	struct range initrd = { 0 };
	uint64_t start, size;

	if (!devicetree_initrd(tree, &initrd))
		initrd = (struct range){ 0 };
	for (int i = 0; i < count; i++)
		if (!fdt_get_mem_rsv(tree->blob.data, i, &start, &size) &&
		    !is_initrd((struct range){ start, start + size }, initrd))
			add(ctx, start, size, out);
}

static bool is_available(const void *fdt, int node)
{
	const char *status = fdt_stringlist_get(fdt, node, "status", 0, NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

/* Nodes without reg are skipped: the kernel itself chooses a place for them. */
static void add_nodes(struct ctx *ctx, const void *fdt, struct range_set *out)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node;
	struct cells cells;

	if (!tree_cells(fdt, parent, &cells))
		return;
	fdt_for_each_subnode(node, fdt, parent)
	{
		int left, entry = (int)((cells.address + cells.size) * sizeof(uint32_t));
		const uint8_t *reg = fdt_getprop(fdt, node, "reg", &left);

		for (; reg && is_available(fdt, node) && left >= entry; left -= entry) {
			uint64_t start = take_cells(&reg, cells.address);

			add(ctx, start, take_cells(&reg, cells.size), out);
		}
	}
}

void devicetree_reserved(struct ctx *ctx, const struct devicetree *tree, struct range_set *out)
{
	*out = (struct range_set){ 0 };
	add_block(ctx, tree, out);
	add_nodes(ctx, tree->blob.data, out);
}
