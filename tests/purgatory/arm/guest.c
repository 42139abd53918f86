/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the arm purgatory on a bare machine (QEMU's virt), in the mode that it
 * was started in (SVC or HYP), and compares the state that the payload is
 * handed with what was asked (doc/purgatory-abi.md).  Results go to the
 * semihosting console, purgatory's own console is the PL011.
 */
#include "guest.h"

#define PL011 0x09000000ul

/* Terminal tests of this arch alone. */
enum {
	UNDEFINED_RESET = FIRST_OF_ARCH,
};

static struct registers entered;

void say(const char *s)
{
	semihost(0x04, s);
}

_Noreturn void power_off(void)
{
	semihost(0x18, (const void *)0x20026);
	for (;;)
		__asm__ volatile("wfi");
}

static uint32_t cpu_mode(void)
{
	uint32_t cpsr;

	__asm__("mrs %0, cpsr" : "=r"(cpsr));
	return cpsr & MODE_MASK;
}

void set_params(void)
{
	size_t i;

	params->serial_kind = PURGATORY_SERIAL_PL011;
	params->serial_base = PL011;
	for (i = 0; i < 3; i++)
		params->cpu.arm.r[i] = 0x55667700 + i;
	params->cpu.arm.pc = (uint32_t)payload;
	params->cpu.arm.psci = cpu_mode() == MODE_SVC ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_SMC;
}

void enter_purgatory(void)
{
	seal();
	enter((uint32_t)base);
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	struct purgatory_arm_state want = params->cpu.arm;
	uint32_t i;

	memset(&report, 0x5a, sizeof(report));
	read_system(&entered);
	enter_purgatory();

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

void test_machine(void)
{
	uint32_t i;

	mode = cpu_mode() == MODE_HYP ? ", HYP" : ", SVC";
	at_places(test_place);
	test_common();

	load_first();
	add_region(DATA_A + DATA_A_SIZE + 3, 777, "unaligned");
	run();
	result("verifies what is not aligned");

	for (i = 1; i < 8; i++) {
		load_first();
		params->cpu.arm.keep = i;
		run();
		result("keeps the registers it is told to keep");
	}
}

void spoil_machine(unsigned int test)
{
	switch (test) {
	case NO_ENTRY: params->cpu.arm.pc = 0; break;
	case UNDEFINED_RESET:
		params->region_count = PURGATORY_MAX_REGIONS + 1;
		params->cpu.arm.psci = PURGATORY_PSCI_SMC; /* SVC mode has no SMC */
		params->flags |= PURGATORY_REBOOT;
		break;
	}
}

/*
 * Registers as a kernel that has gone may have left them: alignment checks on, high vectors,
 * exceptions taken in Thumb state.
 */
#define SCTLR_A 2u
#define SCTLR_V (1u << 13)
#define SCTLR_TE (1u << 30)

void prepare_machine(void)
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
