/* SPDX-License-Identifier: GPL-2.0-or-later */
/* purgatory/purgatory.c: the choice of an engine, when those of the CPU hash wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HASH_ENGINES 3
#include "purgatory/print.c"
#include "purgatory/purgatory.c"

const uint64_t purgatory_head[1], purgatory_image_end[1];

static char seen[1024];
static size_t seen_size;
static unsigned int first_right; /* index of the first engine that hashes correctly */
static unsigned int asked; /* number of engines that purgatory asked for */

void arch_putchar(char c)
{
	assert_true(seen_size + 1 < sizeof(seen));
	seen[seen_size++] = c;
	seen[seen_size] = '\0';
}

static void right(uint32_t *const state[], const uint8_t *const data[], size_t blocks)
{
	for (size_t i = 0; i < 4; i++)
		sha256_blocks_generic(state[i], data[i], blocks);
}

static void last_stream_is_wrong(uint32_t *const state[], const uint8_t *const data[],
				 size_t blocks)
{
	right(state, data, blocks);
	state[3][7] ^= 1;
}

bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine)
{
	static const char *const names[] = { "first", "second", "third" };

	asked++;
	assert_true(index < HASH_ENGINES);
	sha256_engine_set(engine, names[index], 4,
			  index < first_right ? last_stream_is_wrong : right, NULL);
	return true;
}

const char *arch_sha256_begin(void)
{
	return "";
}

void arch_sha256_end(void)
{
}

uint64_t arch_ticks(void)
{
	return 0;
}

uint64_t arch_ticks_per_ms(void)
{
	return 0;
}

bool arch_state_ok(void)
{
	return true;
}

const void *arch_final_state(void)
{
	return NULL;
}

void arch_setup(void)
{
}

void arch_console_flush(void)
{
}

void arch_reset(void)
{
}

_Noreturn void arch_halt(void)
{
	for (;;)
		fail();
}

/* One region of five pieces, the last shorter: more than the streams of an engine. */
static void verify(uint32_t flags, unsigned int engines_wrong, bool damaged)
{
	static uint8_t data[1000];
	struct purgatory_region *region = purgatory_params.region;
	struct sha256_engine portable;
	struct sha256 ctx;
	size_t i;

	memset(&purgatory_params, 0, sizeof(purgatory_params));
	memset(data, 0x5a, sizeof(data));
	region->start = (uintptr_t)data;
	region->size = sizeof(data);
	region->piece_size = 210;
	memcpy(region->name, "kernel", 7);
	purgatory_params.region_count = 1;
	purgatory_params.piece_count = 5;
	sha256_portable(&portable);
	for (i = 0; i < 5; i++) {
		sha256_init(&ctx);
		sha256_update(&ctx, &portable, data + i * 210, i < 4 ? 210 : 160);
		sha256_final(&ctx, &portable, purgatory_params.piece_digest[i]);
	}
	purgatory_params.flags = PURGATORY_VERIFY | flags;
	data[650] ^= damaged;
	first_right = engines_wrong;
	asked = 0;
	seen_size = 0;
	assert_int_equal(regions_intact(true), !damaged);
}

#define WRONG(name) "purgatory: " name " of this CPU hash wrongly and are not used\n"
#define VERIFIED "purgatory: verified 1 regions, 1000 bytes, with "

static void test_first_is_right(void **state)
{
	(void)state;
	verify(0, 0, false);
	assert_string_equal(seen, VERIFIED "first, 4 streams\n");
	assert_int_equal(asked, 1);
}

static void test_steps_down(void **state)
{
	(void)state;
	verify(0, 1, false);
	assert_string_equal(seen, WRONG("first") VERIFIED "second, 4 streams\n");
	verify(0, 2, false);
	assert_string_equal(seen, WRONG("first") WRONG("second") VERIFIED "third, 4 streams\n");
}

static void test_all_are_wrong(void **state)
{
	(void)state;
	verify(0, 3, false);
	assert_string_equal(seen, WRONG("first") WRONG("second") WRONG("third") VERIFIED
			    "portable code\n");
}

static void test_portable_only(void **state)
{
	(void)state;
	verify(PURGATORY_PORTABLE_HASH, 3, false);
	assert_string_equal(seen, VERIFIED "portable code\n");
	assert_int_equal(asked, 0);
}

/* The report is of the piece, with every engine. */
static void test_damage(void **state)
{
	(void)state;
	for (unsigned int wrong = 0; wrong <= 3; wrong++) {
		char range[96];
		uint64_t start;

		verify(0, wrong, true);
		start = purgatory_params.region->start + 3 * 210;
		snprintf(range, sizeof(range),
			 "digests do not match: kernel [0x%llx, 0x%llx) was damaged\n",
			 (unsigned long long)start, (unsigned long long)start + 210);
		assert_non_null(strstr(seen, range));
		assert_non_null(strstr(seen, "purgatory: 1 of 5 pieces damaged"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_is_right), cmocka_unit_test(test_steps_down),
		cmocka_unit_test(test_all_are_wrong),  cmocka_unit_test(test_portable_only),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
