/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads facts in a checked tree (Devicetree Specification, chapter 3; bindings: psci). */
#include <errno.h>
#include <libfdt.h>

#include "edit.h"
#include "machine/machine.h"
#include "purgatory_abi.h"

bool tree_cells(const void *fdt, int bus, struct cells *out)
{
	int address = fdt_address_cells(fdt, bus), size = fdt_size_cells(fdt, bus);

	*out = (struct cells){ (unsigned int)address, (unsigned int)size };
	return address > 0 && address <= MAX_CELLS && size > 0 && size <= MAX_CELLS;
}

/* Reads an address of 4 or 8 bytes in /chosen.  Its size does not depend on the root's cells. */
static bool chosen_address(const void *fdt, const char *name, uint64_t *address)
{
	int size, chosen = fdt_path_offset(fdt, "/chosen");
	const uint8_t *value = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, name, &size);

	if (!value || (size != 4 && size != 8))
		return false;
	*address = get_cells(value, (unsigned int)size / 4);
	return true;
}

bool devicetree_initrd(const struct devicetree *tree, struct range *initrd)
{
	return chosen_address(tree->blob.data, "linux,initrd-start", &initrd->start) &&
	       chosen_address(tree->blob.data, "linux,initrd-end", &initrd->end) &&
	       !range_empty(*initrd);
}

const char *devicetree_bootargs(const struct devicetree *tree)
{
	const void *fdt = tree->blob.data;

	return fdt_stringlist_get(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", 0, NULL);
}

unsigned int devicetree_psci(const struct devicetree *tree)
{
	/* SYSTEM_RESET exists since PSCI 0.2.  A few trees name only 1.0. */
	static const char *const versions[] = { "arm,psci-0.2", "arm,psci-1.0" };
	const void *fdt = tree->blob.data;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		int node = fdt_node_offset_by_compatible(fdt, -1, versions[i]);
		const char *method = fdt_stringlist_get(fdt, node, "method", 0, NULL);

		if (method && !strcmp(method, "hvc"))
			return PURGATORY_PSCI_HVC;
		if (method && !strcmp(method, "smc"))
			return PURGATORY_PSCI_SMC;
	}
	return PURGATORY_PSCI_NONE;
}

static bool all_zeros(const uint8_t *data, int size)
{
	for (int i = 0; i < size; i++)
		if (data[i])
			return false;
	return true;
}

static bool has_memory(const struct devicetree *tree)
{
	static const char type[] = "memory";
	const void *fdt = tree->blob.data;
	int node = -1, size;

	if (fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "linux,uefi-system-table", NULL))
		return true;
	for (;;) {
		const void *reg;

		node = fdt_node_offset_by_prop_value(fdt, node, "device_type", type, sizeof(type));
		if (node < 0)
			return false;
		reg = fdt_getprop(fdt, node, "reg", &size);
		if (reg && !all_zeros(reg, size))
			return true;
	}
}

int devicetree_check_memory(struct ctx *ctx, const struct devicetree *tree, const char *cmdline)
{
	if (has_memory(tree) || cmdline_has_param(cmdline, "mem"))
		return 0;
	err_set(&ctx->err, -ENODATA,
		"%s contains no memory node: a node with the device_type memory and a reg is "
		"expected",
		tree->name);
	return err_hint(&ctx->err, "A boot loader would add it. /sys/firmware/fdt is the tree that "
				   "the running kernel got from its boot loader.");
}

bool devicetree_same_board(const struct devicetree *one, const struct devicetree *other)
{
	const void *fdt = one->blob.data;
	const char *board;

	for (int i = 0; (board = fdt_stringlist_get(fdt, 0, "compatible", i, NULL)); i++)
		if (fdt_stringlist_search(other->blob.data, 0, "compatible", board) >= 0)
			return true;
	return false;
}

void devicetree_empty(struct devicetree *out)
{
	/* header, an empty list of reservations, the root node */
	static const uint8_t blob[] = {
		0xd0, 0x0d, 0xfe, 0xed, 0, 0,  0, 72, 0, 0,  0, 56, 0, 0, 0, 72, 0, 0,
		0,    40,   0,	  0,	0, 17, 0, 0,  0, 16, 0, 0,  0, 0, 0, 0,	 0, 0,
		0,    0,    0,	  16,	0, 0,  0, 0,  0, 0,  0, 0,  0, 0, 0, 0,	 0, 0,
		0,    0,    0,	  0,	0, 1,  0, 0,  0, 0,  0, 0,  0, 2, 0, 0,	 0, 9,
	};

	*out = (struct devicetree){ "the empty device tree", { blob, sizeof(blob) } };
}
