/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loongarch64 test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define CONFIG_ADDRESS 0x7f0000
#define DATA_A 0x3000000ul
#define DATA_B 0x4000ff0ul
#define SCRATCH 0x5000000ul
#define CONSOLES (1u << PURGATORY_SERIAL_8250_MMIO)
#define UNMAPPED 0x300000000

/* The windows that Linux has when it starts an image: uncached, cached, for graphics; no fourth. */
#define DMW0_VALUE 0x8000000000000001
#define DMW1_VALUE 0x9000000000000011
#define DMW2_VALUE 0xa000000000000021

/* The guest's own, in which physical addresses are addresses. */
#define DMW3_OF_GUEST 0x11

#define CACHED 0x9000000000000000

/* a0 to a2 at the entry; a0 to a2 in the parameters are other numbers. */
#define KEPT 0x1122334455667700

#define OLD_VECTOR 0x9000000000777000

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* State at the jump to the next kernel. */
struct registers {
	uint64_t a[4];
	uint64_t pc;
	uint64_t crmd, ecfg, eentry, tlbrentry;
	uint64_t window[4];
};

extern struct registers report;

/*
 * Goes to purgatory as Linux does, in the cached window, with garbage in every register but a0
 * to a2; returns when the payload ran.
 */
void enter(uint64_t address);
void kernel_entry(void);

/* Payloads that read from UNMAPPED, and from an address outside every window. */
void faulty_payload(void);
void unmapped_payload(void);

#endif /* __ASSEMBLER__ */
#endif
