/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The s390x test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define CONFIG_ADDRESS 0x7ff0000
#define DATA_A 0x4000000ul
#define DATA_B 0x4100ff0ul
#define SCRATCH 0x4200000ul
#define UNMAPPED 0x180000000ul
#define LITTLE_MEMORY 0x20000000ul
#define CONSOLES 0u

#define STACK_FRAME 160

/* PSW masks */
#define PSW_31BIT 0x0000000080000000
#define PSW_64BIT 0x0000000180000000

/* struct registers */
#define REG_CR 16
#define REG_PREFIX 144
#define REG_GPR 152

/* What a register holds on the way into purgatory: this, plus its number */
#define GARBAGE 0xbadc0ffee0ddf000

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* What purgatory finds and what it leaves. */
struct registers {
	uint64_t psw_mask;
	uint64_t result; /* of check() */
	uint64_t cr[16];
	uint32_t prefix, unused;
	uint64_t gpr[16]; /* check() only, of r6 on */
};

extern struct registers report;

/* As a kernel leaves, with garbage in every register; these return when the payload ran. */
void enter_restarted(uint64_t address); /* DIAG 308, subcode 0 */
void enter_31bit(uint64_t address); /* in ESA/390, if the machine has that */
void enter_crashed(uint64_t address);
void payload(void);

/* As a kernel asks, prefix register and all; fills report. */
void check(uint64_t address, uint64_t prefix);

/* What a crash kernel begins with: a jump to payload(), wherever it runs. */
extern const uint8_t entry_point[], entry_point_end[];

void read_system(struct registers *registers);

void service_call(uint32_t command, void *block);

#endif /* __ASSEMBLER__ */
#endif
