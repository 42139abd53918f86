/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/x86/way_back.c: its page tables, walked as a CPU walks them (Intel SDM volume 3, 4.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "kexec/arch/x86/x86.h"
#include "kexec/core/units.h"

#define PLACE 0x5432000ull
#define ENTRY (700 * GIB + 0xf2)
#define PRESENT 1
#define LARGE 0x80
#define ADDRESS 0x000ffffffffff000ull
#define NOT_MAPPED UINT64_MAX

static struct memory_entry memory[] = {
	{ { 0x1000, 0x9f000 }, MEMORY_RAM },
	{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
	{ { 0x100000, 3 * GIB + 5 * MIB }, MEMORY_RAM },
	{ { 0xfe000000, 0x100000000 }, MEMORY_RESERVED },
	{ { 600 * GIB, 601 * GIB }, MEMORY_RAM },
};
static const struct machine machine = { .map = { memory, ARRAY_SIZE(memory), "test" } };

/* The physical address that the tables at `table` give. */
static uint64_t translate(struct bytes segment, uint64_t table, unsigned int levels,
			  uint64_t address)
{
	unsigned int shift;
	uint64_t entry;

	for (shift = 12 + 9 * (levels - 1);; shift -= 9) {
		assert_in_range(table, PLACE, PLACE + segment.size - 4096);
		assert_int_equal(table % 4096, 0);
		entry = get_le64(segment.data + (table - PLACE) + (address >> shift) % 512 * 8);
		if (!(entry & PRESENT))
			return NOT_MAPPED;
		if (shift == 21)
			break;
		table = entry & ADDRESS;
	}
	assert_true(entry & LARGE);
	return (entry & ADDRESS) + address % (2 * MIB);
}

static void test_tables(void **state)
{
	static const uint64_t mapped[] = {
		0x1000,	   0x9efff,	  0x100000,	  GIB,	 3 * GIB + 5 * MIB - 1,
		600 * GIB, 601 * GIB - 1, ENTRY - 0x2000, ENTRY, ENTRY + 0x1fff,
		PLACE,
	};
	static const uint64_t free[] = { 4 * GIB, 599 * GIB, 601 * GIB, 700 * GIB + 4 * MIB };
	struct ctx ctx = { 0 };
	struct bytes sizing, segment;
	size_t i;

	(void)state;
	assert_int_equal(x86_64_way_back(&ctx, &machine, ENTRY, 0, &sizing), 0);
	assert_int_equal(x86_64_way_back(&ctx, &machine, ENTRY, PLACE, &segment), 0);
	assert_int_equal(segment.size, sizing.size);
	assert_int_equal(segment.size % 4096, 0);
	assert_int_equal(get_le64(segment.data + 2), PLACE + 0x2000);
	assert_int_equal(get_le64(segment.data + 26), ENTRY);
	/* With CR4.LA57 the code subtracts a page. */
	for (unsigned int levels = 4; levels <= 5; levels++) {
		uint64_t table = PLACE + (levels == 4 ? 0x2000 : 0x1000);

		for (i = 0; i < ARRAY_SIZE(mapped); i++)
			assert_int_equal(translate(segment, table, levels, mapped[i]), mapped[i]);
		for (i = 0; i < ARRAY_SIZE(free); i++)
			assert_int_equal(translate(segment, table, levels, free[i]), NOT_MAPPED);
	}
	arena_free(&ctx.arena);
}

static void test_entries(void **state)
{
	static const uint64_t bad[] = { 1, 0x1fff, (1ull << 47) - 1, 1ull << 47, UINT64_MAX };
	struct ctx ctx = { 0 };
	struct bytes segment;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(x86_64_way_back(&ctx, &machine, bad[i], 0, &segment), -EINVAL);
		assert_non_null(strstr(ctx.err.what, "--entry: 0x"));
		err_clear(&ctx.err);
	}
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
