/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the arm64 purgatory on a bare machine (QEMU's virt), at the exception
 * level that it was started at, and compares the state that the payload is
 * handed with what was asked (doc/purgatory-abi.md).  Results go to the
 * semihosting console, purgatory's own console is the PL011.
 */
#include "guest.h"

#define PL011 0x09000000ul

/* Terminal tests of this arch alone. */
enum {
	UNMAPPED_REGION = FIRST_OF_ARCH,
	BEYOND_RANGE,
	REGION_OVER_CONSOLE,
};

#define DATA_C 0x105fff000ul
#define DATA_C_SIZE 5000000ul /* whole 2 MiB blocks, and parts of them */
#define SPREAD_STEP 0x20000000ul

static struct registers entered;

void say(const char *s)
{
	semihost(0x04, s);
}

_Noreturn void power_off(void)
{
	static const uint64_t exit_normally[2] = { 0x20026, 0 };

	semihost(0x18, exit_normally);
	for (;;)
		__asm__ volatile("wfi");
}

static uint64_t level(void)
{
	uint64_t value;

	__asm__("mrs %0, currentel" : "=r"(value));
	return value;
}

void set_params(void)
{
	size_t i;

	params->serial_kind = PURGATORY_SERIAL_PL011;
	params->serial_base = PL011;
	for (i = 0; i < 4; i++)
		params->cpu.arm64.x[i] = 0x1122334455667700 + i;
	params->cpu.arm64.pc = (uint64_t)payload;
	params->cpu.arm64.psci = level() == CURRENT_EL1 ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_SMC;
}

void enter_purgatory(void)
{
	seal();
	enter(base);
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_arm64_state want = params->cpu.arm64;
	size_t i;

	memset(&report, 0x5a, sizeof(report));
	entered_with_spsel ^= 1;
	read_system(&entered);
	enter_purgatory();

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

static void test_options(void)
{
	uint64_t i;

	load_first();
	params->flags |= PURGATORY_PLAIN_MEMORY;
	run();
	result("verifies with the MMU off");

	load_first();
	params->flags |= PURGATORY_PLAIN_MEMORY | PURGATORY_PORTABLE_HASH;
	add_region(DATA_A + DATA_A_SIZE + 3, 777, "unaligned");
	run();
	result("verifies with portable code and the MMU off");

	load_first();
	add_region(DATA_C, DATA_C_SIZE, "large");
	run();
	result("verifies what blocks and pages map");

	load_first();
	for (i = 1; i < 6; i++)
		add_region(DATA_A + i * SPREAD_STEP, 5000, "spread");
	run();
	result("verifies regions far from each other");
}

void spoil_machine(unsigned int test)
{
	switch (test) {
	case NO_ENTRY: params->cpu.arm64.pc = 0; break;
	case UNMAPPED_REGION: params->region[1].start = UNMAPPED; break;
	case BEYOND_RANGE: params->region[1].start = 1ul << 50; break;
	case REGION_OVER_CONSOLE:
		/*
		 * The port is mapped as memory of a region, so the message about the other region
		 * cannot be written.
		 */
		params->region[0].start = UNMAPPED;
		params->region[1].start = PL011;
		params->flags |= PURGATORY_REBOOT;
		break;
	}
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

void prepare_machine(void)
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
	prepare_machine();
	at_places(test_place);
	test_common();
	test_options();
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
	load_first();
	run();
	result("hashes although the CPU was in streaming mode");
	__asm__ volatile(".inst 0xd503427f"); /* smstop sm */
}

void test_machine(void)
{
	fill(DATA_C, DATA_C_SIZE, 3);
	test_all(level() == CURRENT_EL1 ? ", EL1" : level() == CURRENT_EL2 ? ", EL2" : ", EL3");
	if (level() != CURRENT_EL3)
		test_streaming();
	if (level() == CURRENT_EL2 && get(id_aa64mmfr1_el1) >> 8 & 15) {
		set(hcr_el2, 1ul << 34 | 1ul << 31 | 1ul << 27);
		__asm__ volatile("isb");
		test_all(", EL2 with VHE");
		test_streaming();
	}
}
