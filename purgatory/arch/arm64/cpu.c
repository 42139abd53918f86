/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: exceptions, time, vector registers, reset, and the next kernel's state.
 * Arm ARM (DDI 0487) D17 for the registers, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "arm64.h"
#include "psci.h"
#include "uart8250.h"

_Static_assert(offsetof(struct purgatory_arm64_state, x[0]) == STATE_X0, "STATE_X0");
_Static_assert(offsetof(struct purgatory_arm64_state, x[2]) == STATE_X2, "STATE_X2");
_Static_assert(offsetof(struct purgatory_arm64_state, pc) == STATE_PC, "STATE_PC");

/* CPACR_EL1, and CPTR_EL2 under VHE */
#define CPACR_FPEN (3ul << 20)
#define CPACR_SMEN (3ul << 24)
/* CPTR_EL2 */
#define CPTR_TFP (1ul << 10)
#define CPTR_TSM (1ul << 12)

_Noreturn void exception(uint64_t esr, uint64_t elr, uint64_t far);

static uint64_t saved_trap;

void arch_setup(void)
{
}

_Noreturn void exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	exception_begin();
	print("purgatory: exception, ESR 0x%llx, at 0x%llx, address 0x%llx\n",
	      (unsigned long long)esr, (unsigned long long)elr, (unsigned long long)far);
	stop();
}

void arch_putchar(char c)
{
	serial_putchar(c);
}

uint64_t arch_ticks(void)
{
	__asm__ volatile("isb");
	return read_sysreg(cntvct_el0);
}

uint64_t arch_ticks_per_ms(void)
{
	if (purgatory_params.ticks_per_ms)
		return purgatory_params.ticks_per_ms;
	return read_sysreg(cntfrq_el0) / 1000;
}

static uint64_t read_trap(void)
{
	return current_level() == CURRENT_EL2 ? read_sysreg(cptr_el2) : read_sysreg(cpacr_el1);
}

static void write_trap(uint64_t value)
{
	if (current_level() == CURRENT_EL2)
		write_sysreg(cptr_el2, value);
	else
		write_sysreg(cpacr_el1, value);
	__asm__ volatile("isb");
}

/* Enables vector instructions, and leaves streaming mode, in which some of them do not work. */
static void vector_begin(void)
{
	bool sme = id_field(read_sysreg(id_aa64pfr1_el1), 24) != 0;

	saved_trap = read_trap();
	if (current_level() == CURRENT_EL2 && !is_vhe())
		write_trap(saved_trap & ~(CPTR_TFP | (sme ? CPTR_TSM : 0)));
	else
		write_trap(saved_trap | CPACR_FPEN | (sme ? CPACR_SMEN : 0));
	if (sme)
		__asm__ volatile(".inst 0xd503427f"); /* smstop sm */
}

/* At EL3 traps are controlled by CPTR_EL3, which belongs to firmware. */
static bool may_use_vectors(void)
{
	return current_level() != CURRENT_EL3;
}

const char *arch_sha256_begin(void)
{
	if (may_use_vectors())
		vector_begin();
	return mmu_begin() ? "" : ", caches off";
}

void arch_sha256_end(void)
{
	if (may_use_vectors())
		write_trap(saved_trap);
	mmu_end();
}

bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine)
{
	return may_use_vectors() && sha256_accelerated(index, engine);
}

bool arch_state_ok(void)
{
	const struct purgatory_copy *copy = &purgatory_params.copy;

	/* The copy runs with the caches off, and the caches may hold newer bytes than memory. */
	cache_clean(copy->source, copy->size);
	cache_clean(copy->destination, copy->size);
	return entry_ok(purgatory_params.cpu.arm64.pc, 4);
}

const void *arch_final_state(void)
{
	const struct purgatory_copy *copy = &purgatory_params.copy;

	/* The copy was made with the caches off.  Lines that hashing left in them are older. */
	cache_clean(copy->destination, copy->size);
	return &purgatory_params.cpu.arm64;
}

void arch_reset(void)
{
	psci_reset(purgatory_params.cpu.arm64.psci);
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
