/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of purgatory offer each other.  Nothing here is seen by a
 * loader: that interface is include/purgatory_abi.h.
 */
#ifndef PURGATORY_H
#define PURGATORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purgatory_abi.h"
#include "sha256.h"

/* The block that the loader filled. */
extern struct purgatory_params purgatory_params;

/*
 * The first C function.  entry_sp is the stack pointer purgatory was entered
 * with; what it points at is read only under PURGATORY_JUMP_BACK.  Returns the
 * address of the CPU state that the entry code then makes real.
 */
const void *purgatory(const uint64_t *entry_sp);

/*
 * Compares all digests.  Tells what was damaged, and with `tell` also that nothing
 * was; true if so.
 */
bool verify(bool tell);

/* Halts or resets the machine, as the loader chose. */
_Noreturn void stop(void);

/*
 * The first call of every exception handler.  Returns if the exception is to be
 * reported, which is the first one.  The second one comes from the report or from
 * the reset: it resets the machine without a message, or halts.  The third one halts.
 */
void exception_begin(void);

/* Knows %s %u %x %llu %llx, no widths. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes exactly `digits` lower-case hex digits, no NUL. */
void format_hex(char *out, uint64_t value, unsigned int digits);

/* value / by, which is less than 1 << 63 and not 0, and what is left. */
uint64_t divide(uint64_t value, uint64_t by, uint64_t *rest);

/* known_answer.c: does it hash "abc" to what it should? */
bool sha256_is_right(sha256_blocks_fn *blocks);

/* Freestanding compilers may call these four of their own accord. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/*
 * The rest is implemented once per arch.
 */

/* Whatever print() and the handling of exceptions need. */
void arch_setup(void);

void arch_putchar(char c);

/* Returns once the last character has left, or cannot leave. */
void arch_console_flush(void);

/* True if this build can enter params.cpu; else prints the reason. */
bool arch_state_ok(void);

/* For arch_state_ok(): true if a CPU with instructions at multiples of `align` can jump to pc. */
static inline bool entry_ok(uint64_t pc, unsigned int align)
{
	if (pc && pc == (uintptr_t)pc && (uintptr_t)pc % align == 0)
		return true;
	print("purgatory: cannot start a kernel at 0x%llx\n", (unsigned long long)pc);
	return false;
}

/* The state for the entry code; the last C function that runs. */
const void *arch_final_state(void);

/*
 * Returns the compression function of this CPU's own instructions and makes the
 * registers that they need usable.  NULL: there is none, or only portable code was
 * asked for.  *name is "portable code" before the call and is for the console.
 * arch_sha256_end() puts the CPU back.
 */
sha256_blocks_fn *arch_sha256_begin(bool portable_only, const char **name);
void arch_sha256_end(void);

/* A counter of constant rate, always 0 if there is none, and its rate; 0 if that cannot be known. */
uint64_t arch_ticks(void);
uint64_t arch_ticks_per_ms(void);

/* Comes back only if it failed. */
void arch_reset(void);
_Noreturn void arch_halt(void);

#endif
