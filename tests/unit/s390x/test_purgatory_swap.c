/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exchange of s390x's crash kernel with low memory, in a memory of two arrays:
 * `low` at address 0, and the crash area, whose addresses are those of `crash`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory.h"

#define SIZE 0x80000ul
#define CHUNK 256ul

static uint8_t low[SIZE], crash[2 * SIZE] __attribute__((aligned(4096)));

/* Purgatory's image, at 0x3000 of the crash area. */
__asm__(".globl purgatory_head, purgatory_memory_end\n"
	".set purgatory_head, crash + 0x3000\n"
	".set purgatory_memory_end, crash + 0x9000");

/* Instead of s390x.h: all that swap.c takes from there. */
#define PURGATORY_S390X_H
bool swap_ok(void);
void swap_memory(void);

static uint8_t *at(uint64_t address)
{
	return address < SIZE ? low + address : (uint8_t *)(uintptr_t)address;
}

static void move_chunk(uint64_t to, uint64_t from)
{
	memcpy(at(to), at(from), CHUNK);
}

#include "purgatory/arch/s390x/swap.c"

struct purgatory_params purgatory_params;

static unsigned int printed;

void print(const char *format, ...)
{
	(void)format;
	printed++;
}

static uint8_t low_before[SIZE], crash_before[2 * SIZE];

static int setup(void **state)
{
	(void)state;
	memset(&purgatory_params, 0, sizeof(purgatory_params));
	purgatory_params.cpu.s390x.crash_base = (uintptr_t)crash;
	purgatory_params.cpu.s390x.crash_size = SIZE;
	printed = 0;
	for (size_t i = 0; i < SIZE; i++)
		low[i] = (uint8_t)rand();
	for (size_t i = 0; i < 2 * SIZE; i++)
		crash[i] = (uint8_t)rand();
	memcpy(low_before, low, sizeof(low));
	memcpy(crash_before, crash, sizeof(crash));
	return 0;
}

/* A region at an offset of the crash area. */
static void add(uint64_t offset, uint64_t size)
{
	purgatory_params.region[purgatory_params.region_count++] = (struct purgatory_region){
		.start = (uintptr_t)crash + offset, .size = size
	};
}

/* Does a region touch the page at this offset? */
static bool is_loaded(uint64_t page)
{
	for (uint32_t i = 0; i < purgatory_params.region_count; i++) {
		const struct purgatory_region *r = &purgatory_params.region[i];
		uint64_t start = r->start - (uintptr_t)crash;

		if (r->size && start < page + 4096 && page < start + r->size)
			return true;
	}
	return false;
}

static void check(uint64_t offset, const uint8_t *in_low, const uint8_t *in_crash)
{
	assert_memory_equal(low + offset, in_low + offset, 4096);
	assert_memory_equal(crash + offset, in_crash + offset, 4096);
}

/* Page by page, as doc/purgatory-abi.md describes the exchange. */
static void swap_and_check(void)
{
	assert_true(swap_ok());
	assert_int_equal(printed, 0);
	swap_memory();
	for (uint64_t page = 0; page < SIZE; page += 4096) {
		if (page >= 0x2000 && page < 0x10000)
			check(page, low_before, crash_before);
		else if (page >= 0x10000 && is_loaded(page))
			check(page, crash_before, low_before);
		else
			check(page, low_before, low_before);
	}
	assert_memory_equal(crash + SIZE, crash_before + SIZE, SIZE);
}

static void test_regions(void **state)
{
	(void)state;
	add(0x40000, 0x3001);
	add(0x12345, 0x1000);
	add(0x20000, 0);
	add(0x20000, 0x1000);
	swap_and_check();
}

/* Overlapping, next to each other, in one page, in the part that is never exchanged, at the end. */
static void test_odd_regions(void **state)
{
	(void)state;
	add(0x30000, 0x4000);
	add(0x32000, 0x3000);
	add(0x35000, 0x10);
	add(0x35020, 0x10);
	add(0x36000, 0x1000);
	add(0, 0x2000);
	add(0xf000, 0x2000);
	add(SIZE - 1, 1);
	swap_and_check();
}

/* Only the part inside the crash area is exchanged. */
static void test_beyond(void **state)
{
	(void)state;
	add(SIZE - 0x1000, 0x2000);
	add(SIZE + 0x4000, 0x1000);
	swap_and_check();
}

static void test_all(void **state)
{
	(void)state;
	add(0, SIZE);
	swap_and_check();
}

static void test_none(void **state)
{
	(void)state;
	swap_and_check();
}

static void test_random(void **state)
{
	(void)state;
	srand(1);
	for (unsigned int round = 0; round < 200; round++) {
		setup(state);
		for (unsigned int n = 1 + (unsigned int)rand() % PURGATORY_MAX_REGIONS; n; n--)
			add((uint64_t)rand() % (SIZE + 0x8000),
			    (uint64_t)rand() % (0x10000ul >> rand() % 17 | 1));
		swap_and_check();
	}
}

/* Each refused by a line. */
static void test_refused(void **state)
{
	static const struct {
		int64_t base, size; /* added to the good ones */
	} bad[] = {
		{ 1, 0 }, /* no whole pages */
		{ 0, 256 },
		{ -0x8000, 0 }, /* purgatory in the part that is exchanged */
		{ 0x2000, 0 }, /* purgatory in the lowcore's copy */
		{ 0, 0xf000 - (int64_t)SIZE }, /* less than what is not exchanged */
	};
	struct purgatory_s390x_state *cpu = &purgatory_params.cpu.s390x;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setup(state);
		cpu->crash_base += (uint64_t)bad[i].base;
		cpu->crash_size += (uint64_t)bad[i].size;
		assert_false(swap_ok());
		assert_int_equal(printed, 1);
	}
	setup(state);
	cpu->crash_size = (cpu->crash_base + 4096) & ~4095ul; /* the two overlap */
	assert_false(swap_ok());
	cpu->crash_size = 0 - cpu->crash_base; /* around the end of the address space */
	assert_false(swap_ok());
	setup(state);
	cpu->crash_base += 0x1000; /* purgatory right after the lowcore's copy */
	cpu->crash_size = 0x10000;
	assert_true(swap_ok());
	cpu->crash_base -= 0x8000; /* purgatory at the end of what is not exchanged */
	assert_true(swap_ok());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_regions, setup),
		cmocka_unit_test_setup(test_odd_regions, setup),
		cmocka_unit_test_setup(test_beyond, setup),
		cmocka_unit_test_setup(test_all, setup),
		cmocka_unit_test_setup(test_none, setup),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
