/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64: time, firmware, and the state to hand over.  Power ISA for registers,
 * PAPR for the hypervisor and RTAS, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "ppc64.h"

_Static_assert(offsetof(struct purgatory_params, cpu.ppc64.r[0]) == STATE_R3, "STATE_R3");
_Static_assert(offsetof(struct purgatory_params, cpu.ppc64.pc) == STATE_PC, "STATE_PC");
_Static_assert(offsetof(struct rtas_call, entry) == RTAS_CALL_ENTRY, "RTAS_CALL_ENTRY");
_Static_assert(offsetof(struct rtas_call, base) == RTAS_CALL_BASE, "RTAS_CALL_BASE");
_Static_assert(offsetof(struct rtas_call, args) == RTAS_CALL_ARGS, "RTAS_CALL_ARGS");

#define H_PUT_TERM_CHAR 0x58
#define H_SUCCESS 0

/* Flattened device tree: header words */
#define FDT_VERSION 20
#define FDT_BOOT_CPU 28
#define FDT_VERSION_WITH_BOOT_CPU 2

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_be32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

static uint64_t load_be64(const uint8_t *p)
{
	return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

void arch_setup(void)
{
}

bool terminal_write(uint64_t terminal, const uint8_t text[TERMINAL_CHUNK], size_t size)
{
	/* No call may come between the registers. */
	uint64_t first = load_be64(text), second = load_be64(text + 8);
	register uint64_t r3 __asm__("r3") = H_PUT_TERM_CHAR;
	register uint64_t r4 __asm__("r4") = terminal;
	register uint64_t r5 __asm__("r5") = size;
	register uint64_t r6 __asm__("r6") = first;
	register uint64_t r7 __asm__("r7") = second;

	__asm__ volatile(".long 0x44000022" /* sc 1 */
			 : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
			 :
			 : "memory", "r0", "r8", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0",
			   "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7");
	return r3 == H_SUCCESS;
}

uint64_t arch_ticks(void)
{
	uint64_t value;

	__asm__ volatile("mftb %0" : "=r"(value));
	return value;
}

uint64_t arch_ticks_per_ms(void)
{
	return purgatory_params.ticks_per_ms;
}

sha256_blocks_fn *arch_sha256_begin(bool portable_only, const char **name)
{
	(void)portable_only;
	(void)name;
	return NULL;
}

void arch_sha256_end(void)
{
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.ppc64.pc, 4);
}

/*
 * Tree and word were hashed, so they cannot be written before.  Returns the whole block:
 * the address of something behind a symbol is what GCC keeps in a table of pointers.
 */
const void *arch_final_state(void)
{
	const struct purgatory_ppc64_state *state = &purgatory_params.cpu.ppc64;
	uint8_t *tree = (uint8_t *)(uintptr_t)state->tree;
	uint8_t *word = (uint8_t *)(uintptr_t)state->word_address;

	if (tree && load_be32(tree + FDT_VERSION) >= FDT_VERSION_WITH_BOOT_CPU)
		store_be32(tree + FDT_BOOT_CPU, (uint32_t)entry_cpu);
	if (word)
		store_be32(word, (uint32_t)state->word);
	return &purgatory_params;
}

void arch_reset(void)
{
	const struct purgatory_ppc64_state *state = &purgatory_params.cpu.ppc64;
	static struct rtas_call call;

	call.entry = state->rtas_entry;
	call.base = state->rtas_base;
	store_be32(call.args, (uint32_t)state->rtas_reboot);
	store_be32(call.args + 8, 1);
	/* RTAS knows 32-bit addresses only. */
	if (call.entry && (uintptr_t)(&call + 1) <= UINT32_MAX)
		rtas_enter(&call);
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("or 1, 1, 1"); /* low priority */
}
