/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The riscv64 test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define CONFIG_ADDRESS 0x801f0000
#define DATA_A 0x82000000ul
#define DATA_B 0x83000ff0ul
#define SCRATCH 0x84000000ul
#define CONSOLES (1u << PURGATORY_SERIAL_8250_MMIO)
#define UNMAPPED 0x300000000

/* What purgatory is entered with. */
#define HART 7
#define ALL_INTERRUPTS 0x222

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* State at the jump to the next kernel. */
struct registers {
	uint64_t a[4];
	uint64_t sp, satp, sie, stvec, sstatus;
};

extern struct registers report;

/*
 * Goes to purgatory with garbage in every register, by a jump or by a fault, as kernels do
 * that crash; returns when the payload ran.
 */
void enter(uint64_t address, uint64_t by_fault);
void payload(void);

/* A payload that reads from UNMAPPED. */
void faulty_payload(void);

#endif /* __ASSEMBLER__ */
#endif
