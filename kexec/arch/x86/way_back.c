/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way back to the kernel that started this one (--load-jump-back-helper).  This kernel jumps with
 * page tables that map only the memory that it knows, and the other kernel's code lies outside this
 * memory.  The segment contains page tables for the memory of both kernels, and code that loads
 * them and jumps to the other kernel.  The stack is this kernel's: it contains the address at
 * which this kernel continues.
 *
 * Page 0: the code.  Page 1: the table for 5-level paging, whose first entry is page 2.  Page 2: the
 * table for 4-level paging.  Lower tables follow.  Intel SDM volume 3, 4.5.
 */
#include "x86.h"

#include <errno.h>
#include <inttypes.h>

#include "core/units.h"

#define BLOCK_SHIFT 21 /* pages of 2 MiB: every CPU has them */
#define BLOCK (1ull << BLOCK_SHIFT)
#define ENTRIES 512
#define LEVEL_BITS 9
#define TOP_SHIFT 39 /* of 4-level paging */
#define ADDRESS_END (1ull << 47) /* higher addresses are negative, or invalid */
#define TABLE 0x63 /* present, writable, accessed, dirty */
#define LEAF (TABLE | 0x80)
#define FLAGS 0xfff
#define TABLE_5 1
#define TABLE_4 2
#define ENTRY_CODE 0x2000 /* upper bound on the other kernel's code before and after its entry */

struct way_back {
	uint8_t *data;
	size_t pages;
	uint64_t address;
};

/* The code is entered in 64-bit mode.  CR4.LA57, 0x1000, is the size of a page. */
static void put_code(uint8_t *out, uint64_t table, uint64_t entry)
{
	static const uint8_t code[] = {
		0x48, 0xb9, 0,	  0,	0,    0, 0, 0, 0, 0, /* movabs $table, %rcx */
		0x0f, 0x20, 0xe0, /* mov %cr4, %rax */
		0x25, 0x00, 0x10, 0x00, 0x00, /* and $0x1000, %eax */
		0x48, 0x29, 0xc1, /* sub %rax, %rcx */
		0x0f, 0x22, 0xd9, /* mov %rcx, %cr3 */
		0x48, 0xb8, 0,	  0,	0,    0, 0, 0, 0, 0, /* movabs $entry, %rax */
		0xff, 0xe0, /* jmp *%rax */
	};

	memcpy(out, code, sizeof(code));
	put_le64(out + 2, table);
	put_le64(out + 26, entry);
}

static uint8_t *entry_of(const struct way_back *way, size_t page, unsigned int shift,
			 uint64_t address)
{
	return way->data + page * X86_PAGE_SIZE + (address >> shift) % ENTRIES * 8;
}

/* Maps the block of 2 MiB at its own address. */
static void map_block(struct way_back *way, uint64_t block)
{
	size_t page = TABLE_4;
	unsigned int shift;

	for (shift = TOP_SHIFT; shift > BLOCK_SHIFT; shift -= LEVEL_BITS) {
		uint8_t *entry = entry_of(way, page, shift, block);

		if (!get_le64(entry))
			put_le64(entry, (way->address + way->pages++ * X86_PAGE_SIZE) | TABLE);
		page = (size_t)(((get_le64(entry) & ~(uint64_t)FLAGS) - way->address) /
				X86_PAGE_SIZE);
	}
	put_le64(entry_of(way, page, shift, block), block | LEAF);
}

static void map(struct way_back *way, struct range r)
{
	for (uint64_t block = align_down(r.start, BLOCK); block < r.end; block += BLOCK)
		map_block(way, block);
}

/* Upper bound on the number of tables. */
static size_t tables_for(const struct range_set *memory)
{
	size_t count = 0;

	/* A table of the lowest level maps 1 GiB. */
	for (size_t i = 0; i < memory->count; i++)
		count += (size_t)(range_size(memory->range[i]) / GIB +
				  range_size(memory->range[i]) / (ENTRIES * GIB)) +
			 4;
	return count;
}

int x86_64_way_back(struct ctx *ctx, const struct machine *machine, uint64_t entry,
		    uint64_t address, struct bytes *out)
{
	struct way_back way = { .pages = TABLE_4 + 1, .address = address };
	struct range_set memory = { 0 };

	if (entry < ENTRY_CODE || entry >= ADDRESS_END - ENTRY_CODE)
		return err_set(&ctx->err, -EINVAL,
			       "--entry: 0x%" PRIx64 " is no address that a kernel returns to",
			       entry);
	range_set_add(&ctx->arena, &memory,
		      (struct range){ entry - ENTRY_CODE, entry + ENTRY_CODE });
	for (size_t i = 0; i < machine->map.count; i++) {
		if (machine->map.entry[i].type == MEMORY_RAM)
			range_set_add(&ctx->arena, &memory,
				      range_intersect(machine->map.entry[i].range,
						      (struct range){ 0, ADDRESS_END }));
	}
	way.data = arena_array(&ctx->arena, way.pages + tables_for(&memory), X86_PAGE_SIZE);
	put_code(way.data, address + TABLE_4 * X86_PAGE_SIZE, entry);
	put_le64(way.data + TABLE_5 * X86_PAGE_SIZE, (address + TABLE_4 * X86_PAGE_SIZE) | TABLE);
	for (size_t i = 0; i < memory.count; i++)
		map(&way, memory.range[i]);
	*out = (struct bytes){ way.data, way.pages * X86_PAGE_SIZE };
	return 0;
}
