/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test guest: what its C, its assembly and the script that builds it share. */
#ifndef GUEST_H
#define GUEST_H

#define BOOT_SECTOR 0x7c00
#define GUEST_BASE 0x10000

/* Written into the boot sector by the script: which test, and how much memory there is. */
#define CONFIG_OFFSET 0x1e0
#define CONFIG_ADDRESS (BOOT_SECTOR + CONFIG_OFFSET)

/* Identity map of the first 8 GiB. */
#define PAGE_TABLES 0x80000
#define PAGE_DIRECTORIES 8

#ifndef __ASSEMBLER__

#include "shared.h"

struct config {
	uint32_t test; /* enum terminal in guest.c; 0: all tests that return */
	uint32_t high_memory; /* is there memory up to 6 GiB? */
};

/* What the payload found in the registers. */
struct report {
	uint64_t reg[16];
	uint64_t flags;
	uint64_t cr0, cr4, efer;
	uint16_t cs, ds, es, ss, fs, gs;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdt, idt;
};

extern struct report report;
extern uint64_t entered_with_sp, entered_with_cr0, entered_with_cr4;

/* Jumps to purgatory in the state of a kexec; returns when the payload ran. */
void enter(uint64_t address);
void payload(void);

#endif /* __ASSEMBLER__ */
#endif
