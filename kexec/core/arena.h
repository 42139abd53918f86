/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that lives as long as the run: allocated piece by piece, freed at
 * once.  Nothing allocated here is freed by hand.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
};

/*
 * Zeroed and aligned for any type.  Never returns NULL: a process that cannot
 * have the few KiB that go through here ends with a message.  Whatever grows
 * with a file's size is mapped instead (file.h, map_anonymous()).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* Array of count elements; a product that overflows ends like a lack of memory. */
void *arena_array(struct arena *arena, size_t count, size_t size);

char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));

/* Registers a mapping to be unmapped with the arena. */
void arena_own_mapping(struct arena *arena, void *addr, size_t size);

void arena_free(struct arena *arena);

#endif
