/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the program header that covers an address. */
#include "address_index.h"

#include <stdlib.h>

#include "core/file.h"

#define NO_OWNER UINT32_MAX

uint64_t covered_size(const struct elf_phdr *ph)
{
	return ph->memsz > ph->filesz ? ph->memsz : ph->filesz;
}

static uint64_t start_of(const struct elf_phdr *ph, enum address_kind kind)
{
	return kind == ADDRESS_VIRTUAL ? ph->vaddr : ph->paddr;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Collects the addresses at which a header starts or ends.  A header may end at 2^64. */
static size_t collect(const struct elf_phdr *phdrs, uint32_t phnum, enum address_kind kind,
		      uint64_t *cut)
{
	size_t count = 0, unique = 0;
	uint64_t end;

	for (uint32_t i = 0; i < phnum; i++) {
		if (phdrs[i].type != PT_LOAD)
			continue;
		cut[count++] = start_of(&phdrs[i], kind);
		if (!__builtin_add_overflow(cut[count - 1], covered_size(&phdrs[i]), &end))
			cut[count++] = end;
	}
	qsort(cut, count, sizeof(*cut), compare);
	for (size_t i = 0; i < count; i++) {
		if (!unique || cut[unique - 1] != cut[i])
			cut[unique++] = cut[i];
	}
	return unique;
}

/* Returns the piece that contains the address; pieces: the address is below all of them. */
static size_t piece_of(const struct address_index *index, uint64_t address)
{
	size_t low = 0, high = index->pieces, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (index->start[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : index->pieces;
}

/* Returns the first piece from i on that has no owner, and shortens the way for the next call. */
static size_t next_free(uint32_t *next, size_t i)
{
	size_t found = i;

	while (next[found] != found)
		found = next[found];
	while (next[i] != found) {
		size_t step = next[i];

		next[i] = (uint32_t)found;
		i = step;
	}
	return found;
}

/* Gives every piece to the first header that covers it.  next: pieces + 1 elements. */
static void assign(struct address_index *index, const struct elf_phdr *phdrs, uint32_t phnum,
		   enum address_kind kind, uint32_t *next)
{
	for (size_t i = 0; i <= index->pieces; i++)
		next[i] = (uint32_t)i;
	for (size_t i = 0; i < index->pieces; i++)
		index->owner[i] = NO_OWNER;
	for (uint32_t i = 0; i < phnum; i++) {
		uint64_t start = start_of(&phdrs[i], kind), size = covered_size(&phdrs[i]);
		size_t at;

		if (phdrs[i].type != PT_LOAD)
			continue;
		at = next_free(next, piece_of(index, start));
		while (at < index->pieces && index->start[at] - start < size) {
			index->owner[at] = i;
			next[at] = (uint32_t)at + 1;
			at = next_free(next, at);
		}
	}
}

bool address_index_make(struct ctx *ctx, const struct elf_phdr *phdrs, uint32_t phnum,
			enum address_kind kind, struct address_index *index)
{
	size_t most = 2 * (size_t)phnum + 1;
	uint32_t *next;

	if (index->made)
		return true;
	index->start = map_anonymous(ctx, most * sizeof(*index->start));
	index->owner = map_anonymous(ctx, most * sizeof(*index->owner));
	next = map_anonymous(ctx, most * sizeof(*next));
	if (!index->start || !index->owner || !next)
		return false;
	index->pieces = collect(phdrs, phnum, kind, index->start);
	assign(index, phdrs, phnum, kind, next);
	index->made = true;
	return true;
}

bool address_index_find(struct address_index *index, uint64_t address, uint32_t *header)
{
	size_t i = index->last;

	if (i >= index->pieces || address < index->start[i] ||
	    (i + 1 < index->pieces && address >= index->start[i + 1]))
		i = piece_of(index, address);
	if (i == index->pieces || index->owner[i] == NO_OWNER)
		return false;
	index->last = i;
	*header = index->owner[i];
	return true;
}
