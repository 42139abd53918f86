/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refuses what kexec_load(2) would refuse, with names and numbers, and two faults that it would
 * not notice: a segment outside RAM, an entry point outside all segments.
 */
#include "plan.h"

#include <errno.h>
#include <inttypes.h>

#include "core/kexec_flags.h"

static int check_segment(struct ctx *ctx, const struct plan *plan, const struct segment *segment)
{
	struct range r = segment->range;

	if (range_empty(r) || ((r.start | r.end) & (plan->page_size - 1)))
		return err_set(&ctx->err, -EADDRNOTAVAIL,
			       "the %s at 0x%" PRIx64 "-0x%" PRIx64 " is not made of whole pages",
			       segment->name, r.start, r.end);
	if (segment->bytes.size > range_size(r))
		return err_set(&ctx->err, -EINVAL, "the %s has %zu bytes for a place of 0x%" PRIx64,
			       segment->name, segment->bytes.size, range_size(r));
	if (!range_set_contains(&plan->ram, r))
		return err_set(&ctx->err, -EADDRNOTAVAIL,
			       "Invalid memory segment 0x%" PRIx64 " - 0x%" PRIx64
			       " (%s): not all of it is RAM",
			       r.start, r.end - 1, segment->name);
	return 0;
}

/*
 * All segments together may take half of the memory that the kernel manages (Linux:
 * kernel/kexec_core.c).  That is more than the memory for segments.
 */
int plan_hint_size(struct ctx *ctx, const char *smaller)
{
	return err_hint(&ctx->err, "The kernel refuses this load: a %s, or more memory, is needed.",
			smaller);
}

static int check_total(struct ctx *ctx, const struct plan *plan)
{
	uint64_t total = 0;
	size_t i, largest = 0;

	for (i = 0; i < plan->segments; i++) {
		total += range_size(plan->segment[i].range);
		if (range_size(plan->segment[i].range) > range_size(plan->segment[largest].range))
			largest = i;
	}
	if (total <= plan->managed / 2)
		return 0;
	err_set(&ctx->err, -EINVAL,
		"the segments take %" PRIu64 " MiB, more than half of the memory (%" PRIu64
		" MiB); the largest is the %s with %" PRIu64 " MiB",
		total >> 20, plan->managed >> 20, plan->segment[largest].name,
		range_size(plan->segment[largest].range) >> 20);
	return plan_hint_size(ctx, plan->kexec_flags & KEXEC_PRESERVE_CONTEXT ? "lower --mem-max"
									      : "smaller initrd");
}

static bool inside_a_segment(const struct plan *plan, uint64_t addr)
{
	for (size_t i = 0; i < plan->segments; i++)
		if (plan->segment[i].range.start <= addr && addr < plan->segment[i].range.end)
			return true;
	return false;
}

static int check_entry(struct ctx *ctx, const struct plan *plan)
{
	const struct limit *within = &plan->within;

	if (inside_a_segment(plan, plan->entry))
		return 0;
	if (within->why && (plan->entry < within->range.start || plan->entry >= within->range.end))
		return err_set(&ctx->err, -EADDRNOTAVAIL,
			       "the entry point 0x%" PRIx64 " is outside of %s", plan->entry,
			       within->why);
	log_warn(&ctx->log, "the entry point 0x%" PRIx64 " lies in none of the segments",
		 plan->entry);
	return 0;
}

int plan_check(struct ctx *ctx, const struct plan *plan)
{
	size_t k;
	int ret;

	for (size_t i = 0; i < plan->segments; i++) {
		ret = check_segment(ctx, plan, &plan->segment[i]);
		if (ret)
			return ret;
		for (k = 0; k < i; k++)
			if (range_overlaps(plan->segment[i].range, plan->segment[k].range))
				return err_set(&ctx->err, -EINVAL,
					       "Overlapping memory segments at "
					       "0x%" PRIx64 ": %s and %s",
					       plan->segment[i].range.start, plan->segment[i].name,
					       plan->segment[k].name);
	}
	ret = check_total(ctx, plan);
	if (ret)
		return ret;
	return check_entry(ctx, plan);
}
