/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Set operations on sorted lists of half-open ranges. */
#include "range.h"

#include <string.h>

#include "arena.h"

static void set_reserve(struct arena *arena, struct range_set *set, size_t count)
{
	struct range *bigger;

	if (count <= set->room)
		return;
	set->room = count < 8 ? 16 : count * 2;
	bigger = arena_array(arena, set->room, sizeof(*bigger));
	if (set->count)
		memcpy(bigger, set->range, set->count * sizeof(*bigger));
	set->range = bigger;
}

/* Index of the first member whose end is addr or higher. */
static size_t first_ending_at(const struct range_set *set, uint64_t addr)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->range[middle].end < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replaces members [from, to) by count members of with. */
static void set_splice(struct arena *arena, struct range_set *set, size_t from, size_t to,
		       const struct range *with, size_t count)
{
	size_t tail = set->count - to;

	set_reserve(arena, set, set->count - (to - from) + count);
	memmove(set->range + from + count, set->range + to, tail * sizeof(*set->range));
	memcpy(set->range + from, with, count * sizeof(*with));
	set->count = from + count + tail;
}

void range_set_add(struct arena *arena, struct range_set *set, struct range r)
{
	size_t from, to;

	if (range_empty(r))
		return;
	from = first_ending_at(set, r.start);
	for (to = from; to < set->count && set->range[to].start <= r.end; to++) {
		if (set->range[to].start < r.start)
			r.start = set->range[to].start;
		if (set->range[to].end > r.end)
			r.end = set->range[to].end;
	}
	set_splice(arena, set, from, to, &r, 1);
}

void range_set_subtract(struct arena *arena, struct range_set *set, struct range r)
{
	struct range rest[2];
	size_t from, to, count = 0;

	if (range_empty(r) || !set->count)
		return;
	from = first_ending_at(set, r.start);
	if (from < set->count && set->range[from].end == r.start)
		from++;
	for (to = from; to < set->count && set->range[to].start < r.end; to++)
		;
	if (from == to)
		return;
	if (set->range[from].start < r.start)
		rest[count++] = (struct range){ set->range[from].start, r.start };
	if (set->range[to - 1].end > r.end)
		rest[count++] = (struct range){ r.end, set->range[to - 1].end };
	set_splice(arena, set, from, to, rest, count);
}

bool range_set_contains(const struct range_set *set, struct range r)
{
	size_t i = first_ending_at(set, r.end);

	return i < set->count && range_contains(set->range[i], r);
}

bool range_set_overlaps(const struct range_set *set, struct range r)
{
	size_t i = first_ending_at(set, r.start);

	if (i < set->count && set->range[i].end == r.start)
		i++;
	return i < set->count && range_overlaps(set->range[i], r);
}

uint64_t range_set_size(const struct range_set *set)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < set->count; i++)
		sum += range_size(set->range[i]);
	return sum;
}

struct range_set range_set_copy(struct arena *arena, const struct range_set *set)
{
	struct range_set copy = { 0 };

	set_reserve(arena, &copy, set->count);
	if (set->count)
		memcpy(copy.range, set->range, set->count * sizeof(*copy.range));
	copy.count = set->count;
	return copy;
}
