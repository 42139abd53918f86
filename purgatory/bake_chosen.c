/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot data of a baked Linux that takes a device tree; see bake.h. */
#include "bake.h"

#include "purgatory.h"

/* Where purgatory moves it after the verification. */
static uint64_t moved(uint64_t address)
{
	const struct purgatory_params *params = &purgatory_params;

	return params->copy.size && params->copy.source == address ? params->copy.destination
								   : address;
}

void *bake_boot_data(uint64_t base, const void *starter)
{
	const struct bake_part *room = bake_part("handover"), *initrd = bake_part("initrd"),
			       *line = bake_part("command line"), *tree = bake_part("dtb");
	struct bake_chosen chosen = { 0 };
	const char *error;
	size_t size;
	void *to;

	if (!room)
		bake_fail("the image has no room for the boot data");
	if (tree)
		starter = (const void *)(uintptr_t)(base + tree->offset);
	if (line)
		chosen.bootargs = (const char *)(uintptr_t)(base + line->offset);
	if (initrd) {
		chosen.initrd_start = moved(base + initrd->offset);
		chosen.initrd_end = chosen.initrd_start + initrd->size;
	}
	to = (void *)(uintptr_t)(base + room->offset);
	bake_arch_sync(starter, bake_tree_size(starter, (size_t)room->memory));
	bake_arch_sync(to, (size_t)room->memory);
	error = bake_tree(starter, &chosen, to, (size_t)room->memory, &size);
	if (error)
		bake_fail(error);
	bake_arch_sync(to, size);
	return to;
}
