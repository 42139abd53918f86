/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: selectors and offsets that assembly and C share, and port access. */
#ifndef PURGATORY_X86_H
#define PURGATORY_X86_H

/* Selectors of the 64-bit boot protocol of Linux */
#define CODE_SELECTOR 0x10
#define DATA_SELECTOR 0x18

/* Descriptors of gdt_below_4g with limit 0xffff. The base of the first becomes exit_code. */
#define REAL_MODE_CODE 0x20
#define REAL_MODE_DATA 0x28
#define GDT_SIZE 0x30

/* Number of exceptions of the architecture, and distance of their entry stubs */
#define EXCEPTIONS 32
#define EXCEPTION_STUB_SIZE 4
#define EXCEPTION_NMI 2

#define CR0_PE 0x1
#define CR0_ET 0x10
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000
#define CR0_KEPT (CR0_PE | CR0_ET | CR0_NW | CR0_CD) /* from entry to exit, without long mode */
#define CR4_PAE 0x20
#define CR4_MCE 0x40
#define CR4_LA57 0x1000
#define MSR_EFER 0xc0000080
#define EFER_LME 8 /* number of the bit */

#ifdef __ASSEMBLER__

/* clang-format off */
	.macro	set_data_segments
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	.endm

/*
 * One stub per vector, close enough to exception_common for a short jump.  An NMI (from a
 * watchdog that saw no activity of the crashed kernel) is dropped.
 */
	.macro	exception_stubs iret
	.globl	exception_stubs
	.balign	EXCEPTION_STUB_SIZE
exception_stubs:
	.set	vector, 0
	.rept	EXCEPTIONS
	.balign	EXCEPTION_STUB_SIZE
	.if	vector - EXCEPTION_NMI
	push	$vector
	jmp	exception_common
	.else
	\iret
	.endif
	.set	vector, vector + 1
	.endr
	.endm
/* clang-format on */

#else

#include <stdbool.h>
#include <stdint.h>

#include "purgatory_abi.h"

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#ifdef __x86_64__
#define HAS_LONG_MODE 1
#define MODES "64-, 32- or 16-bit mode"
#else
#define HAS_LONG_MODE 0
#define MODES "32- or 16-bit mode"
#endif

/* entry*.S */
extern const char exception_stubs[];
/* tables.S */
extern const char stack_end[], to_real_mode[], to_real_mode_end[];
extern const uint64_t gdt_below_4g[];

extern const char purgatory_memory_end[]; /* linker symbol */

/* Zeroes the SSE registers.  The caller sets CR4.OSFXSR before. */
void clear_vectors(void);

void load_idt(const void *base, uint16_t limit);

/*
 * Writes exit_code, which loads `state` and starts the next kernel, and exit_gdt, which the entry
 * code loads before.  True if the next kernel starts in long mode.
 */
bool write_exit(const struct purgatory_x86_state *state);

void vga_putchar(char c);
void vga_reset(void);

#endif /* __ASSEMBLER__ */
#endif
