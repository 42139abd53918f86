/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: page tables, boot_params and the CPU state of a baked kernel. */
#include "bake.h"

#include "bake_params.h"
#include "purgatory.h"
#include "x86.h"

#define PAGE 4096
#define LARGE_PAGE 0x200000ull
#define TABLE_FLAGS 0x3 /* present, writable */
#define LARGE_FLAGS 0x83
#define MAPPED_FIRST (1ull << 32)
#define MAPPED_LAST (1ull << 47) /* addresses above it have no identity mapping in 4 levels */

#define XLOADFLAGS (0x236 - 0x1f1)
#define XLF_5LEVEL 0x20
#define PREF_ADDRESS (0x258 - 0x1f1)
#define HEADER_SIZE (0x260 - 0x1f1)

static uint64_t *root;
static uint8_t *free_table, *tables_end;
static unsigned int levels;

static uint64_t *new_table(void)
{
	uint8_t *table = free_table;

	if (table == tables_end)
		bake_fail("the boot loader's data lie in too many places");
	free_table += PAGE;
	memset(table, 0, PAGE);
	return (uint64_t *)(void *)table;
}

static void map_large_page(uint64_t address)
{
	uint64_t *table = root, *entry;
	unsigned int level;

	for (level = levels; level > 2; level--) {
		entry = &table[address >> (3 + 9 * level) & 511];
		if (!*entry)
			*entry = (uintptr_t)new_table() | TABLE_FLAGS;
		table = (uint64_t *)(uintptr_t)(*entry & ~(uint64_t)(PAGE - 1));
	}
	table[address >> 21 & 511] = address | LARGE_FLAGS;
}

static void map_range(uint64_t start, uint64_t end)
{
	uint64_t at;

	for (at = start & ~(LARGE_PAGE - 1); at < end; at += LARGE_PAGE)
		map_large_page(at);
}

void *bake_map(uint64_t address, uint64_t size)
{
	if (address >= MAPPED_LAST || size > MAPPED_LAST - address)
		return NULL;
	if (address + size > MAPPED_FIRST)
		map_range(address, address + size);
	return (void *)(uintptr_t)address;
}

/* The image and all that the next kernel reads first, in tables of its own. */
static void make_tables(uint64_t base, uint8_t *room)
{
	uint64_t cr4;

	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	levels = cr4 & CR4_LA57 ? 5 : 4;
	free_table = room + BAKE_ROOM_TABLES;
	tables_end = room + BAKE_ROOM_SIZE;
	root = new_table();
	map_range(0, MAPPED_FIRST);
	if (!bake_map(base, bake_header.memory_size))
		bake_fail("the image lies above 128 TiB");
	__asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
}

static const struct bake_part *needed_part(const char *name, uint64_t size)
{
	const struct bake_part *part = bake_part(name);

	if (!part || part->memory < size)
		bake_fail("a part of the image is missing");
	return part;
}

void *bake_boot_data(uint64_t base, const void *starter)
{
	const struct bake_part *setup = needed_part("setup header", HEADER_SIZE);
	const struct bake_part *initrd = bake_part("initrd"), *line = bake_part("command line");
	uint8_t *room = (uint8_t *)(uintptr_t)(base +
					       needed_part("handover", BAKE_ROOM_SIZE)->offset);
	const uint8_t *header = (const uint8_t *)(uintptr_t)(base + setup->offset);
	struct bake_next next = { 0 };
	const char *error;
	uint64_t lowest;

	make_tables(base, room);
	error = bake_params(starter, room, (uintptr_t)room);
	if (error)
		bake_fail(error);
	if (levels == 5 && !(header[XLOADFLAGS] & XLF_5LEVEL))
		bake_fail("5-level paging is on, in which the kernel cannot be entered");
	__builtin_memcpy(&lowest, header + PREF_ADDRESS, sizeof(lowest));
	if (base + needed_part("kernel", 1)->offset < lowest)
		bake_fail("loaded below the kernel's pref_address");
	if (line)
		next.line = base + line->offset;
	if (initrd) {
		next.initrd = base + initrd->offset;
		next.initrd_size = initrd->size;
	}
	bake_params_next(room, header, (size_t)setup->size, &next);
	return room;
}

void bake_arch_state(uint64_t delta, const void *boot_data)
{
	struct purgatory_x86_state *state = &purgatory_params.cpu.x86;

	state->ip += delta;
	state->reg[PURGATORY_X86_RSI] = (uintptr_t)boot_data;
}

void bake_arch_sync(const void *start, size_t size)
{
	(void)start;
	(void)size;
}
