/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purgatory/arch/ppc64/console.c with a hypervisor that is busy, for a while or for
 * good.  Real ones have no room in a buffer then; QEMU's always has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory/arch/ppc64/console.c"

struct purgatory_params purgatory_params;

static char seen[256];
static size_t seen_size;
static unsigned int calls, busy_for;

bool terminal_write(uint64_t terminal, const uint8_t text[TERMINAL_CHUNK], size_t size)
{
	assert_int_equal(terminal, 0x71000001);
	assert_in_range(size, 1, TERMINAL_CHUNK);
	calls++;
	if (busy_for) {
		busy_for--;
		return false;
	}
	memcpy(seen + seen_size, text, size);
	seen_size += size;
	return true;
}

static void put(const char *text)
{
	while (*text)
		arch_putchar(*text++);
}

static int setup(void **state)
{
	(void)state;
	purgatory_params.serial_kind = PURGATORY_SERIAL_HVTERM;
	purgatory_params.serial_base = 0x71000001;
	memset(seen, 0, sizeof(seen));
	seen_size = 0;
	calls = 0;
	busy_for = 0;
	dead = false;
	pending_size = 0;
	return 0;
}

static void test_chunks(void **state)
{
	(void)state;
	put("a line of more than sixteen characters\n");
	assert_string_equal(seen, "a line of more than sixteen characters\r\n");
	assert_int_equal(calls, 3);
	put("no end of line");
	assert_int_equal(calls, 3);
	arch_console_flush();
	assert_int_equal(calls, 4);
	arch_console_flush();
	assert_int_equal(calls, 4);
}

static void test_busy(void **state)
{
	(void)state;
	busy_for = 1000;
	put("one\ntwo\n");
	assert_string_equal(seen, "one\r\ntwo\r\n");
	assert_int_equal(calls, 1002);
}

/* The time of one message is lost, not of all that follow. */
static void test_stuck(void **state)
{
	(void)state;
	busy_for = UINT32_MAX;
	put("one\n");
	assert_in_range(calls, 1000, 1000000);
	calls = 0;
	put("two\n");
	arch_console_flush();
	assert_int_equal(calls, 0);
	assert_int_equal(seen_size, 0);
}

static void test_none(void **state)
{
	(void)state;
	purgatory_params.serial_kind = PURGATORY_SERIAL_NONE;
	put("one\n");
	arch_console_flush();
	assert_int_equal(calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_chunks, setup),
		cmocka_unit_test_setup(test_busy, setup),
		cmocka_unit_test_setup(test_stuck, setup),
		cmocka_unit_test_setup(test_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
