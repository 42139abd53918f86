/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: identity maps (Arm ARM, VMSAv8-64).  No CPU access, so unit tests compile it too. */
#ifndef PURGATORY_PAGETABLE_H
#define PURGATORY_PAGETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of a descriptor that callers choose; page_tables_map() adds the others. */
#define PAGE_MEMORY_INDEX(n) ((uint64_t)(n) << 2) /* of MAIR_ELx */
#define PAGE_USER (1ull << 6) /* AP[1]; reads as 1 at EL2 without VHE */
#define PAGE_READ_ONLY (1ull << 7)
#define PAGE_INNER_SHAREABLE (3ull << 8)
#define PAGE_ACCESSED (1ull << 10)
#define PAGE_PRIVILEGED_NO_EXECUTE (1ull << 53)
#define PAGE_NO_EXECUTE (1ull << 54)

struct page_tables {
	unsigned int granule_log2; /* 12, 14 or 16 */
	unsigned int address_bits; /* mapped addresses are below 1 << address_bits; 25 to 48 */
	uint64_t *root; /* for TTBR0 */
	uint64_t free, end; /* the unused part of the pool */
};

/*
 * Starts an empty map.  Its tables are allocated from the `size` bytes at `pool`.
 * False if the pool has no room for the first table.
 */
bool page_tables_init(struct page_tables *tables, void *pool, size_t size,
		      unsigned int granule_log2, unsigned int address_bits);

/*
 * Maps the pages that [start, end) touches to themselves, with the largest
 * blocks that fit.  Existing mappings are kept.  False if the range is empty or
 * reaches beyond address_bits, or if the pool is used up.
 */
bool page_tables_map(struct page_tables *tables, uint64_t start, uint64_t end, uint64_t attributes);

#endif
