/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of ranges against a model: one bool per address of a small space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec/core/arena.h"
#include "kexec/core/range.h"

#define SPACE 64

static void assert_matches_model(const struct range_set *set, const bool *model)
{
	bool have[SPACE] = { false };
	size_t i;
	uint64_t a;

	for (i = 0; i < set->count; i++) {
		assert_false(range_empty(set->range[i]));
		if (i)
			assert_true(set->range[i - 1].end < set->range[i].start);
		for (a = set->range[i].start; a < set->range[i].end; a++)
			have[a] = true;
	}
	assert_memory_equal(have, model, sizeof(have));
}

static bool model_all(const bool *model, struct range r, bool want)
{
	uint64_t a;

	for (a = r.start; a < r.end; a++)
		if (model[a] != want)
			return false;
	return true;
}

static struct range random_range(void)
{
	uint64_t a = (uint64_t)rand() % (SPACE + 1), b = (uint64_t)rand() % (SPACE + 1);

	return a < b ? (struct range){ a, b } : (struct range){ b, a };
}

static void test_against_model(void **state)
{
	struct arena arena = { 0 };
	struct range_set set = { 0 };
	bool model[SPACE] = { false };
	unsigned int step;

	(void)state;
	srand(1);
	for (step = 0; step < 20000; step++) {
		struct range r = random_range(), probe = random_range();
		bool add = rand() % 2;

		if (add)
			range_set_add(&arena, &set, r);
		else
			range_set_subtract(&arena, &set, r);
		memset(model + r.start, add, r.end - r.start);
		assert_matches_model(&set, model);
		if (range_empty(probe))
			continue;
		assert_int_equal(range_set_contains(&set, probe), model_all(model, probe, true));
		assert_int_equal(range_set_overlaps(&set, probe), !model_all(model, probe, false));
	}
	arena_free(&arena);
}

static void test_edges_of_the_address_space(void **state)
{
	struct arena arena = { 0 };
	struct range_set set = { 0 };
	uint64_t up;

	(void)state;
	range_set_add(&arena, &set, (struct range){ 0, UINT64_MAX });
	range_set_subtract(&arena, &set, (struct range){ 0x1000, UINT64_MAX - 1 });
	assert_int_equal(set.count, 2);
	assert_int_equal(range_set_size(&set), 0x1001);
	assert_true(align_up(UINT64_MAX - 0xfff, 0x1000, &up));
	assert_int_equal(up, UINT64_MAX - 0xfff);
	assert_false(align_up(UINT64_MAX - 0xffe, 0x1000, &up));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_edges_of_the_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
