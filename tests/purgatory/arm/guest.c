/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the arm purgatory on a bare machine (QEMU's virt), in the mode that it
 * was started in (SVC or HYP), and compares the state that the payload is
 * handed with what was asked (doc/purgatory-abi.md).  Results go to the
 * semihosting console, purgatory's own console is the PL011.
 */
#include "guest.h"

#define PL011 0x09000000ul

/* Tests from which purgatory does not come back, besides those that all guests have. */
enum terminal {
	NO_ENTRY = 3,
	UNMAPPED_CONSOLE = 7,
	UNDEFINED_RESET = 9,
};

#define DATA_A 0x42000000ul
#define DATA_A_SIZE 70001ul
#define DATA_B 0x43000ff0ul
#define DATA_B_SIZE 64ul
#define SCRATCH 0x44000000ul
#define UNMAPPED 0x0b800000ul

const uint64_t places[] = { 0x41000000, 0x4ffff000, 0x7f000000 };
const size_t places_count = sizeof(places) / sizeof(places[0]);

static struct registers entered;

void say(const char *s)
{
	semihost(0x04, s);
}

static _Noreturn void power_off(void)
{
	semihost(0x18, (const void *)0x20026);
	for (;;)
		__asm__ volatile("wfi");
}

void guest_fault(uint32_t lr);
void guest_fault(uint32_t lr)
{
	say("not ok - the guest itself faulted, lr ");
	say_hex(lr);
	say("\n");
	power_off();
}

static uint32_t cpu_mode(void)
{
	uint32_t cpsr;

	__asm__("mrs %0, cpsr" : "=r"(cpsr));
	return cpsr & MODE_MASK;
}

void load(const struct image *which, uint64_t address)
{
	size_t i;

	put_image(which, address);
	params->flags = PURGATORY_VERIFY;
	params->serial_kind = PURGATORY_SERIAL_PL011;
	params->serial_base = PL011;
	add_region(DATA_A, DATA_A_SIZE, "kernel");
	add_region(DATA_B, DATA_B_SIZE, "a name of 23 characters");
	for (i = 0; i < 3; i++)
		params->cpu.arm.r[i] = 0x55667700 + i;
	params->cpu.arm.pc = (uint32_t)payload;
	params->cpu.arm.psci = cpu_mode() == MODE_SVC ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_SMC;
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_arm_state want = params->cpu.arm;
	uint32_t i;

	memset(&report, 0x5a, sizeof(report));
	read_system(&entered);
	enter((uint32_t)base);

	for (i = 0; i < 3; i++)
		expect_equal("register", report.r[i],
			     want.keep >> i & 1 ? GARBAGE + i : (uint32_t)want.r[i]);
	expect_equal("SCTLR", report.sctlr, entered.sctlr);
	expect_equal("VBAR", report.vbar, entered.vbar);
	expect_equal("mode, state, IRQ and FIQ masked", report.cpsr & 0xff,
		     (entered.cpsr & 0x1f) | 0xc0);
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

	memset(at(SCRATCH), 0, 64);
	run_console(PURGATORY_SERIAL_PL011, 0);
	expect_equal("last character", words[0], '\n');
	result("writes to a PL011");

	words[0] = 0;
	words[6] = 0x20;
	run_console(PURGATORY_SERIAL_PL011, 0);
	expect_equal("no character", words[0], 0);
	result("survives a PL011 that is stuck");

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

	load(&images[0], places[0]);
	params->serial_kind = PURGATORY_SERIAL_NONE;
	run();
	result("runs without a console");
}

static void test_options(void)
{
	uint32_t i;

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
	add_region(DATA_A + 3, 777, "unaligned");
	run();
	result("verifies what is not aligned");

	for (i = 1; i < 8; i++) {
		load(&images[0], places[0]);
		params->cpu.arm.keep = i;
		run();
		result("keeps the registers it is told to keep");
	}

	load(&images[0], places[0]);
	params->region_count = 0;
	while (params->region_count < PURGATORY_MAX_REGIONS)
		add_region(DATA_A + params->region_count, params->region_count * 13, "many");
	run();
	result("verifies 16 regions of odd sizes and addresses");

	/* Its bss and data are dirty, as when a blob is entered again. */
	run();
	result("runs again where it ran");
}

/* Purgatory must end these by itself; coming back is the failure. */
static void test_terminal(unsigned int test)
{
	load(&images[0], places[0]);
	spoil(test, UNMAPPED, SCRATCH);
	switch (test) {
	case NO_ENTRY: params->cpu.arm.pc = 0; break;
	case UNMAPPED_CONSOLE:
		params->serial_base = UNMAPPED;
		params->flags |= PURGATORY_REBOOT;
		break;
	case UNDEFINED_RESET:
		params->region_count = PURGATORY_MAX_REGIONS + 1;
		params->cpu.arm.psci = PURGATORY_PSCI_SMC; /* of which there is none in SVC mode */
		params->flags |= PURGATORY_REBOOT;
		break;
	}
	say("entering purgatory\n");
	enter((uint32_t)base);
	say("not ok - purgatory came back\n");
}

/*
 * Registers as a kernel that has gone may have left them: alignment checks on, high vectors,
 * exceptions taken in Thumb state.
 */
#define SCTLR_A 2u
#define SCTLR_V (1u << 13)
#define SCTLR_TE (1u << 30)

static void dirty_registers(void)
{
	uint32_t vectors = (uint32_t)guest_vectors, sctlr;

	if (cpu_mode() == MODE_HYP) {
		__asm__ volatile("mrc p15, 4, %0, c1, c0, 0" : "=r"(sctlr));
		__asm__ volatile("mcr p15, 4, %0, c1, c0, 0" : : "r"(sctlr | SCTLR_A | SCTLR_TE));
		__asm__ volatile("mcr p15, 4, %0, c12, c0, 0" : : "r"(vectors));
	} else {
		__asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(sctlr));
		sctlr |= SCTLR_A | SCTLR_V | SCTLR_TE;
		__asm__ volatile("mcr p15, 0, %0, c1, c0, 0" : : "r"(sctlr));
		__asm__ volatile("mcr p15, 0, %0, c12, c0, 0" : : "r"(vectors));
	}
	__asm__ volatile("isb");
}

void main(void);
void main(void)
{
	uint32_t test = *(volatile uint32_t *)CONFIG_ADDRESS;

	dirty_registers();
	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	if (test) {
		test_terminal(test);
	} else {
		mode = cpu_mode() == MODE_HYP ? ", HYP" : ", SVC";
		at_places(test_place);
		test_options();
		test_consoles();
		test_copies(SCRATCH);
		say("done\n");
		power_off();
	}
	for (;;)
		__asm__ volatile("wfi");
}
