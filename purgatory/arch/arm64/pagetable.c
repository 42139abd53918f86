/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: builds identity maps (Arm ARM D8, VMSAv8-64) for every granule.  A table
 * fills one granule and contains descriptors of 8 bytes.  In this file, level 0 consists of
 * pages, and level 3 is the highest.
 */
#include "pagetable.h"

#define VALID 1ull
#define TABLE 2ull /* levels 1 to 3; at level 0 the same bit marks a page */
#define PAGE 2ull
#define ADDRESS_MASK 0x0000fffffffff000ull

static uint64_t *new_table(struct page_tables *tables)
{
	uint64_t size = 1ull << tables->granule_log2, i;
	uint64_t *table = (uint64_t *)(uintptr_t)tables->free;

	if (tables->end - tables->free < size)
		return NULL;
	tables->free += size;
	for (i = 0; i < size / sizeof(*table); i++)
		table[i] = 0;
	return table;
}

bool page_tables_init(struct page_tables *tables, void *pool, size_t size,
		      unsigned int granule_log2, unsigned int address_bits)
{
	uint64_t mask = (1ull << granule_log2) - 1;

	tables->granule_log2 = granule_log2;
	tables->address_bits = address_bits;
	tables->end = (uintptr_t)pool + size;
	tables->free = ((uintptr_t)pool + mask) & ~mask;
	if (tables->free > tables->end)
		return false;
	tables->root = new_table(tables);
	return tables->root != NULL;
}

static unsigned int level_shift(const struct page_tables *tables, unsigned int level)
{
	return tables->granule_log2 + level * (tables->granule_log2 - 3);
}

/* Block sizes without 52-bit addresses: 2 MiB and 1 GiB, or 32 MiB, or 512 MiB. */
static bool has_blocks(const struct page_tables *tables, unsigned int level)
{
	return level == 1 || (level == 2 && tables->granule_log2 == 12);
}

static unsigned int top_level(const struct page_tables *tables)
{
	unsigned int level = 0;

	while (level_shift(tables, level + 1) < tables->address_bits)
		level++;
	return level;
}

/* start and end are multiples of the granule, inside the range that `table` maps. */
static bool map(struct page_tables *tables, uint64_t *table, unsigned int level, uint64_t start,
		uint64_t end, uint64_t attributes)
{
	unsigned int shift = level_shift(tables, level);
	uint64_t size = 1ull << shift, next;

	for (; start < end; start = next) {
		uint64_t *entry = &table[start >> shift & ((1u << (tables->granule_log2 - 3)) - 1)];
		uint64_t *below;

		next = (start | (size - 1)) + 1;
		if (next > end)
			next = end;
		if (!*entry && level == 0) {
			*entry = start | attributes | PAGE | VALID;
		} else if (!*entry && next - start == size && has_blocks(tables, level)) {
			*entry = start | attributes | VALID;
		} else if (level && (!*entry || *entry & TABLE)) {
			below = *entry ? (uint64_t *)(uintptr_t)(*entry & ADDRESS_MASK)
				       : new_table(tables);
			if (!below)
				return false;
			*entry = (uintptr_t)below | TABLE | VALID;
			if (!map(tables, below, level - 1, start, next, attributes))
				return false;
		}
	}
	return true;
}

bool page_tables_map(struct page_tables *tables, uint64_t start, uint64_t end, uint64_t attributes)
{
	uint64_t mask = (1ull << tables->granule_log2) - 1;

	if (start >= end || end > 1ull << tables->address_bits)
		return false;
	return map(tables, tables->root, top_level(tables), start & ~mask, (end + mask) & ~mask,
		   attributes);
}
