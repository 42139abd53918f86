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
	assert_int_equal(plan->params.piece_count, 2);
	assert_memory_equal(plan->params.piece_digest[0], abc, 32);
	assert_memory_equal(plan->params.piece_digest[s[2].first_piece], abc, 32);
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
	assert_memory_equal(plan->params.piece_digest[0], zeros, 32);
	assert_int_equal(plan_sealed_bytes(plan), 0);
	arena_free(&ctx.arena);
}

/* Segments of every mix of sizes: no piece is lost, and their number and size stay in bounds. */
static void test_pieces(void **state)
{
	static const size_t sizes[][4] = {
		{ 1 },
		{ 0x40000 },
		{ 0x40001 },
		{ 0x80000, 0x40000, 5 },
		{ 0x600000 },
		{ 0x600001, 0x600001, 0x600001, 0x600001 },
		{ 0x1000000, 0x2000, 0x400000, 0x7ffff },
		{ 0x400000, 0, 0x1000 },
	};
	struct ctx ctx = { 0 };
	uint8_t *data = arena_alloc(&ctx.arena, 0x1001000), digest[SHA256_SIZE];
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	struct sha256_engine engine;

	(void)state;
	sha256_portable(&engine);
	for (size_t i = 0; i < 0x1001000; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t total = 0, cut = 0, pieces = 0;

		memset(plan, 0, sizeof(*plan));
		plan->params.flags = PURGATORY_VERIFY;
		plan->segments = 4;
		for (size_t n = 0; n < 4; n++)
			plan->segment[n] = (struct segment){ .name = "s",
							     .bytes = { data + n, sizes[i][n] },
							     .range.start = n << 32,
							     .sealed = true };
		plan_seal(&ctx, plan);
		for (size_t n = 0; n < 4; n++) {
			const struct segment *s = &plan->segment[n];

			assert_int_equal(s->sealed, sizes[i][n] != 0);
			for (size_t at = 0; at < sizes[i][n]; pieces++, at += s->piece_size) {
				size_t size = sizes[i][n] - at;
				struct sha256 sha;

				size = size < s->piece_size ? size : s->piece_size;
				total += size;
				sha256_init(&sha);
				sha256_update(&sha, &engine, data + n + at, size);
				sha256_final(&sha, &engine, digest);
				assert_memory_equal(plan->params.piece_digest[pieces], digest, 32);
			}
			cut += s->pieces > 1 ? s->pieces : 0;
			assert_true(!s->sealed || s->piece_size >= 0x40000);
		}
		assert_int_equal(plan->params.piece_count, pieces);
		assert_int_equal(total, plan_sealed_bytes(plan));
		assert_true(cut <= 24);
		assert_true(plan_is_intact(&ctx, plan));
		data[0] ^= 1;
		assert_false(plan_is_intact(&ctx, plan));
		data[0] ^= 1;
	}
	arena_free(&ctx.arena);
}

/* A damaged piece has the name of its segment and its own range. */
static void test_digest_text(void **state)
{
	struct ctx ctx = { 0 };
	struct plan *plan = arena_alloc(&ctx.arena, sizeof(*plan));
	uint8_t *data = arena_alloc(&ctx.arena, 0x90000);

	(void)state;
	plan->params.flags = PURGATORY_VERIFY;
	plan->purgatory.kind = "pie";
	plan->segments = 2;
	plan->segment[0] = (struct segment){
		.name = "small", .bytes = { data, 3 }, .range.start = 0x1000, .sealed = true
	};
	plan->segment[1] = (struct segment){
		.name = "large", .bytes = { data, 0x80001 }, .range.start = 0x100000, .sealed = true
	};
	plan_seal(&ctx, plan);
	assert_int_equal(plan->params.piece_count, 4);
	assert_non_null(strstr(plan_digest_text(&ctx.arena, plan, 0), "small [0x1000, 0x1003) "));
	assert_non_null(
		strstr(plan_digest_text(&ctx.arena, plan, 2), "large [0x140000, 0x180000) "));
	assert_non_null(
		strstr(plan_digest_text(&ctx.arena, plan, 3), "large [0x180000, 0x180001) "));
	assert_non_null(strstr(plan_digest_text(&ctx.arena, plan, 4), "purgatory ["));
	assert_null(plan_digest_text(&ctx.arena, plan, 5));
	arena_free(&ctx.arena);
}

static void test_cost(void **state)
{
	static const struct hash_method quick = { "quick", 3 };
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
	assert_string_equal(plan_cost(&plan).implementation, "portable code");
	plan.purgatory.hash = &quick;
	assert_int_equal(plan_cost(&plan).ms, 2);
	assert_string_equal(plan_cost(&plan).implementation, "quick");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal),   cmocka_unit_test(test_unchecked_regions),
		cmocka_unit_test(test_pieces), cmocka_unit_test(test_digest_text),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
