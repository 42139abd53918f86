/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ppc64 test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define CONFIG_ADDRESS 0x5ff0000
#define DATA_A 0x2000000ul
#define DATA_B 0x3000ff0ul
#define SCRATCH 0x4000000ul
#define UNMAPPED (1ul << 40)
#define CONSOLES 0u

/* The words below the first vector */
#define LOW_WORDS 64
#define LOW_WORD 0x7fe00008 /* a trap */

/* The bits of MSR that are looked at */
#define MSR_SF_SHIFT 63
#define MSR_LE 0x1
#define MSR_DR 0x10
#define MSR_IR 0x20
#define MSR_EE 0x8000

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* State at the jump to the next kernel. */
struct registers {
	uint64_t r[7]; /* r3 to r9 */
	uint64_t msr;
};

extern struct registers report;

/* Jumps to purgatory, in the byte order that MSR_LE of msr tells; returns when the payload ran. */
void enter(uint64_t address, uint64_t msr, uint64_t cpu);
void payload(void);

/* Calls the hypervisor. */
uint64_t hcall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Where purgatory finds RTAS; calls rtas_called(). */
void rtas(void);

uint64_t read_msr(void);

#endif /* __ASSEMBLER__ */
#endif
