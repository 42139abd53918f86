/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions and data that the parts of purgatory share.  The interface to loaders
 * is include/purgatory_abi.h.
 */
#ifndef PURGATORY_H
#define PURGATORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purgatory_abi.h"
#include "sha256.h"

/* Filled by the loader.  Purgatory writes nothing there: the digest covers it. */
extern struct purgatory_params purgatory_params;

/*
 * Linker symbols: the image is the bytes between them.  Their type has an alignment, because the
 * compiler reaches an unaligned symbol through a global offset table.
 */
extern const uint64_t purgatory_head[], purgatory_image_end[];

/*
 * The first C function.  entry_sp is the stack pointer at purgatory's entry; memory
 * there is read only under PURGATORY_JUMP_BACK.  Returns the address of the CPU state
 * that the entry code then loads.
 */
const void *purgatory(const uintptr_t *entry_sp);

/* Computes params.digest: the image's digest, where that field counts as zeros. */
void image_digest(uint8_t digest[SHA256_SIZE]);

/*
 * True if the next kernel may be started: purgatory itself is intact, the state can be
 * entered and, under PURGATORY_VERIFY, the regions are intact.  Else prints the reason.
 * Prints a summary of the verified regions under `report_success`.
 */
bool ready(bool report_success);

/* Halts or resets the machine, as the loader chose. */
_Noreturn void stop(void);

/*
 * Every exception handler calls this first.  Returns for the first exception, which
 * the handler then reports.  A second exception comes from that report or from the
 * reset: the machine is reset or halted without a message.  A third exception halts it.
 */
void exception_begin(void);

/* Supports %s %u %x %llu %llx, without widths. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes exactly `digits` lower-case hex digits, no NUL. */
void format_hex(char *out, uint64_t value, unsigned int digits);

/* Returns value / by and stores the remainder.  by: 1 to (1 << 63) - 1. */
uint64_t divide(uint64_t value, uint64_t by, uint64_t *rest);

/*
 * Device registers are at their physical address plus this.  arch.mk defines it if the CPU
 * would cache the physical addresses as they are.
 */
#ifndef DEVICE_WINDOW
#define DEVICE_WINDOW 0
#endif

/* Compilers may insert calls of these four, also in freestanding code. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/*
 * The rest is implemented once per arch.
 */

/* Prepares the console and the handling of exceptions. */
void arch_setup(void);

void arch_putchar(char c);

/* Returns after the last character was sent, or after a timeout. */
void arch_console_flush(void);

/* Prepares params.copy.  True if this build can enter params.cpu; else prints the reason. */
bool arch_state_ok(void);

/* For arch_state_ok(): true if a CPU with instructions at multiples of `align` can jump to pc. */
static inline bool entry_ok(uint64_t pc, unsigned int align)
{
	if (pc && pc == (uintptr_t)pc && (uintptr_t)pc % align == 0)
		return true;
	print("purgatory: cannot start a kernel at 0x%llx\n", (unsigned long long)pc);
	return false;
}

/* Returns the state for the entry code. */
const void *arch_final_state(void);

/*
 * Before the regions are hashed.  Returns what the console reports besides the engine, for example
 * that the caches are off, or "".  arch_sha256_end() restores the CPU's state.
 */
const char *arch_sha256_begin(void);
void arch_sha256_end(void);

/* Number of engines besides portable code.  arch.mk defines it for an arch that has one. */
#ifndef HASH_ENGINES
#define HASH_ENGINES 0
#endif

/* sha256_accelerated(), after this made the registers usable that the engine needs. */
bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine);

/* A counter of constant rate.  0 at every call: the CPU has no counter. */
uint64_t arch_ticks(void);

/* The rate of the counter that arch_ticks() reads.  0: unknown. */
uint64_t arch_ticks_per_ms(void);

/* Returns only if the reset failed. */
void arch_reset(void);
_Noreturn void arch_halt(void);

#endif
