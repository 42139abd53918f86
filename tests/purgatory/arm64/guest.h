/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arm64 test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define GUEST_BASE 0x40200000
#define CONFIG_ADDRESS 0x401f0000
#define DATA_A 0x42000000ul
#define DATA_B 0x43000ff0ul
#define SCRATCH 0x44000000ul
#define UNMAPPED 0x300000000ul
#define CONSOLES (1u << PURGATORY_SERIAL_PL011 | 1u << PURGATORY_SERIAL_8250_MMIO)

#define CURRENT_EL1 (1 << 2)
#define CURRENT_EL2 (2 << 2)
#define CURRENT_EL3 (3 << 2)

/* struct registers */
#define REG_SYSTEM 40

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* What purgatory finds and what it leaves. */
struct registers {
	uint64_t x[4];
	uint64_t sp;
	uint64_t sctlr, vbar, tcr, mair, ttbr0, trap; /* trap: CPACR_EL1 or CPTR_ELx */
	uint64_t currentel, daif, spsel, hcr;
};

extern struct registers report;
extern uint64_t entered_with_spsel;
extern char guest_vectors[];

/* Jumps to purgatory with garbage in every register; returns when the payload ran. */
void enter(uint64_t address);
void payload(void);

/* Reads the system registers of the level it runs at, from sctlr on, as payload() does. */
void read_system(struct registers *registers);

/* Semihosting (Arm 100863); answers the operation's result. */
uint64_t semihost(uint64_t operation, const void *argument);

#endif /* __ASSEMBLER__ */
#endif
