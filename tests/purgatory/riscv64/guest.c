/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the riscv64 purgatory on a bare machine (QEMU's virt) in S-mode, where
 * OpenSBI starts it, and compares the state that the payload is handed with what
 * was asked (doc/purgatory-abi.md).  Results go to the serial port, which is
 * firmware's console, and so purgatory's, as well.
 */
#include "guest.h"

/* Terminal tests of this arch alone. */
enum {
	KERNEL_FAULTS = FIRST_OF_ARCH,
	UNMAPPED_REGION,
};

#define DATA_C 0x105fff001ul
#define DATA_C_SIZE 500000ul
#define TICKS_PER_MS 10000 /* of QEMU's virt */

#define UART ((volatile uint8_t *)0x10000000ul)
#define UART_STATUS 5
#define UART_ROOM 0x20
#define TEST_DEVICE ((volatile uint32_t *)0x100000ul)
#define TEST_DEVICE_OFF 0x5555

/* QEMU keeps memory across a reset. */
#define BOOTED ((volatile uint64_t *)0x80180000ul)
#define BOOTED_ONCE 0x6f6e63652061676ful

static uint64_t by_fault;

void say(const char *s)
{
	for (; *s; s++) {
		while (!(UART[UART_STATUS] & UART_ROOM))
			;
		UART[0] = (uint8_t)*s;
	}
}

_Noreturn void power_off(void)
{
	*TEST_DEVICE = TEST_DEVICE_OFF;
	for (;;)
		__asm__ volatile("wfi");
}

void set_params(void)
{
	size_t i;

	params->flags |= PURGATORY_CPU_HASHES;
	params->serial_kind = PURGATORY_SERIAL_SBI;
	params->ticks_per_ms = TICKS_PER_MS;
	for (i = 0; i < 4; i++)
		params->cpu.riscv64.a[i] = 0x1122334455667700 + i;
	params->cpu.riscv64.pc = (uint64_t)payload;
}

void enter_purgatory(void)
{
	seal();
	enter(base, by_fault);
}

static void expect_inside(const char *what, uint64_t address)
{
	const struct purgatory_header *header = at(base);

	expect(address - base <= header->memory_size, what, address, base);
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_riscv64_state want = params->cpu.riscv64;
	size_t i;

	memset(&report, 0x5a, sizeof(report));
	enter_purgatory();

	expect_equal("a0", report.a[0], HART);
	for (i = 1; i < 4; i++)
		expect_equal("register", report.a[i], want.a[i]);
	expect_inside("sp", report.sp);
	expect_inside("stvec", report.stvec);
	expect_equal("mode of stvec", report.stvec & 3, 0);
	expect_equal("satp", report.satp, 0);
	expect_equal("sie", report.sie, 0);
	expect_equal("sstatus.SIE", report.sstatus & 2, 0);
	if (params->flags & PURGATORY_VERIFY)
		expect_intact();
}

void test_machine(void)
{
	at_places(test_place);
	test_common();

	load_first();
	params->flags &= ~PURGATORY_CPU_HASHES;
	run();
	result("verifies if nothing is known of the CPU");

	load_first();
	fill(DATA_C, DATA_C_SIZE, 3);
	add_region(DATA_C, DATA_C_SIZE, "high");
	run();
	result("verifies memory above 4 GiB");

	load_first();
	params->ticks_per_ms = 0;
	run();
	result("runs without knowing the timer's rate");

	by_fault = 1;
	mode = ", by a fault";
	at_places(test_place);
}

void spoil_machine(unsigned int test)
{
	if (*BOOTED == BOOTED_ONCE) {
		say("started again\n");
		power_off();
	}
	*BOOTED = BOOTED_ONCE;
	switch (test) {
	case NO_ENTRY: params->cpu.riscv64.pc = 0; break;
	case UNMAPPED_REGION: params->region[1].start = UNMAPPED; break;
	case KERNEL_FAULTS: params->cpu.riscv64.pc = (uint64_t)faulty_payload; break;
	}
}

void prepare_machine(void)
{
}
