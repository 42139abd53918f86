/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests cover what is put there, in both implementations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sha256.h"
#include "kexec/plan/plan.h"

/* FIPS 180-4 example: "abc". */
static const uint8_t abc[32] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

static void test_seal(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct segment *s = plan->segment;

	(void)state;
	plan->params.flags = PURGATORY_VERIFY;
	plan->segments = 3;
	s[0] = (struct segment){ .name = "one",
				 .bytes = { (const uint8_t *)"abc", 3 },
				 .range = { 0x1000, 0x9000 },
				 .sealed = true };
	s[1] = (struct segment){ .name = "purgatory", .range = { 0x9000, 0xa000 } };
	s[2] = (struct segment){ .name = "a name that is too long for its field",
				 .bytes = { (const uint8_t *)"abc", 3 },
				 .range = { 0xa000, 0xb000 },
				 .sealed = true };
	plan_seal(&ctx, plan);
	assert_int_equal(plan->params.region_count, 2);
	assert_int_equal(plan->params.region[0].start, 0x1000);
	assert_int_equal(plan->params.region[0].size, 3);
	assert_memory_equal(plan->params.region[0].digest, abc, 32);
	assert_memory_equal(s[2].digest, abc, 32);
	assert_string_equal(plan->params.region[0].name, "one");
	assert_string_equal(plan->params.region[1].name, "a name that is too long");
	assert_int_equal(plan_sealed_bytes(plan), 6);
	plan->params.flags = 0;
	plan_seal(&ctx, plan);
	assert_int_equal(plan->params.region_count, 0);
	assert_int_equal(plan_sealed_bytes(plan), 0);
	arena_free(&ctx.arena);
}

/* For a purgatory that has to know what lies where even if it checks nothing. */
static void test_unchecked_regions(void **state)
{
	static const uint8_t zeros[32];
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));

	(void)state;
	plan->lists_regions = true;
	plan->segments = 2;
	plan->segment[0] = (struct segment){ .name = "one",
					     .bytes = { (const uint8_t *)"abc", 3 },
					     .range = { 0x1000, 0x9000 },
					     .sealed = true };
	plan->segment[1] = (struct segment){ .name = "purgatory", .range = { 0x9000, 0xa000 } };
	plan_seal(&ctx, plan);
	assert_int_equal(plan->params.region_count, 1);
	assert_int_equal(plan->params.region[0].start, 0x1000);
	assert_int_equal(plan->params.region[0].size, 3);
	assert_memory_equal(plan->params.region[0].digest, zeros, 32);
	assert_int_equal(plan_sealed_bytes(plan), 0);
	arena_free(&ctx.arena);
}

static void test_cost(void **state)
{
	static struct plan plan;
	struct plan_cost cost = plan_cost(&plan);

	(void)state;
	assert_int_equal(cost.bytes, 0);
	plan.params.flags = PURGATORY_VERIFY;
	plan.segments = 1;
	plan.segment[0] = (struct segment){ .bytes = { NULL, 1000000 }, .sealed = true };
	cost = plan_cost(&plan);
	assert_int_equal(cost.bytes, 1000000);
	assert_int_equal(cost.ms, 0);
	plan.purgatory.cycles_per_ms = 2000000;
	assert_int_equal(plan_cost(&plan).ms, 5);
	plan.purgatory.accelerated = true;
	assert_int_equal(plan_cost(&plan).ms, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_unchecked_regions),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
