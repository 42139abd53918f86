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

static sha256_blocks_fn *fast_and_right(void)
{
	sha256_blocks_fn *fast = sha256_accelerated();

	if (fast && sha256_is_right(fast))
		return fast;
	print("purgatory: this CPU's Zknh instructions %s and are not used\n",
	      fast ? "hash wrongly" : "do not exist");
	return NULL;
}

sha256_blocks_fn *arch_sha256_begin(bool portable_only, const char **name)
{
	bool said_to_exist = purgatory_params.flags & PURGATORY_CPU_HASHES;
	sha256_blocks_fn *fast = said_to_exist && !portable_only ? fast_and_right() : NULL;

	if (fast)
		*name = "Zknh instructions";
	return fast;
}

void arch_sha256_end(void)
{
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
