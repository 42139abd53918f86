/* SPDX-License-Identifier: GPL-2.0-or-later */
/* s390x: constants that assembly and C share, functions of this folder. */
#ifndef PURGATORY_S390X_H
#define PURGATORY_S390X_H

/* struct purgatory_params */
#define PARAMS_CRASH_SIZE 864

/* Real addresses that interruptions store to and load from (z/Architecture, "Assigned Storage") */
#define LC_EXT_PARAMS 0x80
#define LC_EXT_CODE 0x86
#define LC_PGM_CODE 0x8e
#define LC_EXT_OLD 0x130
#define LC_PGM_OLD 0x150
#define LC_EXT_NEW 0x1b0
#define LC_PGM_NEW 0x1d0

/* PSW masks */
#define PSW_64BIT 0x0000000180000000
#define PSW_DISABLED_WAIT 0x0002000180000000

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct psw {
	uint64_t mask, address;
};

/* CR0 */
#define CR0_LOW_ADDRESS_PROTECTION (1ul << 28)
#define CR0_EXTERNAL 0xfffful /* all subclasses, unassigned bits included */
#define CR0_SERVICE_SIGNAL (1ul << 9)

#define TOD_PER_MS 4096000ul

/* Hides an address from the compiler, which warns of addresses below 4096. */
static inline void *real(uint64_t address)
{
	__asm__("" : "+r"(address));
	return (void *)address;
}

/* Moves CHUNK bytes between real addresses. */
#define CHUNK 256ul
static inline void move_chunk(uint64_t to, uint64_t from)
{
	__asm__ volatile("mvc 0(256,%0),0(%1)" : : "a"(to), "a"(from) : "memory");
}

static inline uint64_t read_cr0(void)
{
	uint64_t value;

	__asm__ volatile("stctg %%c0,%%c0,%0" : "=QS"(value));
	return value;
}

static inline void write_cr0(uint64_t value)
{
	__asm__ volatile("lctlg %%c0,%%c0,%0" : : "QS"(value) : "memory");
}

/* CR0 for stores to the first 512 bytes and, of external interruptions, the service signal only. */
static inline uint64_t open_cr0(uint64_t cr0)
{
	return (cr0 & ~(CR0_LOW_ADDRESS_PROTECTION | CR0_EXTERNAL)) | CR0_SERVICE_SIGNAL;
}

static inline uint64_t tod(void)
{
	uint64_t value;

	__asm__ volatile("stck %0" : "=Q"(value) : : "cc");
	return value;
}

/*
 * entry.S: enables external interruptions for at most `ticks` of the clock; true if one
 * came.  Changes the external new PSW.  The interruption stores to the lowcore.
 */
uint64_t wait_external(uint64_t ticks);

/* entry.S: an address for the program new PSW.  Reports the program check and stops. */
void program_check(void);

/*
 * For a call from a running kernel: the event masks are not changed, and lines are
 * sent even if the service element may not accept them.
 */
void sclp_borrow(void);

/* Clears the event mask if purgatory set it. */
void sclp_close(void);

/* True if the crash area and the place of purgatory in it allow the exchange. */
bool swap_ok(void);

/* Exchanges the loaded crash kernel with low memory. */
void swap_memory(void);

#endif /* __ASSEMBLER__ */
#endif
