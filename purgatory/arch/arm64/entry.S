/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit, exception vectors.  include/purgatory_abi.h
 * describes the header; Documentation/arch/arm64/booting.rst of Linux and
 * doc/purgatory-abi.md describe the state at the exit.
 *
 * Every reference is relative to the program counter, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "arm64.h"

	purgatory_header 183 /* EM_AARCH64 */, b purgatory_start

/* Access to a register of the exception level in `level`, a value of CurrentEL. */
	.macro	read_at_level level, value, name
	cmp	\level, #CURRENT_EL2
	b.eq	102f
	b.hi	103f
	mrs	\value, \name\()_el1
	b	104f
102:	mrs	\value, \name\()_el2
	b	104f
103:	mrs	\value, \name\()_el3
104:
	.endm

	.macro	write_at_level level, name, value
	cmp	\level, #CURRENT_EL2
	b.eq	102f
	b.hi	103f
	msr	\name\()_el1, \value
	b	104f
102:	msr	\name\()_el2, \value
	b	104f
103:	msr	\name\()_el3, \value
104:
	.endm

/*
 * Entry: EL1, EL2 or EL3, MMU and data cache off, every register arbitrary. For the
 * exit, x19 keeps CurrentEL, x20 VBAR, x21 SPSel.
 */
	.type	purgatory_start, %function
purgatory_start:
	msr	daifset, #15
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	adr	x1, purgatory_image_end
	adr	x2, purgatory_memory_end
1:	cmp	x1, x2		/* both are multiples of 16 */
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b
2:	mrs	x19, currentel
	read_at_level x19, x20, vbar
	mrs	x21, spsel
	msr	spsel, #1
	adr	x0, stack_end
	mov	sp, x0
	adr	x0, purgatory_head
	write_at_level x19, vbar, x0
	isb

	adr	x0, no_way_back	/* first argument of purgatory() */
	mov	x29, xzr
	bl	purgatory

	/* Exit: x0 points to a struct purgatory_arm64_state. */
	write_at_level x19, vbar, x20
	msr	spsel, x21
	isb
	mov	x4, x0
	ldr	x16, [x4, #STATE_PC]
	ldp	x0, x1, [x4, #STATE_X0]
	ldp	x2, x3, [x4, #STATE_X2]
	br	x16
	.size	purgatory_start, . - purgatory_start

exception_common:
	adr	x0, stack_end	/* the old stack may have faulted */
	mov	sp, x0
	mrs	x3, currentel
	read_at_level x3, x0, esr
	read_at_level x3, x1, elr
	read_at_level x3, x2, far
	bl	exception	/* (esr, elr, far), does not return */

/*
 * Interrupts stay masked, so every exception is a fault of purgatory.  Exceptions come from
 * purgatory's own level with SPSel 1.  The image's start is the vector table, whose other
 * entries are never used.
 */
	.irp	vector, 0x200, 0x280, 0x300, 0x380
	.org	\vector
	b	exception_common
	.endr

	.text
/* psci.h: firmware_hvc(function), firmware_smc(function). Firmware preserves callee-saved registers. */
	.irp	call, hvc, smc
	.globl	firmware_\call
	.type	firmware_\call, %function
firmware_\call:
	\call	#0
	ret
	.size	firmware_\call, . - firmware_\call
	.endr

	.section .rodata, "a", %progbits
	.balign	8
no_way_back:
	.quad	0		/* Linux has no preserve-context loads on arm64 */

	/* A page without code, because emulators are slow when a page of code is written. */
	.bss
	.balign	4096
	.globl	stack_end
stack:
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", %progbits
