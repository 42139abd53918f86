/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arm64 test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.section .start, "ax"
	.globl	start
start:
	adr	x0, guest_stack_end
	mov	sp, x0
	bl	main
1:	wfi
	b	1b

	.text
	.globl	semihost
semihost:
	hlt	#0xf000
	ret

	.macro	own value, name
	mrs	x10, currentel
	cmp	x10, #CURRENT_EL2
	b.eq	102f
	b.hi	103f
	mrs	\value, \name\()_el1
	b	104f
102:	mrs	\value, \name\()_el2
	b	104f
103:	mrs	\value, \name\()_el3
104:
	.endm

/* read_system(registers): keeps x0 to x4. */
	.globl	read_system
read_system:
	add	x9, x0, #REG_SYSTEM
read_system_to_x9:
	own	x5, sctlr
	own	x6, vbar
	stp	x5, x6, [x9], #16
	own	x5, tcr
	own	x6, mair
	stp	x5, x6, [x9], #16
	own	x5, ttbr0
	mrs	x10, currentel
	mrs	x6, cpacr_el1
	cmp	x10, #CURRENT_EL2
	b.lo	1f
	b.hi	2f
	mrs	x6, cptr_el2
	b	1f
2:	mrs	x6, cptr_el3
1:	stp	x5, x6, [x9], #16
	mrs	x6, daif
	stp	x10, x6, [x9], #16
	mrs	x5, spsel
	mov	x6, xzr
	cmp	x10, #CURRENT_EL2
	b.ne	3f
	mrs	x6, hcr_el2
3:	stp	x5, x6, [x9]
	ret

/* enter(address) */
	.globl	enter
enter:
	adr	x1, saved
	stp	x19, x20, [x1], #16
	stp	x21, x22, [x1], #16
	stp	x23, x24, [x1], #16
	stp	x25, x26, [x1], #16
	stp	x27, x28, [x1], #16
	mov	x2, sp
	stp	x29, x30, [x1], #16
	str	x2, [x1]
	mov	x17, x0
	ldr	x0, entered_with_spsel
	cbnz	x0, 1f
	msr	spsel, #0
1:
	mov	x0, #0xbeef		/* not even aligned */
	mov	sp, x0
	ldr	x0, =0xbadc0ffee0ddf00d
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, x0
	.endr
	msr	daifclr, #15
	br	x17
	.ltorg

	.globl	payload
payload:
	adr	x9, report
	stp	x0, x1, [x9], #16
	stp	x2, x3, [x9], #16
	mov	x5, sp
	str	x5, [x9], #8
	bl	read_system_to_x9
	msr	spsel, #1
	adr	x1, saved
	ldp	x19, x20, [x1], #16
	ldp	x21, x22, [x1], #16
	ldp	x23, x24, [x1], #16
	ldp	x25, x26, [x1], #16
	ldp	x27, x28, [x1], #16
	ldp	x29, x30, [x1], #16
	ldr	x2, [x1]
	mov	sp, x2
	ret

	.balign	2048
	.globl	guest_vectors
guest_vectors:
	.rept	16
	.balign	128
	b	1f
	.endr
1:	adr	x0, guest_stack_end
	mov	sp, x0
	own	x0, esr
	own	x1, elr
	own	x2, far
	b	guest_fault

	.data
	.balign	16
	.globl	report, entered_with_spsel
report:	.skip	256
entered_with_spsel:
	.quad	1
saved:	.skip	128

	.bss
	.balign	16
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", %progbits
