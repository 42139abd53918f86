/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the loongarch64 purgatory on a bare machine (QEMU's virt), with the windows that Linux
 * has, and compares the state that the payload is handed with what was asked
 * (doc/purgatory-abi.md).  Results go to the serial port, which is purgatory's as well.
 */
#include "guest.h"

/* Terminal tests of this arch alone. */
enum {
	KERNEL_FAULTS = FIRST_OF_ARCH,
	UNMAPPED_REGION,
	KERNEL_WITHOUT_WINDOW,
	NO_RESET,
};

#define DATA_C 0xfffff001ul
#define DATA_C_SIZE 500000ul

#define UART_BASE 0x1fe001e0ul
#define UART_STATUS 5
#define UART_ROOM 0x20

/* The event device of QEMU's virt: registers of 8 bits */
#define SLEEP_REGISTER 0x100e001cul
#define SLEEP_OFF 0x34
#define RESET_REGISTER 0x100e001eul
#define RESET_VALUE 0x42

static volatile uint8_t *device(uint64_t physical)
{
	return at(0x8000000000000000 | physical);
}

void say(const char *s)
{
	for (; *s; s++) {
		while (!(device(UART_BASE)[UART_STATUS] & UART_ROOM))
			;
		device(UART_BASE)[0] = (uint8_t)*s;
	}
}

_Noreturn void power_off(void)
{
	*device(SLEEP_REGISTER) = SLEEP_OFF;
	for (;;)
		__asm__ volatile("idle 0");
}

void set_params(void)
{
	struct purgatory_loongarch64_state *state = &params->cpu.loongarch64;
	size_t i;

	params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
	params->serial_base = UART_BASE;
	for (i = 0; i < 3; i++)
		state->a[i] = 0x9988776655443300 + i;
	state->pc = CACHED | (uint64_t)kernel_entry;
	state->reset_address = RESET_REGISTER;
	state->reset_value = RESET_VALUE;
	state->reset_size = 1;
}

void enter_purgatory(void)
{
	seal();
	enter(base);
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_loongarch64_state want = params->cpu.loongarch64;
	const struct purgatory_header *header = at(base);
	uint64_t vector;
	size_t i;

	memset(&report, 0x5a, sizeof(report));
	enter_purgatory();

	for (i = 0; i < 3; i++)
		expect_equal("register", report.a[i], want.keep >> i & 1 ? KEPT + i : want.a[i]);
	expect_equal("pc", report.pc, want.pc);
	expect_equal("a3", report.a[3], want.pc);
	expect_equal("CRMD", report.crmd, 0xb0);
	expect_equal("ECFG", report.ecfg, 0);
	vector = report.tlbrentry;
	expect(vector - base < header->memory_size, "TLBRENTRY", vector, base);
	expect_equal("EENTRY", report.eentry, CACHED | vector);
	expect_equal("DMW0", report.window[0], DMW0_VALUE);
	expect_equal("DMW1", report.window[1], DMW1_VALUE);
	expect_equal("DMW2", report.window[2], DMW2_VALUE);
	expect_equal("DMW3", report.window[3], 0);
	if (params->flags & PURGATORY_VERIFY)
		expect_intact();
}

void test_machine(void)
{
	uint64_t keep;

	at_places(test_place);
	test_common();

	load_first();
	fill(DATA_C, DATA_C_SIZE, 3);
	add_region(DATA_C, DATA_C_SIZE, "high");
	run();
	result("verifies memory above 4 GiB");

	load_first();
	params->ticks_per_ms = 1000;
	run();
	result("takes the given rate of the timer");

	for (keep = 0; keep < 8; keep++) {
		load_first();
		params->cpu.loongarch64.keep = keep;
		run();
	}
	result("keeps registers");
}

void spoil_machine(unsigned int test)
{
	struct purgatory_loongarch64_state *state = &params->cpu.loongarch64;

	switch (test) {
	case NO_ENTRY: state->pc = 0; break;
	case UNMAPPED_REGION: params->region[1].start = 0x700000000000; break;
	case KERNEL_FAULTS: state->pc = CACHED | (uint64_t)faulty_payload; break;
	case KERNEL_WITHOUT_WINDOW: state->pc = CACHED | (uint64_t)unmapped_payload; break;
	case NO_RESET:
		params->flags |= PURGATORY_REBOOT;
		*(uint8_t *)at(params->region[0].start) ^= 1;
		state->reset_address = 0;
		break;
	}
}

void prepare_machine(void)
{
}
