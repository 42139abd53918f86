/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390x: program checks, time, reset, the verdict for a kernel that is about to
 * crash, and the next kernel's state.  z/Architecture Principles of Operation
 * (SA22-7832) for the machine, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "s390x.h"

_Static_assert(offsetof(struct purgatory_params, cpu.s390x.crash_size) == PARAMS_CRASH_SIZE,
	       "PARAMS_CRASH_SIZE");

/* DIAG 308 */
#define LOAD_CLEAR 3

#define HALT_CODE 0x50555247 /* "PURG", the address of the wait PSW */

uint64_t check(void);
_Noreturn void exception(uint64_t code, uint64_t address);

static uint64_t saved_cr0;
static struct psw saved_program_psw;

void arch_setup(void)
{
	struct psw *program = real(LC_PGM_NEW);

	saved_cr0 = read_cr0();
	write_cr0(saved_cr0 & ~CR0_LOW_ADDRESS_PROTECTION);
	saved_program_psw = *program;
	program->mask = PSW_64BIT;
	program->address = (uintptr_t)program_check;
}

_Noreturn void exception(uint64_t code, uint64_t address)
{
	exception_begin();
	print("purgatory: program check 0x%llx at 0x%llx\n", (unsigned long long)code,
	      (unsigned long long)address);
	stop();
}

uint64_t arch_ticks(void)
{
	return tod();
}

uint64_t arch_ticks_per_ms(void)
{
	return TOD_PER_MS;
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
	return sha256_accelerated(index, engine);
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.s390x.pc, 2) &&
	       (!purgatory_params.cpu.s390x.crash_size || swap_ok());
}

/*
 * A running kernel calls this function to ask whether it may start the crash kernel.  0: yes.
 * The running kernel may continue, so its state must not change.
 */
uint64_t check(void)
{
	bool good;

	sclp_borrow();
	good = ready(false);
	arch_console_flush();
	return !good;
}

const void *arch_final_state(void)
{
	sclp_close();
	*(struct psw *)real(LC_PGM_NEW) = saved_program_psw;
	write_cr0(saved_cr0);
	if (purgatory_params.cpu.s390x.crash_size)
		swap_memory();
	return &purgatory_params.cpu.s390x;
}

void arch_reset(void)
{
	register uint64_t first __asm__("r2") = 0;
	register uint64_t rest __asm__("r3") = 0;

	__asm__ volatile("diag %0,%2,0x308"
			 : "+d"(first), "+d"(rest)
			 : "d"((uint64_t)LOAD_CLEAR)
			 : "cc", "memory");
}

_Noreturn void arch_halt(void)
{
	static const struct psw wait = { PSW_DISABLED_WAIT, HALT_CODE };

	for (;;)
		__asm__ volatile("lpswe %0" : : "Q"(wait) : "memory");
}
