/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the serial port that a tree names as the console, and the CPU's address of its
 * registers (Devicetree Specification, 2.3.6, 2.3.8 and 3.6; Linux: devicetree/bindings/serial).
 */
#include <errno.h>
#include <libfdt.h>

#include "edit.h"
#include "purgatory_abi.h"

static const struct {
	const char *compatible;
	uint32_t kind;
} ports[] = {
	{ "arm,pl011", PURGATORY_SERIAL_PL011 },
	{ "arm,sbsa-uart", PURGATORY_SERIAL_PL011 },
	{ "ns16550a", PURGATORY_SERIAL_8250_MMIO },
	{ "ns16550", PURGATORY_SERIAL_8250_MMIO },
	{ "snps,dw-apb-uart", PURGATORY_SERIAL_8250_MMIO },
};

/* Returns the path in stdout-path, which contains a path or an alias, and maybe ":" and options. */
static const char *stdout_path(struct ctx *ctx, const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	const char *path = fdt_stringlist_get(fdt, chosen, "stdout-path", 0, NULL);
	char *name;

	if (!path)
		path = fdt_stringlist_get(fdt, chosen, "linux,stdout-path", 0, NULL);
	if (!path)
		return NULL;
	name = arena_strndup(&ctx->arena, path, strcspn(path, ":"));
	/* libfdt follows an alias of an alias without end, so aliases are looked up here. */
	return *name == '/'
		       ? name
		       : fdt_stringlist_get(fdt, fdt_path_offset(fdt, "/aliases"), name, 0, NULL);
}

static uint32_t kind_of(const void *fdt, int node)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (!fdt_node_check_compatible(fdt, node, ports[i].compatible))
			return ports[i].kind;
	return PURGATORY_SERIAL_NONE;
}

static uint32_t number_property(const void *fdt, int node, const char *name, uint32_t otherwise)
{
	int size;
	const uint8_t *value = fdt_getprop(fdt, node, name, &size);

	return value && size == sizeof(uint32_t) ? get_be32(value) : otherwise;
}

/* Translates an address on a bus to an address on the parent bus. */
static bool translate(const void *fdt, int bus, struct cells child, struct cells parent,
		      uint64_t *address)
{
	size_t entry = (child.address + parent.address + child.size) * sizeof(uint32_t);
	int size;
	const uint8_t *ranges = fdt_getprop(fdt, bus, "ranges", &size);

	if (!ranges)
		return false;
	if (!size)
		return true;
	for (size_t left = (size_t)size; left >= entry; left -= entry) {
		uint64_t from = take_cells(&ranges, child.address),
			 to = take_cells(&ranges, parent.address);
		uint64_t length = take_cells(&ranges, child.size);

		if (*address >= from && *address - from < length)
			return !__builtin_add_overflow(to, *address - from, address);
	}
	return false;
}

static int no_address(struct ctx *ctx, const void *fdt, int node, const char *why)
{
	return err_set(&ctx->err, -ENXIO, "cannot find the address of %s: %s",
		       fdt_get_name(fdt, node, NULL), why);
}

static int find_address(struct ctx *ctx, const void *fdt, int node, uint64_t *address)
{
	int bus = fdt_parent_offset(fdt, node), size;
	const uint8_t *reg = fdt_getprop(fdt, node, "reg", &size);
	struct cells child, parent;

	if (!reg)
		return no_address(ctx, fdt, node, "it has no reg");
	if (bus < 0 || !tree_cells(fdt, bus, &child) ||
	    (size_t)size < (child.address + child.size) * sizeof(uint32_t))
		return no_address(ctx, fdt, node, "its reg makes no sense");
	*address = take_cells(&reg, child.address);
	for (; bus; child = parent) {
		int above = fdt_parent_offset(fdt, bus);

		if (above < 0 || !tree_cells(fdt, above, &parent) ||
		    !translate(fdt, bus, child, parent, address))
			return no_address(
				ctx, fdt, node,
				arena_printf(&ctx->arena,
					     "no entry in ranges of the bus %s contains it",
					     fdt_get_name(fdt, bus, NULL)));
		bus = above;
	}
	return 0;
}

int devicetree_stdout(struct ctx *ctx, const struct devicetree *tree, struct tty *out)
{
	const void *fdt = tree->blob.data;
	const char *path = stdout_path(ctx, fdt);
	enum tty_width width;
	int node, ret;

	*out = (struct tty){ 0 };
	if (!path || *path != '/')
		return err_set(&ctx->err, -ENOENT, "%s has no stdout-path that leads to a port",
			       tree->name);
	node = fdt_path_offset(fdt, path);
	if (node < 0)
		return err_set(&ctx->err, -ENOENT, "stdout-path leads to %s, which is not in %s",
			       path, tree->name);
	out->kind = kind_of(fdt, node);
	if (!out->kind)
		return err_set(&ctx->err, -ENOTSUP,
			       "purgatory has no driver for stdout-path's %s: it knows the PL011 "
			       "and the 16550",
			       path);
	ret = find_address(ctx, fdt, node, &out->base);
	if (ret)
		return ret;
	out->base += number_property(fdt, node, "reg-offset", 0);
	out->shift = number_property(fdt, node, "reg-shift", 0);
	switch (number_property(fdt, node, "reg-io-width", 1)) {
	case 1: width = TTY_BYTES; break;
	case 4: width = TTY_WORDS; break;
	default: width = TTY_OTHER;
	}
	if (fdt_getprop(fdt, node, "big-endian", NULL))
		width = TTY_OTHER;
	return tty_check(ctx, path, out, width);
}
