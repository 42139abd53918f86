/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the program header that covers an address.  The time for n headers is n log n once, and
 * log n for each address, also if all headers overlap.
 */
#ifndef VMCORE_ADDRESS_INDEX_H
#define VMCORE_ADDRESS_INDEX_H

#include "core/ctx.h"
#include "elf/elf_file.h"

/* Pieces of the address space.  Each is covered by one header, or by none. */
struct address_index {
	bool made;
	size_t pieces;
	size_t last; /* piece of the last address */
	uint64_t *start; /* first address of each piece, ascending */
	uint32_t *owner; /* index of its header, or NO_OWNER */
};

enum address_kind { ADDRESS_VIRTUAL, ADDRESS_PHYSICAL };

/*
 * Fills *index from the PT_LOAD headers of phdrs, once; a second call does nothing.  The first
 * of several headers that cover an address counts.  false: out of memory.
 */
bool address_index_make(struct ctx *ctx, const struct elf_phdr *phdrs, uint32_t phnum,
			enum address_kind kind, struct address_index *index);

/* Returns the index of the header that covers the address.  false: no header. */
bool address_index_find(struct address_index *index, uint64_t address, uint32_t *header);

/* Bytes of memory that the header covers, inside or beyond its file bytes. */
uint64_t covered_size(const struct elf_phdr *ph);

#endif
