/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory maps from entries in any order, overlapping in any way. */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#include "machine.h"

/*
 * Fills out->entry: sorted, disjoint, neighbours of one type joined.  Where
 * entries of different types overlap the more restrictive type holds.
 */
int memory_map_resolve(struct ctx *ctx, const struct memory_entry *entry, size_t count,
		       struct memory_map *out);

/* As firmware's map and iomem write types.  false: it is none of them. */
bool memory_type_by_name(const char *name, enum memory_type *type);

/* Takes [0, limit) out of the RAM of the map; other types keep what they have. */
void memory_map_clip_ram(struct memory_map *map, uint64_t limit);

#endif
