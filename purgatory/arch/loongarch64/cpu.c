/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loongarch64: exceptions, time, reset, and the next kernel's state.  The LoongArch
 * reference manual, volume 1, for the registers, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "loongarch64.h"
#include "uart8250.h"

#define STATE(member) offsetof(struct purgatory_loongarch64_state, member)
_Static_assert(STATE(a[0]) == STATE_A0, "STATE_A0");
_Static_assert(STATE(a[1]) == STATE_A1, "STATE_A1");
_Static_assert(STATE(a[2]) == STATE_A2, "STATE_A2");
_Static_assert(STATE(pc) == STATE_PC, "STATE_PC");
_Static_assert(STATE(keep) == STATE_KEEP, "STATE_KEEP");
_Static_assert(offsetof(struct purgatory_params, cpu) == PARAMS_CPU, "PARAMS_CPU");

/* CPUCFG words and fields */
#define FEATURES 2
#define HAS_CONSTANT_TIMER (1u << 14)
#define CRYSTAL_HZ 4
#define TIMER_RATIO 5 /* bits 0 to 15: multiplier, bits 16 to 31: divisor */

_Noreturn void exception(uint64_t estat, uint64_t era, uint64_t badv);

void arch_setup(void)
{
}

_Noreturn void exception(uint64_t estat, uint64_t era, uint64_t badv)
{
	exception_begin();
	print("purgatory: exception, ESTAT 0x%llx, at 0x%llx, BADV 0x%llx\n",
	      (unsigned long long)estat, (unsigned long long)era, (unsigned long long)badv);
	stop();
}

bool uart_open(void)
{
	return purgatory_params.serial_kind == PURGATORY_SERIAL_8250_MMIO;
}

uint8_t uart_read(unsigned int reg)
{
	return uart8250_read(reg);
}

void uart_write(unsigned int reg, uint8_t value)
{
	uart8250_write(reg, value);
}

void arch_putchar(char c)
{
	serial_putchar(c);
}

uint64_t arch_ticks(void)
{
	uint64_t time;

	__asm__ volatile("rdtime.d %0, $zero" : "=r"(time));
	return time;
}

static uint32_t cpucfg(uint32_t word)
{
	uint64_t value;

	__asm__("cpucfg %0, %1" : "=r"(value) : "r"((uint64_t)word));
	return (uint32_t)value;
}

uint64_t arch_ticks_per_ms(void)
{
	uint32_t ratio = cpucfg(TIMER_RATIO), divisor = ratio >> 16;
	uint64_t rest;

	if (purgatory_params.ticks_per_ms)
		return purgatory_params.ticks_per_ms;
	if (!(cpucfg(FEATURES) & HAS_CONSTANT_TIMER) || !divisor)
		return 0;
	return divide((uint64_t)cpucfg(CRYSTAL_HZ) * (ratio & 0xffff), 1000 * (uint64_t)divisor,
		      &rest);
}

const char *arch_sha256_begin(void)
{
	return "";
}

void arch_sha256_end(void)
{
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.loongarch64.pc, 4);
}

const void *arch_final_state(void)
{
	return &purgatory_params.cpu.loongarch64;
}

void arch_reset(void)
{
	const struct purgatory_loongarch64_state *state = &purgatory_params.cpu.loongarch64;
	volatile void *reg = (volatile void *)(uintptr_t)(DEVICE_WINDOW + state->reset_address);
	unsigned int i;

	if (!state->reset_address)
		return;
	if (state->reset_size == 1)
		*(volatile uint8_t *)reg = (uint8_t)state->reset_value;
	else if (state->reset_size == 2)
		*(volatile uint16_t *)reg = (uint16_t)state->reset_value;
	else if (state->reset_size == 4)
		*(volatile uint32_t *)reg = (uint32_t)state->reset_value;
	else
		*(volatile uint64_t *)reg = state->reset_value;
	/* The machine may take its time. */
	for (i = 0; i < 100000000; i++)
		__asm__ volatile("");
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("idle 0");
}
