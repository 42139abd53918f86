/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start code of baked images: any bytes as the boot loader's device tree. */
#define BAKE_PSCI
#include "purgatory/bake_tree.c"

#include <libfdt.h>

#include "fuzz.h"

#define LARGE_ROOM (64u << 10)

static void check_chosen(const void *tree, const struct bake_chosen *chosen)
{
	int node = fdt_path_offset(tree, "/chosen"), size;
	const char *line = fdt_getprop(tree, node, "bootargs", &size);
	const uint8_t *start = fdt_getprop(tree, node, "linux,initrd-start", NULL);

	must(node > 0);
	must(!chosen->bootargs || (line && !strcmp(line, chosen->bootargs)));
	must(!chosen->initrd_end || (start && get_be64(start) == chosen->initrd_start));
}

static void try_tree(const uint8_t *from, size_t size, const struct bake_chosen *chosen,
		     size_t room)
{
	uint8_t *to = malloc(room + 1);
	size_t result = 0;

	if (bake_tree(from, chosen, to, room, &result)) {
		free(to);
		return;
	}
	must(result <= room && fdt_totalsize(to) == result);
	must(bake_tree_psci(to) <= PURGATORY_PSCI_SMC);
	if (!fdt_check_full(from, size)) {
		must(!fdt_check_full(to, result));
		check_chosen(to, chosen);
	}
	free(to);
	if (room != result)
		try_tree(from, size, chosen, result);
}

/* The tree's size is the only one that the start code knows, so it is not above that of the data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bake_chosen all = { "console=ttyS0", 0x123456000, 0x123789abc };
	static const struct bake_chosen none = { NULL, 0, 0 };
	uint8_t *exact;

	if (size < HEADER_SIZE || size > LARGE_ROOM)
		return 0;
	exact = malloc(size);
	memcpy(exact, data, size);
	if (get32(exact + 4) > size)
		put32(exact + 4, (uint32_t)size);
	must(bake_tree_size(exact, LARGE_ROOM) <= size);
	try_tree(exact, size, &all, 2 * LARGE_ROOM);
	try_tree(exact, size, &none, LARGE_ROOM);
	free(exact);
	return 0;
}
