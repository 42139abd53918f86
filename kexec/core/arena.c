/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of one run, as a list of blocks. */
#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "err.h"

struct arena_block {
	struct arena_block *next;
	void *mapping; /* NULL: the memory follows this struct */
	size_t mapping_size;
	_Alignas(max_align_t) unsigned char memory[];
};

/* Ends the process when an allocation of a few KiB fails.  No other place outside main.c does. */
static void *out_of_memory(size_t size)
{
	fprintf(stderr, "kexec: out of memory: cannot allocate %zu bytes\n", size);
	exit(EXIT_STATUS_REFUSED);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return out_of_memory(size);
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return out_of_memory(size);
	block->next = arena->head;
	arena->head = block;
	return block->memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return out_of_memory(SIZE_MAX);
	return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size)
{
	const size_t least = 16;
	bool is_full = count >= least ? !(count & (count - 1)) : !count;
	void *bigger;

	if (!is_full)
		return array;
	bigger = arena_array(arena, count ? count * 2 : least, size);
	if (count)
		memcpy(bigger, array, count * size);
	return bigger;
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
	size_t size = strnlen(s, n);
	char *copy = arena_alloc(arena, size + 1);

	memcpy(copy, s, size);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return arena_strndup(arena, s, strlen(s));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int size;

	va_start(ap, fmt);
	size = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (size < 0)
		return arena_strdup(arena, "");
	text = arena_alloc(arena, (size_t)size + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)size + 1, fmt, ap);
	va_end(ap);
	return text;
}

const char *arena_join(struct arena *arena, const char *first, const char *separator,
		       const char *second)
{
	if (!first || !*first)
		return second ? second : first;
	if (!second || !*second)
		return first;
	return arena_printf(arena, "%s%s%s", first, separator, second);
}

void arena_own_mapping(struct arena *arena, void *addr, size_t size)
{
	struct arena_block *block;

	arena_alloc(arena, 0);
	block = arena->head;
	block->mapping = addr;
	block->mapping_size = size;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->head; block; block = next) {
		next = block->next;
		if (block->mapping)
			munmap(block->mapping, block->mapping_size);
		free(block);
	}
	arena->head = NULL;
}
