/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm: exceptions, time, caches, reset, and the next kernel's state.  Arm ARM
 * (DDI 0406) B4 for the registers, doc/purgatory-abi.md for the state.
 *
 * Runs on ARMv5 and newer CPUs.  Optional features are used after a check of the
 * CPU's ID registers, and instructions newer than ARMv5 are given by their encoding.
 */
#include "purgatory.h"
#include "arm.h"
#include "psci.h"
#include "uart8250.h"

_Static_assert(offsetof(struct purgatory_arm_state, r[0]) == STATE_R0, "STATE_R0");
_Static_assert(offsetof(struct purgatory_arm_state, r[1]) == STATE_R1, "STATE_R1");
_Static_assert(offsetof(struct purgatory_arm_state, r[2]) == STATE_R2, "STATE_R2");
_Static_assert(offsetof(struct purgatory_arm_state, pc) == STATE_PC, "STATE_PC");
_Static_assert(offsetof(struct purgatory_arm_state, keep) == STATE_KEEP, "STATE_KEEP");

/* SCTLR and HSCTLR */
#define SCTLR_I (1u << 12)
#define SCTLR_V (1u << 13)
#define SCTLR_TE (1u << 30)

#define VECTOR_DATA_ABORT 4

/* entry.S */
extern const char vectors[];

_Noreturn void exception(uint32_t vector, uint32_t lr);

static uint32_t saved_sctlr, saved_vbar;

static bool in_hyp(void)
{
	uint32_t cpsr;

	__asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
	return (cpsr & MODE_MASK) == MODE_HYP;
}

/* True if MIDR reports that this CPU has ID registers. */
static bool has_id(void)
{
	return (read_cp15(c0, 0, c0, 0) >> 16 & 15) == 15;
}

/* ID_MMFR0.VMSA and .PMSA */
static bool is_v7(void)
{
	uint32_t mmfr0 = has_id() ? read_cp15(c0, 0, c1, 4) : 0;

	return (mmfr0 & 15) >= 3 || (mmfr0 >> 4 & 15) >= 3;
}

/* ID_PFR1: a field of 4 bits */
static uint32_t feature(unsigned int shift)
{
	return has_id() ? read_cp15(c0, 0, c1, 1) >> shift & 15 : 0;
}

static bool has_timer(void)
{
	return feature(16) != 0;
}

/*
 * VBAR belongs to the security extension.  CPUs with the generic timer have that
 * extension too, but a hypervisor may hide it in the ID register.
 */
static bool has_vbar(void)
{
	return feature(4) || feature(20) || has_timer();
}

static void barrier(void)
{
	if (is_v7())
		__asm__ volatile(".inst 0xf57ff04f\n\t.inst 0xf57ff06f"
				 :
				 :
				 : "memory"); /* dsb; isb */
	else
		write_cp15(c7, 0, c10, 4, 0);
}

static uint32_t read_sctlr(void)
{
	return in_hyp() ? read_cp15(c1, 4, c0, 0) : read_cp15(c1, 0, c0, 0);
}

static void write_sctlr(uint32_t value)
{
	barrier();
	if (in_hyp())
		write_cp15(c1, 4, c0, 0, value);
	else
		write_cp15(c1, 0, c0, 0, value);
	barrier();
}

static uint32_t read_vbar(void)
{
	if (in_hyp())
		return read_cp15(c12, 4, c0, 0);
	return has_vbar() ? read_cp15(c12, 0, c0, 0) : 0;
}

static void write_vbar(uint32_t value)
{
	if (in_hyp())
		write_cp15(c12, 4, c0, 0, value);
	else if (has_vbar())
		write_cp15(c12, 0, c0, 0, value);
}

/* Empties the instruction cache, which may hold older contents of the loaded memory. */
static void drop_instructions(void)
{
	barrier();
	write_cp15(c7, 0, c5, 0, 0);
	barrier();
}

void arch_setup(void)
{
	uint32_t sctlr;

	saved_sctlr = read_sctlr();
	saved_vbar = read_vbar();
	write_vbar((uint32_t)(uintptr_t)vectors);
	/* The vectors are ARM code.  A Thumb kernel leaves SCTLR.TE set. */
	sctlr = saved_sctlr & ~SCTLR_TE;
	/* SCTLR.V would put the vectors at the top of the address space, whatever VBAR is. */
	if (!in_hyp() && has_vbar())
		sctlr &= ~SCTLR_V;
	write_sctlr(sctlr);
	drop_instructions();
	write_sctlr(sctlr | SCTLR_I);
}

static uint32_t exception_pc(uint32_t vector, uint32_t lr)
{
	register uint32_t r0 __asm__("r0");

	if (!in_hyp())
		return lr - (vector == VECTOR_DATA_ABORT ? 8 : 4);
	__asm__ volatile(".inst 0xe10e0300" : "=r"(r0)); /* mrs r0, elr_hyp */
	return r0;
}

static void print_fault(uint32_t vector)
{
	if (in_hyp())
		print(", HSR 0x%x, address 0x%x", read_cp15(c5, 4, c2, 0), read_cp15(c6, 4, c0, 0));
	else if (vector == VECTOR_DATA_ABORT)
		print(", status 0x%x, address 0x%x", read_cp15(c5, 0, c0, 0),
		      read_cp15(c6, 0, c0, 0));
}

_Noreturn void exception(uint32_t vector, uint32_t lr)
{
	exception_begin();
	print("purgatory: exception %u at 0x%x", vector, exception_pc(vector, lr));
	print_fault(vector);
	print("\n");
	stop();
}

void arch_putchar(char c)
{
	serial_putchar(c);
}

uint64_t arch_ticks(void)
{
	uint32_t low, high;

	if (!has_timer() || !read_cp15(c14, 0, c0, 0))
		return 0;
	barrier();
	__asm__ volatile("mrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high)); /* CNTVCT */
	return (uint64_t)high << 32 | low;
}

uint64_t arch_ticks_per_ms(void)
{
	uint64_t rest;

	if (purgatory_params.ticks_per_ms)
		return purgatory_params.ticks_per_ms;
	return has_timer() ? divide(read_cp15(c14, 0, c0, 0), 1000, &rest) : 0;
}

const char *arch_sha256_begin(void)
{
	return ", data cache off";
}

void arch_sha256_end(void)
{
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.arm.pc, 4);
}

const void *arch_final_state(void)
{
	write_vbar(saved_vbar);
	write_sctlr(saved_sctlr);
	drop_instructions();
	return &purgatory_params.cpu.arm;
}

void arch_reset(void)
{
	psci_reset(purgatory_params.cpu.arm.psci);
}

_Noreturn void arch_halt(void)
{
	bool v7 = is_v7();

	for (;;) {
		if (v7)
			__asm__ volatile(".inst 0xe320f003"); /* wfi */
		else
			write_cp15(c7, 0, c0, 4, 0);
	}
}
