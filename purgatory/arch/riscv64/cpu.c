/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64: exceptions, time, hashing, and the next kernel's state.  The RISC-V
 * privileged architecture for the registers, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "riscv64.h"
#include "uart8250.h"

_Static_assert(offsetof(struct purgatory_riscv64_state, a[1]) == STATE_A1, "STATE_A1");
_Static_assert(offsetof(struct purgatory_riscv64_state, a[2]) == STATE_A2, "STATE_A2");
_Static_assert(offsetof(struct purgatory_riscv64_state, a[3]) == STATE_A3, "STATE_A3");
_Static_assert(offsetof(struct purgatory_riscv64_state, pc) == STATE_PC, "STATE_PC");

_Noreturn void exception(uint64_t scause, uint64_t sepc, uint64_t stval);

void arch_setup(void)
{
}

_Noreturn void exception(uint64_t scause, uint64_t sepc, uint64_t stval)
{
	exception_begin();
	print("purgatory: exception, scause 0x%llx, at 0x%llx, stval 0x%llx\n",
	      (unsigned long long)scause, (unsigned long long)sepc, (unsigned long long)stval);
	stop();
}

void arch_putchar(char c)
{
	if (purgatory_params.serial_kind == PURGATORY_SERIAL_SBI)
		sbi_putchar(c);
	else
		serial_putchar(c);
}

uint64_t arch_ticks(void)
{
	uint64_t time;

	__asm__ volatile("rdtime %0" : "=r"(time));
	return time;
}

uint64_t arch_ticks_per_ms(void)
{
	return purgatory_params.ticks_per_ms;
}

const char *arch_sha256_begin(void)
{
	return "";
}

void arch_sha256_end(void)
{
}

bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine)
{
	if (index || !(purgatory_params.flags & PURGATORY_CPU_HASHES))
		return false;
	if (sha256_accelerated(index, engine))
		return true;
	print("purgatory: this CPU's Zknh instructions do not exist and are not used\n");
	return false;
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.riscv64.pc, 2);
}

const void *arch_final_state(void)
{
	return &purgatory_params.cpu.riscv64;
}

void arch_reset(void)
{
	sbi_reset();
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
