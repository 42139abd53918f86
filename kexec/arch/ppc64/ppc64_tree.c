/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes the tree for the next ppc64 kernel (Linux: arch/powerpc/kexec/file_load_64.c,
 * arch/powerpc/kernel/prom.c).
 */
#include <errno.h>
#include <libfdt.h>

#include "devicetree/edit.h"
#include "lmb.h"
#include "ppc64_tree.h"

#define DRCONF_USABLE "linux,drconf-usable-memory"
#define NODE_USABLE "linux,usable-memory"
#define SERVERS "ibm,ppc-interrupt-server#s"
#define TAG 4u

/* A property's value that grows.  The mapping has room for the largest possible value. */
struct value {
	uint8_t *data;
	size_t size;
};

/* Removes properties that describe the running kernel's memory.  The next kernel makes its own. */
static int forget_running_kernel(struct edit *e)
{
	static const char *const properties[] = {
		"linux,crashkernel-base", "linux,crashkernel-size", "linux,kernel-end",
		"linux,htab-base",	  "linux,htab-size",
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(properties); i++)
		ret = edit_drop(e, properties[i]);
	return ret;
}

static int drop_everywhere(struct edit *e, const char *property)
{
	for (int node = 0; node >= 0; node = fdt_next_node(e->fdt, node, NULL)) {
		int ret;

		do
			ret = fdt_delprop(e->fdt, node, property);
		while (!ret);
		if (ret != -FDT_ERR_NOTFOUND)
			return edit_failed(e, property, ret);
	}
	return 0;
}

static int start_value(struct edit *e, size_t pairs, struct value *value)
{
	size_t room;

	*value = (struct value){ 0 };
	if (!__builtin_mul_overflow(pairs, EDIT_PAIR_SIZE, &room))
		value->data = map_anonymous(e->ctx, room);
	if (value->data)
		return 0;
	return err_set(&e->ctx->err, -ENOMEM, "%s: no memory for %zu ranges", e->name, pairs);
}

/* Appends the usable parts of r; *count: number of parts. */
static int append_usable(struct edit *e, const struct range_set *usable, struct range r,
			 struct value *value, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < usable->count; i++) {
		struct range part = range_intersect(r, usable->range[i]);
		size_t size;
		int ret;

		if (range_empty(part))
			continue;
		ret = edit_put_pair(e, NODE_USABLE, part, value->data + value->size, &size);
		if (ret)
			return ret;
		value->size += size;
		++*count;
	}
	return 0;
}

static int node_usable(struct edit *e, const struct range_set *usable, struct bytes reg,
		       struct value *value)
{
	size_t middle = 4 * e->address_cells, step = middle + 4 * e->size_cells, count;
	int ret = start_value(e, reg.size / step * usable->count + 1, value);

	for (size_t at = 0; !ret && bytes_has(reg, at, step); at += step) {
		struct range r = { get_cells(reg.data + at, e->address_cells), 0 };

		if (__builtin_add_overflow(r.start,
					   get_cells(reg.data + at + middle, e->size_cells),
					   &r.end))
			r.end = UINT64_MAX;
		ret = append_usable(e, usable, r, value, &count);
	}
	if (!ret && !value->size) /* no part of the node is usable: the value is one empty range */
		value->size = step;
	return ret;
}

static struct bytes get_property(struct edit *e, int node, const char *name)
{
	int size;
	const uint8_t *data = fdt_getprop(e->fdt, node, name, &size);

	return data ? (struct bytes){ data, (size_t)size } : (struct bytes){ 0 };
}

static bool is_memory(const char *name)
{
	return name && !strncmp(name, "memory", 6) && (!name[6] || name[6] == '@');
}

static int limit_nodes(struct edit *e, const struct range_set *usable)
{
	int node;

	fdt_for_each_subnode(node, e->fdt, 0)
	{
		struct bytes reg = get_property(e, node, "reg");
		struct value value;
		int ret;

		if (!reg.size || !is_memory(fdt_get_name(e->fdt, node, NULL)))
			continue;
		ret = node_usable(e, usable, reg, &value);
		if (ret)
			return ret;
		ret = fdt_setprop(e->fdt, node, NODE_USABLE, value.data, (int)value.size);
		if (ret)
			return edit_failed(e, NODE_USABLE, ret);
	}
	return 0;
}

/*
 * Makes the value of DRCONF_USABLE.  Each block with set.usable has an entry: a count, as wide
 * as one size, and count ranges.  Other blocks have no entry, because Linux skips them.
 */
static int blocks_usable(struct edit *e, const struct range_set *usable, const struct lmbs *lmbs,
			 struct value *value)
{
	size_t counter = 4 * e->size_cells, count = 0;
	int ret = start_value(e, lmbs->blocks * (usable->count + 1) + 1, value);

	for (uint32_t i = 0; !ret && i < lmbs->sets; i++) {
		struct lmb_set set = lmb_set(lmbs, i);

		for (uint32_t k = 0; !ret && set.usable && k < set.blocks; k++) {
			struct range block = { set.start + k * lmbs->size, 0 };
			uint8_t *at = value->data + value->size;

			block.end = block.start + lmbs->size;
			value->size += counter;
			ret = append_usable(e, usable, block, value, &count);
			put_u32(ORDER_BE, at + counter - 4, (uint32_t)count);
		}
	}
	return ret;
}

static int limit_blocks(struct edit *e, const struct range_set *usable)
{
	int node = fdt_path_offset(e->fdt, "/" LMB_NODE), ret;
	struct bytes memory;
	struct value value;
	struct lmbs lmbs;
	bool v2 = false;

	if (node < 0)
		return 0;
	memory = get_property(e, node, LMB_MEMORY);
	if (!memory.size) {
		memory = get_property(e, node, LMB_MEMORY_V2);
		v2 = true;
	}
	if (!memory.size)
		return 0;
	ret = lmb_parse("/" LMB_NODE, get_property(e, node, LMB_SIZE), memory, v2, &lmbs,
			&e->ctx->err);
	if (ret)
		return err_prefix(&e->ctx->err, "%s", e->name);
	ret = blocks_usable(e, usable, &lmbs, &value);
	if (ret)
		return ret;
	ret = fdt_setprop(e->fdt, node, DRCONF_USABLE, value.data, (int)value.size);
	return ret ? edit_failed(e, DRCONF_USABLE, ret) : 0;
}

/* Makes all changes outside /chosen, then finds /chosen. */
static int change_nodes(struct edit *e, const struct range_set *usable)
{
	int ret = drop_everywhere(e, "linux,pci-domain");

	if (!ret)
		ret = drop_everywhere(e, NODE_USABLE);
	if (!ret)
		ret = drop_everywhere(e, DRCONF_USABLE);
	if (!ret && usable)
		ret = limit_nodes(e, usable);
	if (!ret && usable)
		ret = limit_blocks(e, usable);
	return ret ? ret : edit_find_chosen(e);
}

static bool is_reserved(struct edit *e, struct range r)
{
	uint64_t address, size;

	for (int i = fdt_num_mem_rsv(e->fdt) - 1; i >= 0; i--)
		if (!fdt_get_mem_rsv(e->fdt, i, &address, &size) && address == r.start &&
		    size == range_size(r))
			return true;
	return false;
}

static int reserve(struct edit *e, const struct devicetree_ppc64 *changes)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < changes->reserved_count; i++)
		if (!range_empty(changes->reserved[i]) && !is_reserved(e, changes->reserved[i]))
			ret = edit_reserve(e, changes->reserved[i]);
	if (!ret && !range_empty(changes->tree))
		ret = edit_reserve(e, changes->tree);
	return ret;
}

/* Packs the tree, and adds spare bytes at its end, which count in its size. */
static int finish(struct edit *e, uint32_t spare, struct bytes *out)
{
	uint8_t *fdt = e->fdt;
	int ret = edit_finish(e, DEVICETREE_BUFFER - spare, out);

	if (ret)
		return ret;
	memset(fdt + out->size, 0, spare);
	out->size += spare;
	fdt_set_totalsize(fdt, (uint32_t)out->size);
	return 0;
}

/* Returns a node's size in a blob.  The blob already contains the names of the properties. */
static uint32_t node_size(const void *fdt, int node)
{
	int length, offset;
	uint32_t size = 2 * TAG;

	if (fdt_get_name(fdt, node, &length))
		size += (uint32_t)length + TAG;
	fdt_for_each_property_offset(offset, fdt, node)
	{
		if (fdt_get_property_by_offset(fdt, offset, &length))
			size += (uint32_t)length + 4 * TAG;
	}
	return size;
}

static int next_cpu(const void *fdt, int node)
{
	static const char type[] = "cpu";

	return fdt_node_offset_by_prop_value(fdt, node, "device_type", type, sizeof(type));
}

bool devicetree_has_cpu_ppc64(const struct devicetree *tree, uint32_t hardware)
{
	const void *fdt = tree->blob.data;

	for (int node = next_cpu(fdt, -1); node >= 0; node = next_cpu(fdt, node)) {
		int size = 0;
		const uint8_t *number = fdt_getprop(fdt, node, SERVERS, &size);

		if (!number) /* a core of one thread */
			number = fdt_getprop(fdt, node, "reg", &size);
		for (int at = 0; at + 4 <= size; at += 4)
			if (get_be32(number + at) == hardware)
				return true;
	}
	return false;
}

uint32_t devicetree_room_for_cpus(const struct devicetree *tree, uint32_t threads)
{
	const void *fdt = tree->blob.data;
	int node = next_cpu(fdt, -1);
	uint32_t each = 1;
	uint64_t room;
	int size;

	if (node < 0)
		return 0;
	if (fdt_getprop(fdt, node, SERVERS, &size) && size >= 4)
		each = (uint32_t)size / 4;
	room = (uint64_t)((threads + each - 1) / each) * node_size(fdt, node);
	return room < DEVICETREE_BUFFER / 2 ? (uint32_t)room : DEVICETREE_BUFFER / 2;
}

int devicetree_change_ppc64(struct ctx *ctx, const struct devicetree *in,
			    const struct devicetree_ppc64 *changes, struct bytes *out)
{
	struct edit e = { .ctx = ctx, .name = in->name };
	int ret = edit_start(&e, in, 2 * DEVICETREE_BUFFER - in->blob.size);

	if (!ret)
		ret = change_nodes(&e, changes->usable);
	if (!ret)
		ret = edit_forget_last_boot(&e);
	if (!ret)
		ret = forget_running_kernel(&e);
	if (!ret)
		ret = edit_initrd(&e, changes->initrd);
	if (!ret)
		ret = edit_bootargs(&e, changes->bootargs);
	if (!ret)
		ret = edit_seeds(&e, changes->dry_run);
	if (!ret)
		ret = edit_set(&e, "linux,booted-from-kexec", NULL, 0);
	if (!ret)
		ret = reserve(&e, changes);
	if (!ret)
		ret = finish(&e, changes->spare, out);
	return ret ? err_status(&ctx->err, EXIT_STATUS_REFUSED) : 0;
}
