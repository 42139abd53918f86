/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arm test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define CONFIG_ADDRESS 0x401f0000
#define DATA_A 0x42000000ul
#define DATA_B 0x43000ff0ul
#define SCRATCH 0x44000000ul
#define UNMAPPED 0x0b800000ul
#define CONSOLES (1u << PURGATORY_SERIAL_PL011 | 1u << PURGATORY_SERIAL_8250_MMIO)

#define MODE_MASK 0x1f
#define MODE_SVC 0x13
#define MODE_HYP 0x1a

/* What r0 to r2 hold on the way into purgatory: this, plus their number */
#define GARBAGE 0xbadc0de0

/* struct registers */
#define REG_SYSTEM 12

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* What purgatory finds and what it leaves. */
struct registers {
	uint32_t r[3];
	uint32_t cpsr, sctlr, vbar;
};

extern struct registers report;
extern char guest_vectors[];

/* Jumps to purgatory with garbage in every register; returns when the payload ran. */
void enter(uint32_t address);
void payload(void);

/* Reads the system registers of the mode it runs in, as payload() does. */
void read_system(struct registers *registers);

/* Semihosting (Arm 100863) */
void semihost(uint32_t operation, const void *argument);

#endif /* __ASSEMBLER__ */
#endif
