/* SPDX-License-Identifier: GPL-2.0-or-later */
/* purgatory/print.c: print() against snprintf(), divide() against the compiler's division. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory/print.c"

static char seen[256];
static size_t seen_size;

void arch_putchar(char c)
{
	assert_true(seen_size + 1 < sizeof(seen));
	seen[seen_size++] = c;
	seen[seen_size] = '\0';
}

/* The two formats mean the same: purgatory's print() knows no other size than ll. */
#define CHECK(...)                                                                                 \
	do {                                                                                       \
		char expected[sizeof(seen)];                                                       \
                                                                                                   \
		seen_size = 0;                                                                     \
		seen[0] = '\0';                                                                    \
		print(__VA_ARGS__);                                                                \
		snprintf(expected, sizeof(expected), __VA_ARGS__);                                 \
		assert_string_equal(seen, expected);                                               \
	} while (0)

/* 0, every power of two, every power of ten, and the numbers next to them. */
static size_t edges(unsigned long long values[])
{
	size_t count = 0;

	for (unsigned int shift = 0; shift < 64; shift++)
		for (unsigned int i = 0; i < 3; i++)
			values[count++] = (1ull << shift) - 1 + i;
	for (unsigned long long power = 1;; power *= 10) {
		for (unsigned int i = 0; i < 3; i++)
			values[count++] = power - 1 + i;
		if (power > UINT64_MAX / 10)
			break;
	}
	values[count++] = UINT64_MAX;
	return count;
}

#define MAX_EDGES 300

static void test_numbers(void **state)
{
	unsigned long long values[MAX_EDGES];
	size_t count = edges(values);

	(void)state;
	assert_in_range(count, 200, MAX_EDGES);
	for (size_t i = 0; i < count; i++) {
		CHECK("%llu", values[i]);
		CHECK("%llx", values[i]);
		CHECK("%u", (unsigned int)values[i]);
		CHECK("%x", (unsigned int)values[i]);
	}
}

static void test_text(void **state)
{
	(void)state;
	CHECK("%s", "");
	CHECK("no conversion\n");
	CHECK("%s: [0x%llx, 0x%llx) of %u%s\n", "kernel", 0x2000000ull, UINT64_MAX + 0ull, 7u, "!");
	CHECK("%u%x%llu%llx%s%u", 1u, 2u, 3ull, 4ull, "five", 6u);
}

/* Exactly that many digits, and nothing before or after them. */
static void test_format_hex(void **state)
{
	(void)state;
	for (unsigned int digits = 0; digits <= 16; digits++) {
		char out[20], expected[17];

		memset(out, '#', sizeof(out));
		format_hex(out + 1, 0xfedcba9876543210, digits);
		snprintf(expected, sizeof(expected), "%016" PRIx64, (uint64_t)0xfedcba9876543210);
		assert_int_equal(out[0], '#');
		assert_memory_equal(out + 1, expected + 16 - digits, digits);
		assert_int_equal(out[1 + digits], '#');
	}
}

static void check_division(uint64_t value, uint64_t by)
{
	uint64_t rest = 1;

	assert_true(divide(value, by, &rest) == value / by);
	assert_true(rest == value % by);
}

static void test_divide(void **state)
{
	unsigned long long values[MAX_EDGES];
	size_t count = edges(values);

	(void)state;
	srand(1);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (values[j] && values[j] < 1ull << 63)
				check_division(values[i], values[j]);
	for (unsigned int i = 0; i < 100000; i++)
		check_division((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand(),
			       1 + ((uint64_t)rand() << rand() % 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_format_hex),
		cmocka_unit_test(test_divide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
