/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds places for segments.  Every bound on a place stays with its name, so
 * that a failure can say which of them excluded which piece of free memory.
 */
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAX_EXPLAINED 4 /* pieces of free memory that an error lists */

void placement_limit(struct placement *p, struct range range, const char *why)
{
	if (p->limits < PLAN_MAX_LIMITS)
		p->limit[p->limits] = (struct limit){ range, why };
	p->limits++;
}

/* With a limit missing from the array, the segment could get a wrong address. */
static int check_limits(struct ctx *ctx, const char *name, const struct placement *placement)
{
	if (placement->limits <= PLAN_MAX_LIMITS)
		return 0;
	return err_set(&ctx->err, -EOVERFLOW, "the %s has %zu limits on its place, at most %d fit",
		       name, placement->limits, PLAN_MAX_LIMITS);
}

static struct range_set free_memory(struct ctx *ctx, const struct plan *plan)
{
	struct range_set set = range_set_copy(&ctx->arena, &plan->ram);

	for (size_t i = 0; i < plan->segments; i++)
		range_set_subtract(&ctx->arena, &set, plan->segment[i].range);
	return set;
}

/* If an aligned block of size bytes fits into the piece, sets *start. */
static bool fits(struct range piece, uint64_t size, uint64_t align, enum direction direction,
		 uint64_t *start)
{
	uint64_t lowest;

	if (range_empty(piece) || !align_up(piece.start, align, &lowest) || lowest >= piece.end ||
	    piece.end - lowest < size)
		return false;
	*start = direction == LOWEST_FIRST ? lowest : align_down(piece.end - size, align);
	return true;
}

static uint64_t effective_align(const struct plan *plan, const struct placement *placement)
{
	return placement->align > plan->page_size ? placement->align : plan->page_size;
}

/* Name of the limit that excludes this free piece; NULL: the piece is too small. */
static const char *excluding_limit(struct range piece, uint64_t size, uint64_t align,
				   const struct placement *placement)
{
	uint64_t start;

	if (!fits(piece, size, align, LOWEST_FIRST, &start))
		return NULL;
	for (size_t i = 0; i < placement->limits; i++) {
		piece = range_intersect(piece, placement->limit[i].range);
		if (!fits(piece, size, align, LOWEST_FIRST, &start))
			return placement->limit[i].why;
	}
	return NULL;
}

/* If the memory that a starting kernel reaches is too small, puts that first in the error. */
static void explain_reach(struct ctx *ctx, const struct plan *plan, const char *name, uint64_t size,
			  const struct range_set *free_set)
{
	uint64_t largest = 0;

	if (!plan->reach.why || plan->within.why)
		return;
	for (size_t i = 0; i < free_set->count; i++) {
		struct range piece = range_intersect(free_set->range[i], plan->reach.range);

		if (!range_empty(piece) && range_size(piece) > largest)
			largest = range_size(piece);
	}
	if (largest < size)
		err_prefix(&ctx->err,
			   "%s is too small: the %s needs %" PRIu64 " KiB, and %" PRIu64
			   " KiB are free in one piece",
			   plan->reach.why, name, size >> 10, largest >> 10);
}

static int compare_larger(const void *a, const void *b)
{
	uint64_t x = range_size(*(const struct range *)a), y = range_size(*(const struct range *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

static int explain_no_room(struct ctx *ctx, const struct plan *plan, const char *name,
			   uint64_t size, const struct placement *placement,
			   struct range_set *free_set)
{
	uint64_t align = effective_align(plan, placement);
	char *text = arena_strdup(&ctx->arena, "");
	const char *why;

	if (free_set->count)
		qsort(free_set->range, free_set->count, sizeof(*free_set->range), compare_larger);
	for (size_t i = 0; i < free_set->count && i < MAX_EXPLAINED; i++) {
		why = excluding_limit(free_set->range[i], size, align, placement);
		text = arena_printf(&ctx->arena, "%s%s0x%" PRIx64 "-0x%" PRIx64 " (%s)", text,
				    i ? ", " : "", free_set->range[i].start,
				    free_set->range[i].end - 1, why ? why : "too small");
	}
	if (free_set->count > MAX_EXPLAINED)
		text = arena_printf(&ctx->arena, "%s and %zu smaller ones", text,
				    free_set->count - MAX_EXPLAINED);
	err_set(&ctx->err, -EADDRNOTAVAIL,
		"Could not find a free area of memory of 0x%" PRIx64 " bytes for the %s, aligned "
		"to 0x%" PRIx64,
		size, name, align);
	err_hint(&ctx->err, "Free memory and what rules it out: %s.",
		 free_set->count ? text : "none at all");
	explain_reach(ctx, plan, name, size, free_set);
	return ctx->err.code;
}

bool plan_allows(const struct plan *plan, struct range range)
{
	return range.start >= plan->mem_min && range.end - 1 <= plan->mem_max &&
	       (!plan->reach.why || range_contains(plan->reach.range, range)) &&
	       (!plan->within.why || range_contains(plan->within.range, range)) &&
	       range_set_contains(&plan->ram, range);
}

/* Copies the placement and adds the limits that hold for every segment. */
static int bound(struct ctx *ctx, const struct plan *plan, const char *name,
		 const struct placement *placement, struct placement *all)
{
	*all = *placement;
	if (plan->reach.why)
		placement_limit(all, plan->reach.range, plan->reach.why);
	if (plan->mem_min)
		placement_limit(all, (struct range){ plan->mem_min, UINT64_MAX }, "--mem-min");
	if (plan->mem_max != UINT64_MAX)
		placement_limit(all, (struct range){ 0, plan->mem_max + 1 }, "--mem-max");
	if (plan->within.why)
		placement_limit(all, plan->within.range, plan->within.why);
	if (plan->compact)
		all->direction = LOWEST_FIRST;
	if (plan->first_above && !plan->segments)
		placement_limit(all, (struct range){ plan->first_above, UINT64_MAX },
				"the parts before the kernel");
	return check_limits(ctx, name, all);
}

static int find(struct ctx *ctx, const struct plan *plan, const char *name,
		const struct placement *placement, uint64_t memsz, uint64_t *start)
{
	struct range_set free_set = free_memory(ctx, plan);
	uint64_t align = effective_align(plan, placement);
	uint64_t size;
	bool found = false;
	size_t k;

	if (!is_power_of_two(align))
		return err_set(&ctx->err, -EINVAL,
			       "the %s wants an alignment of 0x%" PRIx64
			       ", which is not a power of two",
			       name, align);
	if (!memsz || !align_up(memsz, plan->page_size, &size))
		return err_set(&ctx->err, -EINVAL,
			       "the %s has a size of 0x%" PRIx64 " bytes, which no memory can hold",
			       name, memsz);
	for (size_t i = 0; i < free_set.count; i++) {
		struct range piece = free_set.range[i];

		for (k = 0; k < placement->limits; k++)
			piece = range_intersect(piece, placement->limit[k].range);
		if (!fits(piece, size, align, placement->direction, start))
			continue;
		found = true;
		if (placement->direction == LOWEST_FIRST)
			break;
		/* Highest first: pieces are sorted, so the last piece that fits is chosen. */
	}
	/* fits() leaves *start alone when it fails. */
	return found ? 0 : explain_no_room(ctx, plan, name, size, placement, &free_set);
}

int plan_find(struct ctx *ctx, const struct plan *plan, const char *name,
	      const struct placement *placement, uint64_t memsz, uint64_t *start)
{
	struct placement all;
	int ret = bound(ctx, plan, name, placement, &all);

	return ret ? ret : find(ctx, plan, name, &all, memsz, start);
}

static int add_segment(struct ctx *ctx, struct plan *plan, const struct segment *wanted,
		       struct range range)
{
	struct segment *segment;

	if (plan->segments == PLAN_MAX_SEGMENTS) {
		err_set(&ctx->err, -E2BIG, "the %s would be segment %d, and the kernel takes %d",
			wanted->name, PLAN_MAX_SEGMENTS + 1, PLAN_MAX_SEGMENTS);
		return err_hint(&ctx->err, "An image with fewer separate parts is needed.");
	}
	segment = &plan->segment[plan->segments];
	*segment = *wanted;
	segment->range = range;
	return (int)plan->segments++;
}

int plan_save(struct ctx *ctx, struct plan *plan, const struct range_set *memory)
{
	struct range_set rest = range_set_copy(&ctx->arena, memory);

	for (size_t i = 0; i < plan->segments; i++)
		range_set_subtract(&ctx->arena, &rest, plan->segment[i].range);
	if (rest.count > PLAN_MAX_SEGMENTS - plan->segments) {
		err_set(&ctx->err, -E2BIG,
			"the memory to save has %zu pieces between the %zu segments of the load, "
			"and the kernel takes %d segments in all",
			rest.count, plan->segments, PLAN_MAX_SEGMENTS);
		return err_hint(&ctx->err, "Choose less memory, with --mem-min and --mem-max.");
	}
	for (size_t i = 0; i < rest.count; i++) {
		struct segment segment = { .name = "saved", .placement.align = plan->page_size };

		placement_limit(&segment.placement, rest.range[i], "memory to save");
		add_segment(ctx, plan, &segment, rest.range[i]);
	}
	return 0;
}

int plan_place(struct ctx *ctx, struct plan *plan, const struct segment *wanted, uint64_t memsz)
{
	struct segment segment = *wanted;
	uint64_t start, size;
	int ret;

	ret = bound(ctx, plan, wanted->name, &wanted->placement, &segment.placement);
	if (ret)
		return ret;
	segment.placement.align = effective_align(plan, &segment.placement);
	if (memsz < wanted->bytes.size)
		memsz = wanted->bytes.size;
	ret = find(ctx, plan, wanted->name, &segment.placement, memsz, &start);
	if (ret)
		return ret;
	size = round_up(memsz, plan->page_size);
	return add_segment(ctx, plan, &segment, (struct range){ start, start + size });
}

int plan_fix(struct ctx *ctx, struct plan *plan, const struct segment *wanted, uint64_t start,
	     uint64_t memsz)
{
	struct segment fixed = *wanted;
	struct range range;
	uint64_t size;
	int ret;

	if (memsz < wanted->bytes.size)
		memsz = wanted->bytes.size;
	if (start & (plan->page_size - 1))
		return err_set(&ctx->err, -EADDRNOTAVAIL,
			       "the %s is to lie at 0x%" PRIx64 ", which is not page aligned",
			       wanted->name, start);
	if (!align_up(memsz, plan->page_size, &size) ||
	    __builtin_add_overflow(start, size, &range.end))
		return err_set(&ctx->err, -EADDRNOTAVAIL,
			       "the %s at 0x%" PRIx64 " with 0x%" PRIx64
			       " bytes goes past the end of the address space",
			       wanted->name, start, memsz);
	range.start = start;
	if (!range_set_contains(&plan->ram, range)) {
		err_set(&ctx->err, -EADDRNOTAVAIL,
			"Invalid memory segment 0x%" PRIx64 " - 0x%" PRIx64
			" (%s): not all of it is RAM",
			start, range.end - 1, wanted->name);
		return err_hint(&ctx->err, "The image insists on this address; compare it with "
					   "/proc/iomem.");
	}
	ret = bound(ctx, plan, wanted->name, &wanted->placement, &fixed.placement);
	if (ret)
		return ret;
	for (size_t i = 0; i < fixed.placement.limits; i++)
		if (!range_contains(fixed.placement.limit[i].range, range))
			return err_set(&ctx->err, -EADDRNOTAVAIL,
				       "the %s must lie at 0x%" PRIx64 "-0x%" PRIx64
				       ", which %s does not allow",
				       wanted->name, start, range.end - 1,
				       fixed.placement.limit[i].why);
	for (size_t i = 0; i < plan->segments; i++)
		if (range_overlaps(plan->segment[i].range, range))
			return err_set(&ctx->err, -EADDRNOTAVAIL,
				       "Overlapping memory segments at 0x%" PRIx64 ": %s and %s",
				       range.start, plan->segment[i].name, wanted->name);
	fixed.fixed = true;
	return add_segment(ctx, plan, &fixed, range);
}
