/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 test guest: declarations for its C and assembly. */
#ifndef GUEST_H
#define GUEST_H

#define BOOT_SECTOR 0x7c00
#define GUEST_BASE 0x10000

/* In the boot sector, written by the host. */
#define CONFIG_OFFSET 0x1e0
#define CONFIG_ADDRESS (BOOT_SECTOR + CONFIG_OFFSET)

#define DATA_A 0x2000000ul
#define DATA_B 0x3000000ul
#define SCRATCH 0x4000000ul
#ifdef __x86_64__
#define UNMAPPED 0x300000000ul
#define DATA_C 0x140000000ul /* a region above 4 GiB */
#else
#define UNMAPPED 0xfe000000ul /* no memory, but no fault */
#define DATA_C UINT64_MAX
#endif
#define FIRST_REGISTERS 0x03000000 /* purgatory sets them: no interrupts or FIFO, 8 bits */
#define LITTLE_MEMORY 0x8000000ul
#define CONSOLES (1u << PURGATORY_SERIAL_8250_MMIO)

/* Identity map of the first 8 GiB. */
#define PAGE_TABLES 0x80000
#define PAGE_DIRECTORIES 8

#define BIOS_TICKS 0x46c
#define BIOS_LOW_MEMORY 0x413

#include "state.h"

#ifndef __ASSEMBLER__

#include "guest_common.h"

/* What the payload found. */
extern struct state report;
extern uint64_t report_efer, report_ticks; /* ticks of the BIOS: real mode */
extern uint64_t entered_with_sp, entered_with_cr0, entered_with_cr4;

/* Jumps to purgatory in the state of a kexec; returns when the payload ran. */
void enter(uint64_t address);
void vectors_load_sse(const void *from);
void vectors_store_sse(void *to);
void vectors_load_avx(const void *from);
void vectors_store_avx(void *to);
void payload(void);
void payload32(void);
void payload16(void);

#endif /* __ASSEMBLER__ */
#endif
