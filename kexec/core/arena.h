/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that lives as long as the run.  It is allocated piece by piece, and
 * arena_free() frees all of it.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
};

/*
 * Allocates zeroed memory, aligned for any type.  Never returns NULL: without memory,
 * the process ends with a message.  The arena is for a few KiB.  Memory that grows with
 * a file's size is mapped instead (file.h, map_anonymous()).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* Allocates an array of count elements.  If count * size overflows, the process ends. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/*
 * Makes room for one more element in an array that has count elements.  All of its growth must
 * come from here (start: NULL, 0): the count determines how much room it has.  Returns the
 * array or its larger copy; the elements after the last one are zeroed.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));

/* Both texts with the separator between them; the other text if one is NULL or empty. */
const char *arena_join(struct arena *arena, const char *first, const char *separator,
		       const char *second);

/* Makes arena_free() unmap the mapping. */
void arena_own_mapping(struct arena *arena, void *addr, size_t size);

void arena_free(struct arena *arena);

#endif
