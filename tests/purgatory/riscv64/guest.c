/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the riscv64 purgatory on a bare machine (QEMU's virt) in S-mode, where
 * OpenSBI starts it, and compares the state that the payload is handed with what
 * was asked (doc/purgatory-abi.md).  Results go to the serial port, which is
 * firmware's console, and so purgatory's, as well.
 */
#include "guest.h"

/* Tests from which purgatory does not come back, besides those that all guests have. */
enum terminal {
	NO_ENTRY = 3,
	UNMAPPED_REGION = 7,
	KERNEL_FAULTS = 9,
	UNMAPPED_CONSOLE,
};

#define DATA_A 0x82000000ul
#define DATA_A_SIZE 70001ul
#define DATA_B 0x83000ff0ul
#define DATA_B_SIZE 64ul
#define DATA_C 0x105fff001ul
#define DATA_C_SIZE 500000ul
#define SCRATCH 0x84000000ul
#define TICKS_PER_MS 10000 /* of QEMU's virt */

#define UART ((volatile uint8_t *)0x10000000ul)
#define UART_STATUS 5
#define UART_ROOM 0x20
#define TEST_DEVICE ((volatile uint32_t *)0x100000ul)
#define TEST_DEVICE_OFF 0x5555

/* Memory outlives a reset of QEMU's. */
#define BOOTED ((volatile uint64_t *)0x80180000ul)
#define BOOTED_ONCE 0x6f6e63652061676ful

const uint64_t places[] = {
	0x81000000,
	0x8ffff000,
	0x123456000,
};
const size_t places_count = sizeof(places) / sizeof(places[0]);

static uint64_t by_fault;

void say(const char *s)
{
	for (; *s; s++) {
		while (!(UART[UART_STATUS] & UART_ROOM))
			;
		UART[0] = (uint8_t)*s;
	}
}

static _Noreturn void power_off(void)
{
	*TEST_DEVICE = TEST_DEVICE_OFF;
	for (;;)
		__asm__ volatile("wfi");
}

void guest_fault(uint64_t scause, uint64_t sepc, uint64_t stval);
void guest_fault(uint64_t scause, uint64_t sepc, uint64_t stval)
{
	say("not ok - the guest itself faulted, scause, sepc and stval: ");
	say_hex(scause);
	say(" ");
	say_hex(sepc);
	say(" ");
	say_hex(stval);
	say("\n");
	power_off();
}

void load(const struct image *which, uint64_t address)
{
	size_t i;

	put_image(which, address);
	params->flags = PURGATORY_VERIFY | PURGATORY_CPU_HASHES;
	params->serial_kind = PURGATORY_SERIAL_SBI;
	params->ticks_per_ms = TICKS_PER_MS;
	add_region(DATA_A, DATA_A_SIZE, "kernel");
	add_region(DATA_B, DATA_B_SIZE, "a name of 23 characters");
	for (i = 0; i < 4; i++)
		params->cpu.riscv64.a[i] = 0x1122334455667700 + i;
	params->cpu.riscv64.pc = (uint64_t)payload;
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
	enter(base, by_fault);

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

static void test_place(const struct image *which, uint64_t place)
{
	load(which, place);
	run();
	result("verifies and hands over the state that was asked for");
}

static void run_console(uint32_t kind, uint32_t shift)
{
	load(&images[0], places[0]);
	params->serial_kind = kind;
	params->serial_base = SCRATCH;
	params->serial_shift = shift;
	run();
}

static void test_consoles(void)
{
	volatile uint32_t *words = at(SCRATCH);

	memset(at(SCRATCH), 0x60, 64);
	run_console(PURGATORY_SERIAL_8250_MMIO, 0);
	expect_equal("last character", words[0], 0x60606000 | '\n');
	result("writes to a 16550");

	memset(at(SCRATCH), 0x60, 64);
	run_console(PURGATORY_SERIAL_8250_MMIO, 2);
	expect_equal("last character", words[0], '\n');
	result("writes 32-bit registers of a 16550");

	memset(at(SCRATCH), 0, 64);
	run_console(PURGATORY_SERIAL_8250_MMIO, 2);
	expect_equal("no character", words[0], 0);
	result("survives a 16550 that is stuck");

	run_console(PURGATORY_SERIAL_NONE, 0);
	expect_equal("no character", words[0], 0);
	result("runs without a console");
}

static void test_options(void)
{
	load(&images[0], places[0]);
	params->flags = 0;
	memset(params->region[0].digest, 0, 32);
	run();
	result("verifies nothing if not asked to");

	load(&images[0], places[0]);
	params->flags |= PURGATORY_PORTABLE_HASH;
	run();
	result("verifies with portable code");

	load(&images[0], places[0]);
	params->flags &= ~PURGATORY_CPU_HASHES;
	run();
	result("verifies if nothing is known of the CPU");

	load(&images[0], places[0]);
	params->region_count = 0;
	while (params->region_count < PURGATORY_MAX_REGIONS)
		add_region(DATA_A + params->region_count, params->region_count * 13, "many");
	run();
	result("verifies 16 regions of odd sizes and addresses");

	/* Its bss and data are dirty, as when a blob is entered again. */
	run();
	result("runs again where it ran");

	load(&images[0], places[0]);
	add_region(DATA_C, DATA_C_SIZE, "high");
	run();
	result("verifies memory above 4 GiB");

	load(&images[0], places[0]);
	params->ticks_per_ms = 0;
	run();
	result("runs without knowing the timer's rate");
}

/* Purgatory must end these by itself; coming back is the failure. */
static void test_terminal(unsigned int test)
{
	load(&images[0], places[0]);
	spoil(test, UNMAPPED, SCRATCH);
	switch (test) {
	case NO_ENTRY: params->cpu.riscv64.pc = 0; break;
	case UNMAPPED_REGION: params->region[1].start = UNMAPPED; break;
	case UNMAPPED_CONSOLE:
		params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
		params->serial_base = UNMAPPED;
		params->flags |= PURGATORY_REBOOT;
		break;
	case KERNEL_FAULTS: params->cpu.riscv64.pc = (uint64_t)faulty_payload; break;
	}
	say("entering purgatory\n");
	enter(base, 0);
	say("not ok - purgatory came back\n");
}

void main(void);
void main(void)
{
	uint32_t test = *(volatile uint32_t *)CONFIG_ADDRESS;

	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	fill(DATA_C, DATA_C_SIZE, 3);
	if (test) {
		if (*BOOTED == BOOTED_ONCE) {
			say("started again\n");
			power_off();
		}
		*BOOTED = BOOTED_ONCE;
		test_terminal(test);
		return;
	}
	at_places(test_place);
	test_options();
	test_consoles();
	test_copies(SCRATCH);
	by_fault = 1;
	mode = ", by a fault";
	at_places(test_place);
	say("done\n");
	power_off();
}
