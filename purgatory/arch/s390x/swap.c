/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exchanges a crash kernel, loaded at crash_base plus its addresses, with the
 * memory at those addresses.  The kernel then runs at its link address and finds
 * the crashed kernel's memory at crash_base (Linux: arch/s390, oldmem).
 *
 * Pages without loaded data need only a copy of low memory.  Of the first 64 KiB
 * only the first 8 KiB are copied, because this code runs in the rest.
 */
#include "purgatory.h"
#include "s390x.h"

#define PAGE 4096ul
#define LOWCORE 0x2000ul
#define RESERVED 0x10000ul

extern const uint64_t purgatory_memory_end[]; /* linker symbol */

static void copy(uint64_t to, uint64_t from, uint64_t size)
{
	for (; size; size -= CHUNK, to += CHUNK, from += CHUNK)
		move_chunk(to, from);
}

static void exchange(uint64_t a, uint64_t b, uint64_t size)
{
	static uint8_t bounce[CHUNK];

	for (; size; size -= CHUNK, a += CHUNK, b += CHUNK) {
		move_chunk((uintptr_t)bounce, a);
		move_chunk(a, b);
		move_chunk(b, (uintptr_t)bounce);
	}
}

bool swap_ok(void)
{
	uint64_t base = purgatory_params.cpu.s390x.crash_base;
	uint64_t size = purgatory_params.cpu.s390x.crash_size;
	uint64_t start = (uintptr_t)purgatory_head, end = (uintptr_t)purgatory_memory_end;

	if ((base | size) % PAGE == 0 && base >= size && size >= RESERVED && base + size > base &&
	    start >= base + LOWCORE && end <= base + RESERVED)
		return true;
	print("purgatory: at 0x%llx it cannot exchange [0x%llx, 0x%llx) with [0x0, 0x%llx)\n",
	      (unsigned long long)start, (unsigned long long)base,
	      (unsigned long long)(base + size), (unsigned long long)size);
	return false;
}

static uint64_t page_end(const struct purgatory_region *region)
{
	return (region->start + region->size + PAGE - 1) & ~(PAGE - 1);
}

/* The region with the lowest start of all regions that end after `done`.  NULL: no such region. */
static const struct purgatory_region *next_region(uint64_t done)
{
	const struct purgatory_region *found = NULL, *region = purgatory_params.region;
	uint32_t i;

	for (i = 0; i < purgatory_params.region_count; i++, region++)
		if (region->size && page_end(region) > done &&
		    (!found || region->start < found->start))
			found = region;
	return found;
}

void swap_memory(void)
{
	uint64_t base = purgatory_params.cpu.s390x.crash_base;
	uint64_t limit = base + purgatory_params.cpu.s390x.crash_size;
	uint64_t done = base + RESERVED, start, end;
	const struct purgatory_region *region;

	while (done < limit && (region = next_region(done)) && region->start < limit) {
		start = region->start & ~(PAGE - 1);
		if (start < done)
			start = done;
		end = page_end(region);
		if (end > limit)
			end = limit;
		copy(done, done - base, start - done);
		exchange(start, start - base, end - start);
		done = end;
	}
	copy(done, done - base, limit - done);
	copy(base, 0, LOWCORE);
}
