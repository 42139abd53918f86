/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Half-open ranges [start, end) of physical addresses, and sets of ranges.  All
 * placement in memory uses them.
 */
#ifndef CORE_RANGE_H
#define CORE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct range {
	uint64_t start;
	uint64_t end; /* exclusive; a range never contains the last byte of the address space */
};

/* The ranges are sorted, not empty, and do not overlap or touch each other. */
struct range_set {
	struct range *range;
	size_t count;
	size_t room;
};

static inline uint64_t range_size(struct range r)
{
	return r.end - r.start;
}

static inline bool range_empty(struct range r)
{
	return r.start >= r.end;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

static inline bool range_contains(struct range outer, struct range inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

static inline struct range range_intersect(struct range a, struct range b)
{
	return (struct range){ a.start > b.start ? a.start : b.start,
			       a.end < b.end ? a.end : b.end };
}

/* Rounds up to a multiple of align, a power of two.  false: the result does not fit in 64 bits. */
__attribute__((warn_unused_result)) static inline bool align_up(uint64_t value, uint64_t align,
								uint64_t *result)
{
	if (__builtin_add_overflow(value, align - 1, result))
		return false;
	*result &= ~(align - 1);
	return true;
}

/* align_up() for a value that is far below 2^64, such as the size of bytes in memory. */
static inline uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline uint64_t align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

static inline bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

/* Adds r, merging it with members that it overlaps or touches.  An empty r changes nothing. */
void range_set_add(struct arena *arena, struct range_set *set, struct range r);

/* Removes r.  A member that contains more than r is cut or split. */
void range_set_subtract(struct arena *arena, struct range_set *set, struct range r);

/* Is r inside one member? */
bool range_set_contains(const struct range_set *set, struct range r);

bool range_set_overlaps(const struct range_set *set, struct range r);

/* Bytes in all members. */
uint64_t range_set_size(const struct range_set *set);

struct range_set range_set_copy(struct arena *arena, const struct range_set *set);

#endif
