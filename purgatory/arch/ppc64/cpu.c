/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64: time, firmware, and the next kernel's state.  Power ISA for registers,
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

/* Flattened device tree: words of the header */
#define FDT_VERSION 5
#define FDT_BOOT_CPU 7
#define FDT_VERSION_WITH_BOOT_CPU 2

/* Convert between big-endian and the byte order of this image, in either direction. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BE32(value) ((uint32_t)(value))
#define BE64(value) ((uint64_t)(value))
#else
#define BE32(value) __builtin_bswap32((uint32_t)(value))
#define BE64(value) __builtin_bswap64(value)
#endif

void arch_setup(void)
{
}

bool terminal_write(uint64_t terminal, const uint8_t text[TERMINAL_CHUNK], size_t size)
{
	/* The words are loaded first, because a later load may overwrite the register variables. */
	const uint64_t *words = (const uint64_t *)text;
	uint64_t first = BE64(words[0]), second = BE64(words[1]);
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

const char *arch_sha256_begin(void)
{
	return "";
}

void arch_sha256_end(void)
{
}

bool arch_state_ok(void)
{
	return entry_ok(purgatory_params.cpu.ppc64.pc, 4);
}

/*
 * Writes into the tree and the word, whose digests have been compared before.  Returns the
 * address of the whole parameter block: GCC would put the address of a field into a table of
 * pointers.
 */
const void *arch_final_state(void)
{
	const struct purgatory_ppc64_state *state = &purgatory_params.cpu.ppc64;
	uint32_t *tree = (uint32_t *)(uintptr_t)state->tree;
	uint32_t *word = (uint32_t *)(uintptr_t)state->word_address;

	if (tree && BE32(tree[FDT_VERSION]) >= FDT_VERSION_WITH_BOOT_CPU)
		tree[FDT_BOOT_CPU] = BE32(entry_cpu);
	if (word)
		*word = BE32(state->word);
	return &purgatory_params;
}

void arch_reset(void)
{
	const struct purgatory_ppc64_state *state = &purgatory_params.cpu.ppc64;
	static struct rtas_call call;

	call.entry = state->rtas_entry;
	call.base = state->rtas_base;
	call.args[0] = BE32(state->rtas_reboot);
	call.args[2] = BE32(1);
	/* RTAS takes 32-bit addresses only. */
	if (call.entry && (uintptr_t)(&call + 1) <= UINT32_MAX)
		rtas_enter(&call);
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("or 1, 1, 1"); /* low priority */
}
