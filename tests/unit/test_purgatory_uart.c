/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purgatory/uart8250.c and mmio_serial.c on registers in an array: a 16550 and a
 * PL011, idle, busy and stuck.  fault.c: each exception goes one step further.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory/fault.c"
#include "purgatory/mmio_serial.c"

/* The real driver, with the arch's access to registers counted. */
static unsigned int reads;
static char seen[64];

static uint8_t counted_read(unsigned int reg)
{
	reads++;
	return uart_read(reg);
}

static void seen_write(unsigned int reg, uint8_t value)
{
	assert_int_equal(reg, UART_DATA);
	seen[strlen(seen)] = (char)value;
	uart_write(reg, value);
}

#define uart_read counted_read
#define uart_write seen_write
#include "purgatory/uart8250.c"

struct purgatory_params purgatory_params;

static uint32_t registers[16];

static int setup(void **state)
{
	(void)state;
	memset(registers, 0, sizeof(registers));
	memset(seen, 0, sizeof(seen));
	memset(&purgatory_params, 0, sizeof(purgatory_params));
	purgatory_params.serial_base = (uintptr_t)registers;
	reads = 0;
	dead = false;
	return 0;
}

static void put(const char *text)
{
	while (*text)
		serial_putchar(*text++);
}

static void test_16550(void **state)
{
	for (unsigned int shift = 0; shift <= 2; shift += 2) {
		uint8_t *bytes = (uint8_t *)registers;

		setup(state);
		purgatory_params.serial_kind = PURGATORY_SERIAL_8250_MMIO;
		purgatory_params.serial_shift = shift;
		bytes[(size_t)UART_STATUS << shift] = UART_HAS_ROOM | UART_IDLE;
		put("one\ntwo");
		arch_console_flush();
		assert_string_equal(seen, "one\r\ntwo");
		assert_int_equal(reads, 9);
		assert_int_equal(bytes[0], 'o');
		assert_false(dead);
	}
}

static void test_pl011(void **state)
{
	(void)state;
	purgatory_params.serial_kind = PURGATORY_SERIAL_PL011;
	put("a\n");
	arch_console_flush();
	assert_string_equal(seen, "a\r\n");
	assert_int_equal(registers[0], '\n');
	registers[PL011_FLAGS / 4] = PL011_BUSY; /* room, but not idle */
	put("b");
	assert_false(dead);
	arch_console_flush();
	assert_true(dead);
	assert_string_equal(seen, "a\r\nb");
}

/* The time of one character is lost, not of all that follow. */
static void test_stuck(void **state)
{
	static const uint32_t kinds[] = { PURGATORY_SERIAL_8250_MMIO, PURGATORY_SERIAL_PL011 };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		setup(state);
		purgatory_params.serial_kind = kinds[i];
		registers[PL011_FLAGS / 4] = PL011_FULL;
		put("\nabc");
		arch_console_flush();
		assert_int_equal(reads, POLL_LIMIT);
		assert_string_equal(seen, "");
	}
}

static void test_none(void **state)
{
	(void)state;
	put("a\n");
	purgatory_params.serial_kind = PURGATORY_SERIAL_SBI;
	put("a\n");
	arch_console_flush();
	assert_int_equal(reads, 0);
	assert_string_equal(seen, "");
}

static jmp_buf left;
static unsigned int resets;

void arch_reset(void)
{
	resets++;
}

_Noreturn void arch_halt(void)
{
	longjmp(left, 1);
}

/* The first is reported, the second resets, the third only halts. */
static void test_exceptions(void **state)
{
	static unsigned int returned, halted;

	(void)state;
	purgatory_params.flags = PURGATORY_REBOOT;
	for (volatile unsigned int i = 1; i <= 3; i++) {
		if (setjmp(left)) {
			halted++;
		} else {
			exception_begin();
			returned++;
		}
		assert_int_equal(returned, 1);
		assert_int_equal(halted, i - 1);
		assert_int_equal(resets, i > 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_16550),
		cmocka_unit_test_setup(test_pl011, setup),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test_setup(test_none, setup),
		cmocka_unit_test_setup(test_exceptions, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
