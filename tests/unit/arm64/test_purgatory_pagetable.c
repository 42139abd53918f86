/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identity maps of the arm64 purgatory, walked as a CPU does (Arm ARM,
 * VMSAv8-64): random ranges, for every granule, against a list of the ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory/arch/arm64/pagetable.c"

#define POOL_SIZE (64 << 16)
#define MAX_RANGES 12

struct mapped {
	uint64_t start, end, attributes;
};

struct map {
	struct page_tables tables;
	struct mapped range[MAX_RANGES];
	size_t count;
};

static uint8_t pool[POOL_SIZE] __attribute__((aligned(65536)));

static const unsigned int granules[] = { 12, 14, 16 };

static void setup(struct map *map, unsigned int granule, unsigned int bits, size_t pool_size)
{
	memset(map, 0, sizeof(*map));
	assert_true(page_tables_init(&map->tables, pool, pool_size, granule, bits));
}

static void add(struct map *map, uint64_t start, uint64_t end, uint64_t attributes)
{
	assert_true(page_tables_map(&map->tables, start, end, attributes));
	map->range[map->count++] = (struct mapped){ start, end, attributes };
}

/* The attributes of the first range that touches this page; 0: none does. */
static uint64_t expected(const struct map *map, uint64_t page)
{
	uint64_t size = 1ull << map->tables.granule_log2;

	for (size_t i = 0; i < map->count; i++)
		if (map->range[i].start < page + size && page < map->range[i].end)
			return map->range[i].attributes;
	return 0;
}

/* The level at which a walk starts depends on the granule and on TCR.T0SZ. */
static unsigned int first_level(unsigned int granule, unsigned int bits)
{
	switch (granule) {
	case 12: return bits > 39 ? 0 : bits > 30 ? 1 : 2;
	case 14: return bits > 47 ? 0 : bits > 36 ? 1 : 2;
	default: return bits > 42 ? 1 : 2;
	}
}

/* Returns the attributes of what the address is mapped to, which must be itself; 0: a fault. */
static uint64_t walk(const struct map *map, uint64_t address)
{
	unsigned int granule = map->tables.granule_log2;
	unsigned int level = first_level(granule, map->tables.address_bits);
	const uint64_t *table = map->tables.root;
	uint64_t entry, size, output;

	for (;; level++) {
		unsigned int shift = granule + (3 - level) * (granule - 3);

		assert_int_equal((uintptr_t)table % (1ull << granule), 0);
		assert_true((const uint8_t *)table >= pool);
		assert_true((uintptr_t)table < map->tables.free);
		entry = table[address >> shift & ((1ull << (granule - 3)) - 1)];
		if (!(entry & 1))
			return 0;
		size = 1ull << shift;
		if (level == 3 || !(entry & 2))
			break;
		table = (const uint64_t *)(uintptr_t)(entry & 0x0000fffffffff000);
	}
	if (level == 3)
		assert_int_equal(entry & 3, 3);
	else
		assert_true(level == 2 || (level == 1 && granule == 12));
	output = entry & 0x0000fffffffff000;
	assert_int_equal(output % size, 0);
	assert_true(output == (address & ~(size - 1)));
	return entry & ~0x0000fffffffff003ull;
}

static void check_page(const struct map *map, uint64_t page)
{
	uint64_t limit = 1ull << map->tables.address_bits;

	if (page < limit)
		assert_int_equal(walk(map, page), expected(map, page));
}

/* Every page of small ranges, some of large ones, and those next to them. */
static void check_all(const struct map *map)
{
	uint64_t size = 1ull << map->tables.granule_log2;

	for (size_t i = 0; i < map->count; i++) {
		uint64_t start = map->range[i].start & ~(size - 1);
		uint64_t end = (map->range[i].end + size - 1) & ~(size - 1);
		uint64_t pages = (end - start) / size;

		check_page(map, start - size);
		check_page(map, end);
		check_page(map, end - size);
		for (uint64_t n = 0; n < pages && n < 600; n++)
			check_page(map,
				   start + (pages > 600 ? (uint64_t)rand() * 7919 % pages : n) *
						   size);
	}
}

static uint64_t random64(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static void test_random(void **state)
{
	(void)state;
	srand(1);
	for (unsigned int round = 0; round < 1000; round++) {
		unsigned int bits = 32 + (unsigned int)rand() % 17;
		uint64_t limit = 1ull << bits, near = random64() % limit, size, start;
		struct map map;

		setup(&map, granules[round % 3], bits, POOL_SIZE);
		for (unsigned int n = 1 + (unsigned int)rand() % MAX_RANGES; n; n--) {
			uint64_t attributes = PAGE_ACCESSED | PAGE_MEMORY_INDEX(n % 8);

			/* From bytes to more than a block; often next to or over one another. */
			size = 1 + random64() % (1ull << (1 + rand() % 31));
			start = rand() % 4 ? near + random64() % (1ull << 25) : random64();
			start %= limit;
			if (size > limit - start)
				size = limit - start;
			if (rand() % 3 == 0)
				start &= ~((1ull << 21) - 1);
			add(&map, start, start + size,
			    attributes | (rand() % 2 ? PAGE_NO_EXECUTE | PAGE_READ_ONLY : 0));
		}
		check_all(&map);
	}
}

static size_t tables_used(const struct map *map)
{
	return (map->tables.free - (uintptr_t)map->tables.root) >> map->tables.granule_log2;
}

static void test_blocks(void **state)
{
	static const struct {
		unsigned int granule, bits;
		uint64_t start, end;
		size_t tables;
	} cases[] = {
		{ 12, 39, 1ull << 30, 3ull << 30, 1 },
		{ 12, 40, 1ull << 30, 3ull << 30, 2 },
		{ 12, 39, 1ull << 30, (1ull << 30) + (6 << 20), 2 },
		{ 12, 39, (1ull << 30) - 1, (1ull << 30) + 1, 5 },
		{ 14, 36, 1ull << 25, 5ull << 25, 1 },
		{ 14, 48, 1ull << 25, 5ull << 25, 3 },
		{ 14, 47, 1ull << 36, 2ull << 36, 2 },
		{ 14, 36, (1ull << 25) - 1, (1ull << 25) + 1, 3 },
		{ 16, 42, 1ull << 29, 9ull << 29, 1 },
		{ 16, 43, 1ull << 29, 9ull << 29, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct map map;

		setup(&map, cases[i].granule, cases[i].bits, POOL_SIZE);
		add(&map, cases[i].start, cases[i].end, PAGE_ACCESSED);
		check_all(&map);
		assert_int_equal(tables_used(&map), cases[i].tables);
	}
}

static void test_limits(void **state)
{
	struct map map;

	(void)state;
	setup(&map, 12, 36, POOL_SIZE);
	assert_false(page_tables_map(&map.tables, 0, (1ull << 36) + 1, PAGE_ACCESSED));
	assert_false(page_tables_map(&map.tables, UINT64_MAX - 4095, 4096, PAGE_ACCESSED));
	assert_false(page_tables_map(&map.tables, 4096, 4096, PAGE_ACCESSED));
	add(&map, (1ull << 36) - 1, 1ull << 36, PAGE_ACCESSED);
	check_all(&map);
}

/* A pool that is too small is refused, and nothing is written after it. */
static void test_small_pools(void **state)
{
	(void)state;
	for (size_t g = 0; g < 3; g++) {
		size_t table = (size_t)1 << granules[g], needed = granules[g] == 12 ? 5 : 3;

		for (size_t tables = 1; tables < 6; tables++) {
			struct map map;

			memset(pool, 0xa5, sizeof(pool));
			setup(&map, granules[g], 36, tables * table);
			assert_int_equal(page_tables_map(&map.tables, 0x3fffffff, 0x40000001,
							 PAGE_ACCESSED),
					 tables >= needed);
			for (size_t i = 0; i < table; i++)
				assert_int_equal(pool[tables * table + i], 0xa5);
		}
		assert_false(page_tables_init(&(struct page_tables){ 0 }, pool, table - 1,
					      granules[g], 36));
		assert_false(page_tables_init(&(struct page_tables){ 0 }, pool + 8, table,
					      granules[g], 36));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_small_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
