/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory maps from entries that may be unsorted and may overlap. */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#include "machine.h"

/*
 * Fills out->entry: sorted and disjoint, neighbours of one type joined.  Where entries of
 * different types overlap, the more restrictive type holds.  -ENOMEM: out of memory.
 */
int memory_map_resolve(struct ctx *ctx, const struct memory_entry *entry, size_t count,
		       struct memory_map *out);

/* Type by its name in the firmware's map or in iomem.  false: not the name of a type. */
bool memory_type_by_name(const char *name, enum memory_type *type);

/* Makes all RAM of the map reserved, except for what is in ram.  -ENOMEM: out of memory. */
int memory_map_reserve_rest(struct ctx *ctx, const struct range_set *ram, struct memory_map *map);

/* Removes [0, limit) from the RAM of the map; entries of other types are not changed. */
void memory_map_clip_ram(struct memory_map *map, uint64_t limit);

#endif
