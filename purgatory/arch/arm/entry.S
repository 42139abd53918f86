/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit, exception vectors.  include/purgatory_abi.h
 * describes the header; Documentation/arch/arm/booting.rst of Linux and
 * doc/purgatory-abi.md describe the state at the exit.
 *
 * Every reference is relative to the program counter, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "arm.h"

	.syntax	unified
	.arm

	purgatory_header 40 /* EM_ARM */, b purgatory_start

	.text
/*
 * Entry: a privileged mode or HYP, MMU and data cache off, every register arbitrary.
 * r4 to r6 keep the incoming r0 to r2 for the exit.
 */
	.type	purgatory_start, %function
purgatory_start:
	mrs	r3, cpsr
	orr	r3, r3, #MASK_IRQ_FIQ
	msr	cpsr_c, r3
	mov	r4, r0
	mov	r5, r1
	mov	r6, r2
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	ldr	r0, image_end
0:	add	r0, pc, r0
	ldr	r1, memory_end
1:	add	r1, pc, r1
	mov	r2, #0
2:	cmp	r0, r1		/* both are multiples of 16 */
	strlo	r2, [r0], #4
	blo	2b
	ldr	r0, stack_top
3:	add	sp, pc, r0

	adr	r0, no_way_back	/* first argument of purgatory() */
	bl	purgatory

	/* Exit: r0 points to a struct purgatory_arm_state. */
	mov	r3, r0
	ldr	r7, [r3, #STATE_KEEP]
	ldr	r0, [r3, #STATE_R0]
	ldr	r1, [r3, #STATE_R1]
	ldr	r2, [r3, #STATE_R2]
	tst	r7, #1
	movne	r0, r4
	tst	r7, #2
	movne	r1, r5
	tst	r7, #4
	movne	r2, r6
	ldr	pc, [r3, #STATE_PC]

	.balign	8
no_way_back:
	.long	0, 0		/* Linux has no preserve-context loads on arm */
	/* pc is two instructions ahead */
image_end:
	.long	purgatory_image_end - (0b + 8)
memory_end:
	.long	purgatory_memory_end - (1b + 8)
stack_top:
	.long	stack_end - (3b + 8)
	.size	purgatory_start, . - purgatory_start

/* Interrupts stay masked, so every exception is a fault of purgatory. */
	.balign	32
	.globl	vectors
vectors:
	.set	vector, 0
	.rept	8
	b	stubs + vector * 8
	.set	vector, vector + 1
	.endr
stubs:
	.set	vector, 0
	.rept	8
	mov	r0, #vector
	b	exception_common
	.set	vector, vector + 1
	.endr

exception_common:
	mov	r1, lr
	ldr	r2, stack_top_again
4:	add	sp, pc, r2
	bl	exception	/* (vector, lr), does not return */
stack_top_again:
	.long	stack_end - (4b + 8)

/* psci.h: firmware_hvc(function), firmware_smc(function). Firmware preserves callee-saved registers. */
	.macro	firmware_call name, instruction
	.globl	firmware_\name
	.type	firmware_\name, %function
firmware_\name:
	.inst	\instruction
	bx	lr
	.size	firmware_\name, . - firmware_\name
	.endm

	firmware_call hvc, 0xe1400070	/* hvc #0 */
	firmware_call smc, 0xe1600070	/* smc #0 */

	/* A page without code, because emulators are slow when a page of code is written. */
	.bss
	.balign	4096
stack:
	.skip	4096
	.globl	stack_end
stack_end:

	.section .note.GNU-stack, "", %progbits
