/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the memory map for the next kernel (kernel: arch/x86/zero-page.rst). */
#include "x86.h"
#include "zero_page.h"
#include "core/units.h"

#define EXT_MEM_K_MAX 0xfc00u

static uint32_t e820_type(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return 1;
	case MEMORY_ACPI: return 3;
	case MEMORY_ACPI_NVS: return 4;
	case MEMORY_UNUSABLE: return 5;
	case MEMORY_PMEM: return 7;
	case MEMORY_PRAM: return 12;
	case MEMORY_SOFT_RESERVED: return 0xefffffff;
	case MEMORY_RESERVED:
	case MEMORY_OTHER: break;
	}
	return 2;
}

static void e820_write(uint8_t *record, const struct memory_entry *entry)
{
	put_le64(record, entry->range.start);
	put_le64(record + 8, range_size(entry->range));
	put_le32(record + 16, e820_type(entry->type));
}

/* Fills the fields for BIOS calls older than e820: KiB of RAM from 1 MiB on. */
static void fill_extended_memory(uint8_t *page, const struct memory_entry *entry)
{
	uint64_t kib;

	if (entry->type != MEMORY_RAM || entry->range.start > MIB || entry->range.end <= MIB)
		return;
	kib = (entry->range.end - MIB) / 1024;
	put_le32(page + BP_ALT_MEM_K, (uint32_t)(kib < UINT32_MAX ? kib : UINT32_MAX));
	put_le16(page + BP_EXT_MEM_K, (uint16_t)(kib < EXT_MEM_K_MAX ? kib : EXT_MEM_K_MAX));
}

void e820_fill(struct ctx *ctx, const struct memory_map *map, struct boot_params *bp)
{
	size_t count = map->count < BP_E820_MAX ? map->count : BP_E820_MAX;
	size_t rest;

	for (size_t i = 0; i < count; i++)
		e820_write(bp->data + BP_E820_TABLE + i * E820_RECORD_SIZE, &map->entry[i]);
	bp->data[BP_E820_ENTRIES] = (uint8_t)count;
	for (size_t i = 0; i < map->count; i++)
		fill_extended_memory(bp->data, &map->entry[i]);
	if (count == map->count)
		return;
	rest = setup_data_add(ctx, bp, SETUP_E820_EXT, (map->count - count) * E820_RECORD_SIZE);
	for (size_t i = count; i < map->count; i++)
		e820_write(bp->data + rest + (i - count) * E820_RECORD_SIZE, &map->entry[i]);
}
