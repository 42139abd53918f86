/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placement against a brute-force model on random small maps, and the promises
 * that every plan keeps: in RAM, aligned, disjoint, within limits, at most 16.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec/plan/plan.h"

#define PAGE 0x1000u
#define PAGES 96 /* of the model's address space */

static struct range pages(uint64_t from, uint64_t to)
{
	return (struct range){ from * PAGE, to * PAGE };
}

/* Random RAM; edges need not be page aligned, as real maps' are not. */
static void random_ram(struct ctx *ctx, struct range_set *ram, bool *usable)
{
	unsigned int n, i;

	for (n = (unsigned int)rand() % 6; n; n--) {
		uint64_t start = (uint64_t)rand() % (PAGES * PAGE);
		uint64_t end = start + (uint64_t)rand() % (30 * PAGE);

		if (end > PAGES * PAGE)
			end = PAGES * PAGE;
		range_set_add(&ctx->arena, ram, (struct range){ start, end });
	}
	for (i = 0; i < PAGES; i++)
		usable[i] = range_set_contains(ram, pages(i, i + 1));
}

static struct placement random_placement(void)
{
	struct placement p = { .align = 1ull << (rand() % 17),
			       .direction = rand() % 2 ? LOWEST_FIRST : HIGHEST_FIRST };
	unsigned int n;

	for (n = (unsigned int)rand() % 3; n; n--) {
		uint64_t start = (uint64_t)rand() % (PAGES * PAGE / 2);

		placement_limit(&p,
				(struct range){ start, start + (uint64_t)rand() % (PAGES * PAGE) },
				"a limit");
	}
	return p;
}

/* Is a block of count pages from page at allowed? */
static bool allowed(const struct placement *p, const bool *usable, uint64_t at, uint64_t count)
{
	struct range r = pages(at, at + count);
	size_t i;

	if (at + count > PAGES || r.start & (p->align - 1))
		return false;
	for (i = at; i < at + count; i++)
		if (!usable[i])
			return false;
	for (i = 0; i < p->limits; i++)
		if (!range_contains(p->limit[i].range, r))
			return false;
	return true;
}

/* Page number, or -1. */
static int64_t model_find(const struct placement *p, const bool *usable, uint64_t count)
{
	int64_t at, found = -1;

	for (at = 0; at < PAGES; at++) {
		if (!allowed(p, usable, (uint64_t)at, count))
			continue;
		found = at;
		if (p->direction == LOWEST_FIRST)
			break;
	}
	return found;
}

static void check_plan(const struct plan *plan)
{
	size_t i, k, m;

	assert_true(plan->segments <= PLAN_MAX_SEGMENTS);
	for (i = 0; i < plan->segments; i++) {
		const struct segment *s = &plan->segment[i];

		assert_true(range_set_contains(&plan->ram, s->range));
		assert_int_equal((s->range.start | s->range.end) & (PAGE - 1), 0);
		assert_int_equal(s->range.start & (s->placement.align - 1), 0);
		for (k = 0; k < i; k++)
			assert_false(range_overlaps(s->range, plan->segment[k].range));
		for (m = 0; m < s->placement.limits; m++)
			assert_true(range_contains(s->placement.limit[m].range, s->range));
	}
}

static void test_against_model(void **state)
{
	unsigned int round, step;

	(void)state;
	srand(2);
	for (round = 0; round < 3000; round++) {
		struct ctx ctx = { 0 };
		struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
		bool usable[PAGES];

		plan->page_size = PAGE;
		plan->mem_max = UINT64_MAX;
		random_ram(&ctx, &plan->ram, usable);
		for (step = 0; step < 20; step++) {
			struct segment wanted = { .name = "thing",
						  .placement = random_placement() };
			uint64_t memsz = 1 + (uint64_t)rand() % (12 * PAGE);
			uint64_t count = (memsz + PAGE - 1) / PAGE;
			int64_t at = model_find(&wanted.placement, usable, count);
			bool full = plan->segments == PLAN_MAX_SEGMENTS;
			int ret = plan_place(&ctx, plan, &wanted, memsz);

			if (at < 0) {
				assert_int_equal(ret, -EADDRNOTAVAIL);
				assert_true(!strncmp(ctx.err.what,
						     "Could not find a free area of memory", 36));
			} else if (full) {
				assert_int_equal(ret, -E2BIG);
			} else {
				assert_true(ret >= 0);
				assert_int_equal(plan->segment[ret].range.start,
						 (uint64_t)at * PAGE);
				assert_int_equal(range_size(plan->segment[ret].range),
						 count * PAGE);
				memset(usable + at, false, count);
			}
			check_plan(plan);
		}
		arena_free(&ctx.arena);
	}
}

static void test_failure_names_the_limit(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct segment wanted = { .name = "initrd", .placement = { .align = PAGE } };

	(void)state;
	plan->page_size = PAGE;
	plan->mem_max = UINT64_MAX;
	range_set_add(&ctx.arena, &plan->ram, pages(0, 16));
	range_set_add(&ctx.arena, &plan->ram, pages(32, 36));
	range_set_add(&ctx.arena, &plan->ram, pages(48, 56));
	placement_limit(&wanted.placement, (struct range){ 0, 40 * PAGE }, "--mem-max");
	placement_limit(&wanted.placement, (struct range){ 20 * PAGE, UINT64_MAX },
			"the kernel's end");
	assert_int_equal(plan_place(&ctx, plan, &wanted, 6 * PAGE), -EADDRNOTAVAIL);
	assert_string_equal(ctx.err.what,
			    "Could not find a free area of memory of 0x6000 bytes for "
			    "the initrd, aligned to 0x1000");
	assert_string_equal(ctx.err.hint,
			    "Free memory and what rules it out: 0x0-0xffff (the kernel's "
			    "end), 0x30000-0x37fff (--mem-max), 0x20000-0x23fff (too small).");
	arena_free(&ctx.arena);
}

static void test_sizes_that_wrap(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct segment wanted = { .name = "kernel", .placement = { .align = PAGE } };

	(void)state;
	plan->page_size = PAGE;
	plan->mem_max = UINT64_MAX;
	range_set_add(&ctx.arena, &plan->ram, (struct range){ 0, UINT64_MAX });
	assert_int_equal(plan_place(&ctx, plan, &wanted, 0), -EINVAL);
	assert_int_equal(plan_place(&ctx, plan, &wanted, UINT64_MAX), -EINVAL);
	wanted.placement.align = 3 * PAGE;
	assert_int_equal(plan_place(&ctx, plan, &wanted, PAGE), -EINVAL);
	assert_int_equal(plan_fix(&ctx, plan, &wanted, UINT64_MAX & ~0xfffull, PAGE),
			 -EADDRNOTAVAIL);
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 0x1800, PAGE), -EADDRNOTAVAIL);
	assert_int_equal(plan->segments, 0);
	arena_free(&ctx.arena);
}

static void test_fixed_segments(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct segment wanted = { .name = "kernel" };

	(void)state;
	plan->page_size = PAGE;
	plan->mem_max = UINT64_MAX;
	plan->managed = 16 * PAGE;
	range_set_add(&ctx.arena, &plan->ram, pages(16, 32));
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 16 * PAGE, 4 * PAGE), 0);
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 19 * PAGE, PAGE), -EADDRNOTAVAIL);
	assert_non_null(strstr(ctx.err.what, "Overlapping memory segments at"));
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 31 * PAGE, 2 * PAGE), -EADDRNOTAVAIL);
	assert_non_null(strstr(ctx.err.what, "Invalid memory segment"));
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 20 * PAGE, 1), 1);
	assert_int_equal(range_size(plan->segment[1].range), PAGE);
	plan->entry = 16 * PAGE;
	assert_int_equal(plan_check(&ctx, plan), 0);
	plan->segment[1].range.start = 19 * PAGE;
	assert_int_equal(plan_check(&ctx, plan), -EINVAL);
	plan->segment[1].range = pages(40, 41);
	assert_int_equal(plan_check(&ctx, plan), -EADDRNOTAVAIL);
	/* 4 pages and 4 are half of 16; one more is not. */
	plan->segment[1].range = pages(20, 24);
	assert_int_equal(plan_check(&ctx, plan), 0);
	plan->segment[1].range = pages(20, 25);
	plan->segment[1].name = "initrd";
	assert_int_equal(plan_check(&ctx, plan), -EINVAL);
	assert_non_null(strstr(ctx.err.what, "more than half"));
	assert_non_null(strstr(ctx.err.what, "the largest is the initrd"));
	/* Memory that takes no segments, such as that of drivers, counts. */
	plan->managed = 18 * PAGE;
	assert_int_equal(plan_check(&ctx, plan), 0);
	arena_free(&ctx.arena);
}

/* RAM of 16 pages outside of the reservation, which has 16 more. */
static void test_crash_plan(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct segment wanted = { .name = "kernel" };

	(void)state;
	plan->page_size = PAGE;
	plan->mem_max = UINT64_MAX;
	plan->within = (struct limit){ pages(16, 32), "the reservation" };
	plan->managed = 16 * PAGE;
	range_set_add(&ctx.arena, &plan->ram, pages(0, 32));
	assert_int_equal(plan_fix(&ctx, plan, &wanted, 16 * PAGE, 8 * PAGE), 0);
	plan->entry = 16 * PAGE;
	assert_int_equal(plan_check(&ctx, plan), 0);
	plan->entry = 32 * PAGE - 1; /* strange, but the kernel takes it */
	assert_int_equal(plan_check(&ctx, plan), 0);
	plan->entry = 32 * PAGE;
	assert_int_equal(plan_check(&ctx, plan), -EADDRNOTAVAIL);
	assert_non_null(strstr(ctx.err.what, "is outside of the reservation"));
	plan->entry = 16 * PAGE - 1;
	assert_int_equal(plan_check(&ctx, plan), -EADDRNOTAVAIL);
	plan->entry = 16 * PAGE;
	plan->segment[0].range = pages(16, 25);
	assert_int_equal(plan_check(&ctx, plan), -EINVAL);
	assert_non_null(strstr(ctx.err.what, "more than half"));
	arena_free(&ctx.arena);
}

/* A limit without room in the array must not be lost: the place could be a wrong one. */
static void test_too_many_limits(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = calloc(1, sizeof(*plan));
	struct segment segment = { .name = "many", .bytes = { (const uint8_t *)"x", 1 } };
	uint64_t start;

	(void)state;
	assert_non_null(plan);
	plan->page_size = PAGE;
	plan->mem_max = UINT64_MAX;
	range_set_add(&ctx.arena, &plan->ram, pages(16, 64));
	for (int i = 0; i < PLAN_MAX_LIMITS; i++)
		placement_limit(&segment.placement, pages(16, 64), "a limit");
	assert_int_equal(plan_place(&ctx, plan, &segment, 1), 0);
	plan->mem_max = (64 << 12) - 1;
	assert_int_equal(plan_place(&ctx, plan, &segment, 1), -EOVERFLOW);
	assert_int_equal(plan_fix(&ctx, plan, &segment, 32 << 12, 1), -EOVERFLOW);
	assert_int_equal(plan_find(&ctx, plan, "many", &segment.placement, 1, &start), -EOVERFLOW);
	plan->mem_max = UINT64_MAX;
	placement_limit(&segment.placement, pages(16, 64), "one more");
	assert_int_equal(plan_place(&ctx, plan, &segment, 1), -EOVERFLOW);
	assert_non_null(strstr(ctx.err.what, "9 limits on its place, at most 8 fit"));
	assert_int_equal(plan->segments, 1);
	arena_free(&ctx.arena);
	free(plan);
}

/* --mem-min and --mem-max hold for every segment, however it is placed. */
static void test_limits_of_every_segment(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = calloc(1, sizeof(*plan));
	struct segment segment = { .name = "one", .bytes = { (const uint8_t *)"x", 1 } };
	int index;

	(void)state;
	assert_non_null(plan);
	plan->page_size = PAGE;
	plan->mem_min = 20 << 12;
	plan->mem_max = (40 << 12) - 1;
	range_set_add(&ctx.arena, &plan->ram, pages(16, 64));
	index = plan_place(&ctx, plan, &segment, 1);
	assert_int_equal(plan->segment[index].range.start, 20 << 12);
	segment.placement.direction = HIGHEST_FIRST;
	index = plan_place(&ctx, plan, &segment, 1);
	assert_int_equal(plan->segment[index].range.end, 40 << 12);
	assert_int_equal(plan_fix(&ctx, plan, &segment, 16 << 12, 1), -EADDRNOTAVAIL);
	assert_non_null(strstr(ctx.err.what, "--mem-min does not allow"));
	assert_int_equal(plan_fix(&ctx, plan, &segment, 40 << 12, 1), -EADDRNOTAVAIL);
	assert_non_null(strstr(ctx.err.what, "--mem-max does not allow"));
	assert_true(plan_allows(plan, pages(20, 40)));
	assert_false(plan_allows(plan, pages(19, 40)));
	assert_false(plan_allows(plan, pages(20, 41)));
	arena_free(&ctx.arena);
	free(plan);
}

/* All memory that a kernel is lent is in segments; the kernel takes 16. */
static void test_saved_memory(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = calloc(1, sizeof(*plan));
	struct segment segment = { .name = "kernel" };
	struct range_set lent = { 0 };

	(void)state;
	*plan = (struct plan){ .page_size = PAGE, .mem_max = UINT64_MAX };
	range_set_add(&ctx.arena, &plan->ram, pages(0, 64));
	range_set_add(&ctx.arena, &lent, pages(2, 10));
	range_set_add(&ctx.arena, &lent, pages(20, 21));
	assert_int_equal(plan_fix(&ctx, plan, &segment, 4 * PAGE, PAGE), 0);
	assert_int_equal(plan_save(&ctx, plan, &lent), 0);
	assert_int_equal(plan->segments, 4);
	for (size_t i = 1; i < 4; i++) {
		static const struct range want[] = { { 2, 4 }, { 5, 10 }, { 20, 21 } };

		assert_string_equal(plan->segment[i].name, "saved");
		assert_int_equal(plan->segment[i].range.start, want[i - 1].start * PAGE);
		assert_int_equal(plan->segment[i].range.end, want[i - 1].end * PAGE);
		assert_int_equal(plan->segment[i].bytes.size, 0);
	}

	plan->segments = 1;
	for (uint64_t i = 12; i < 44; i += 2)
		range_set_add(&ctx.arena, &lent, pages(i, i + 1));
	assert_int_equal(plan_save(&ctx, plan, &lent), -E2BIG);
	assert_int_equal(plan->segments, 1);
	assert_non_null(strstr(ctx.err.what, "has 18 pieces between the 1 segments"));
	arena_free(&ctx.arena);
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_failure_names_the_limit),
		cmocka_unit_test(test_sizes_that_wrap),
		cmocka_unit_test(test_fixed_segments),
		cmocka_unit_test(test_crash_plan),
		cmocka_unit_test(test_too_many_limits),
		cmocka_unit_test(test_limits_of_every_segment),
		cmocka_unit_test(test_saved_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
