/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arm test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.syntax	unified
	.arch	armv7-a
	.arm

	.section .start, "ax"
	.globl	start
start:
	ldr	sp, =guest_stack_end
	bl	main
1:	wfi
	b	1b

	.text
	.globl	semihost
semihost:
	svc	#0x123456
	bx	lr

/* read_system(registers): changes r0 to r3 only. */
	.globl	read_system
read_system:
	add	r0, r0, #REG_SYSTEM
	mrs	r1, cpsr
	and	r3, r1, #MODE_MASK
	cmp	r3, #MODE_HYP
	mrcne	p15, 0, r2, c1, c0, 0
	mrceq	p15, 4, r2, c1, c0, 0
	mrcne	p15, 0, r3, c12, c0, 0
	mrceq	p15, 4, r3, c12, c0, 0
	stm	r0, {r1, r2, r3}
	bx	lr

/* enter(address) */
	.globl	enter
enter:
	ldr	r1, =saved
	stm	r1, {r4-r11, sp, lr}
	mov	r12, r0
	ldr	r0, =GARBAGE
	add	r1, r0, #1
	add	r2, r0, #2
	add	sp, r0, #3		/* not even aligned */
	.irp	n, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr
	mov	\n, sp
	.endr
	cpsie	if
	bx	r12
	.ltorg

	.globl	payload
payload:
	ldr	r4, =report
	stm	r4, {r0, r1, r2}
	mov	r0, r4
	bl	read_system
	ldr	r1, =saved
	ldm	r1, {r4-r11, sp, pc}
	.ltorg

	.balign	32
	.globl	guest_vectors
guest_vectors:
	.rept	8
	b	1f
	.endr
1:	mov	r0, lr
	mrs	r1, cpsr
	mrs	r2, spsr
	ldr	sp, =guest_stack_end
	b	guest_fault
	.ltorg

	.data
	.balign	8
	.globl	report
report:	.skip	64
saved:	.skip	64

	.bss
	.balign	8
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", %progbits
