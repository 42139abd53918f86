/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the arm64 purgatory on a bare machine (QEMU's virt), at the exception
 * level that it was started at, and compares the state that the payload is
 * handed with what was asked (doc/purgatory-abi.md).  Results go to the
 * semihosting console, purgatory's own console is the PL011.
 */
#include "guest.h"

#define PL011 0x09000000ul

/* Tests from which purgatory does not come back, besides those that all guests have. */
enum terminal {
	NO_ENTRY = 3,
	UNMAPPED_CONSOLE = 7,
	UNMAPPED_REGION = 9,
	BEYOND_RANGE,
	REGION_OVER_CONSOLE,
};

#define DATA_A 0x42000000ul
#define DATA_A_SIZE 70001ul
#define DATA_B 0x43000ff0ul
#define DATA_B_SIZE 64ul
#define DATA_C 0x105fff000ul
#define DATA_C_SIZE 5000000ul /* whole 2 MiB blocks, and parts of them */
#define SCRATCH 0x44000000ul
#define SPREAD_STEP 0x20000000ul
#define UNMAPPED 0x300000000ul

const uint64_t places[] = {
	0x41000000,
	0x4ffff000, /* a page of its own granule at most, across a 2 MiB boundary */
	0x123456000,
};
const size_t places_count = sizeof(places) / sizeof(places[0]);

static struct registers entered;

void say(const char *s)
{
	semihost(0x04, s);
}

static _Noreturn void power_off(void)
{
	static const uint64_t exit_normally[2] = { 0x20026, 0 };

	semihost(0x18, exit_normally);
	for (;;)
		__asm__ volatile("wfi");
}

void guest_fault(uint64_t esr, uint64_t elr);
void guest_fault(uint64_t esr, uint64_t elr)
{
	say("not ok - the guest itself faulted, ESR and address: ");
	say_hex(esr);
	say(" ");
	say_hex(elr);
	say("\n");
	power_off();
}

static uint64_t level(void)
{
	uint64_t value;

	__asm__("mrs %0, currentel" : "=r"(value));
	return value;
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
	for (i = 0; i < 4; i++)
		params->cpu.arm64.x[i] = 0x1122334455667700 + i;
	params->cpu.arm64.pc = (uint64_t)payload;
	params->cpu.arm64.psci = level() == CURRENT_EL1 ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_SMC;
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_arm64_state want = params->cpu.arm64;
	size_t i;

	memset(&report, 0x5a, sizeof(report));
	entered_with_spsel ^= 1;
	read_system(&entered);
	enter(base);

	for (i = 0; i < 4; i++)
		expect_equal("register", report.x[i], want.x[i]);
	expect_equal("SCTLR", report.sctlr, entered.sctlr);
	expect_equal("VBAR", report.vbar, entered.vbar);
	expect_equal("TCR", report.tcr, entered.tcr);
	expect_equal("MAIR", report.mair, entered.mair);
	expect_equal("TTBR0", report.ttbr0, entered.ttbr0);
	expect_equal("CPACR or CPTR", report.trap, entered.trap);
	expect_equal("CurrentEL", report.currentel, entered.currentel);
	expect_equal("DAIF", report.daif, 0x3c0);
	expect_equal("SPSel", report.spsel, entered_with_spsel);
	expect_equal("HCR_EL2", report.hcr, entered.hcr);
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
	uint64_t i;

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
	params->flags |= PURGATORY_PLAIN_MEMORY;
	run();
	result("verifies with the MMU off");

	load(&images[0], places[0]);
	params->flags |= PURGATORY_PLAIN_MEMORY | PURGATORY_PORTABLE_HASH;
	add_region(DATA_A + 3, 777, "unaligned");
	run();
	result("verifies with portable code and the MMU off");

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
	add_region(DATA_C, DATA_C_SIZE, "large");
	run();
	result("verifies what blocks and pages map");

	load(&images[0], places[0]);
	for (i = 1; i < 6; i++)
		add_region(DATA_A + i * SPREAD_STEP, 5000, "spread");
	run();
	result("verifies regions far from each other");
}

/* Purgatory must end these by itself; coming back is the failure. */
static void test_terminal(unsigned int test)
{
	load(&images[0], places[0]);
	spoil(test, UNMAPPED, SCRATCH);
	switch (test) {
	case NO_ENTRY: params->cpu.arm64.pc = 0; break;
	case UNMAPPED_CONSOLE:
		params->serial_base = UNMAPPED;
		params->flags |= PURGATORY_REBOOT;
		break;
	case UNMAPPED_REGION: params->region[1].start = UNMAPPED; break;
	case BEYOND_RANGE: params->region[1].start = 1ul << 50; break;
	case REGION_OVER_CONSOLE:
		/* Mapped as a region, so not even messages can be written there. */
		params->region[1].start = PL011;
		params->flags |= PURGATORY_REBOOT;
		break;
	}
	say("entering purgatory\n");
	enter(base);
	say("not ok - purgatory came back\n");
}

#define set(name, value) __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)))
#define get(name)                                                                                  \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                                 \
		value_;                                                                            \
	})

/*
 * Registers as a kernel that has gone may have left them: alignment checks on,
 * vector instructions trapped.  Translation stays off, so the rest may be odd.
 */
#define SCTLR_A 2ul
#define OLD_TCR 0x3510ul
#define OLD_MAIR 0x4ff0444ul
#define OLD_TTBR0 0x7654000ul

static void dirty_registers(void)
{
	uint64_t vectors = (uint64_t)guest_vectors;

	switch (level()) {
	case CURRENT_EL1:
		set(sctlr_el1, 0x30500800 | SCTLR_A);
		set(tcr_el1, OLD_TCR);
		set(mair_el1, OLD_MAIR);
		set(ttbr0_el1, OLD_TTBR0);
		set(vbar_el1, vectors);
		set(cpacr_el1, 0);
		break;
	case CURRENT_EL2:
		set(sctlr_el2, 0x30c50830 | SCTLR_A);
		set(tcr_el2, OLD_TCR);
		set(mair_el2, OLD_MAIR);
		set(ttbr0_el2, OLD_TTBR0);
		set(vbar_el2, vectors);
		set(cptr_el2, get(hcr_el2) >> 34 & 1 ? 0 : 0x37ff);
		break;
	default:
		set(sctlr_el3, 0x30c50830 | SCTLR_A);
		set(tcr_el3, OLD_TCR);
		set(mair_el3, OLD_MAIR);
		set(ttbr0_el3, OLD_TTBR0);
		set(vbar_el3, vectors);
		set(cptr_el3, 0);
	}
	__asm__ volatile("isb");
}

static void test_all(const char *name)
{
	mode = name;
	dirty_registers();
	at_places(test_place);
	test_options();
	test_consoles();
	test_copies(SCRATCH);
}

/* PSTATE.SM changes which vector instructions exist. */
static void test_streaming(void)
{
	if (!(get(id_aa64pfr1_el1) >> 24 & 15))
		return;
	if (level() == CURRENT_EL1)
		set(cpacr_el1, 0x3300000);
	else
		set(cptr_el2, get(hcr_el2) >> 34 & 1 ? 0x3300000 : 0);
	__asm__ volatile("isb");
	if (level() == CURRENT_EL1)
		set(s3_0_c1_c2_6, 0); /* SMCR_EL1: shortest vectors, no full A64 */
	else
		set(s3_4_c1_c2_6, 0);
	__asm__ volatile(".inst 0xd503437f"); /* smstart sm */
	load(&images[0], places[0]);
	run();
	result("hashes although the CPU was in streaming mode");
	__asm__ volatile(".inst 0xd503427f"); /* smstop sm */
}

void main(void);
void main(void)
{
	uint32_t test = *(volatile uint32_t *)CONFIG_ADDRESS;

	dirty_registers();
	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	fill(DATA_C, DATA_C_SIZE, 3);
	if (test) {
		test_terminal(test);
	} else {
		test_all(level() == CURRENT_EL1	  ? ", EL1"
			 : level() == CURRENT_EL2 ? ", EL2"
						  : ", EL3");
		if (level() != CURRENT_EL3)
			test_streaming();
		if (level() == CURRENT_EL2 && get(id_aa64mmfr1_el1) >> 8 & 15) {
			set(hcr_el2, 1ul << 34 | 1ul << 31 | 1ul << 27);
			__asm__ volatile("isb");
			test_all(", EL2 with VHE");
			test_streaming();
		}
		say("done\n");
		power_off();
	}
	for (;;)
		__asm__ volatile("wfi");
}
