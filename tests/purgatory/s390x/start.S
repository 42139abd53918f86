/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The s390x test guest: its first instructions, the ways into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.section .start, "ax"
	.globl	start
start:
	larl	%r15,guest_stack_end - STACK_FRAME
	brasl	%r14,main

	.text
/* read_system(registers): changes r0, r1 and r3 only. */
	.globl	read_system
read_system:
	epsw	%r0,%r1
	st	%r0,0(%r2)
	st	%r1,4(%r2)
	stctg	%c0,%c15,REG_CR(%r2)
	stpx	REG_PREFIX(%r2)
	br	%r14

	.macro	garbage first, last
	.set	n, \first
	.rept	\last - \first + 1
	larl	%r1,garbage_word
	lg	%r1,0(%r1)
	aghi	%r1,n
	lgr	n,%r1
	.set	n, n + 1
	.endr
	.endm

	.macro	leave
	stmg	%r6,%r15,48(%r15)
	larl	%r1,saved
	stg	%r15,0(%r1)
	.endm

	.globl	enter_restarted
enter_restarted:
	leave
	oilh	%r2,0x8000
	llilh	%r3,0x0008
	st	%r3,0
	st	%r2,4
	lghi	%r0,0
	diag	%r0,%r0,0x308

	.globl	enter_31bit
enter_31bit:
	leave
	larl	%r1,saved
	st	%r2,8(%r1)
	garbage	2, 15
	larl	%r1,saved
	llgf	%r2,8(%r1)
	sam31
	lhi	%r1,0		/* to ESA/390, if the machine still has it */
	sigp	%r1,%r0,0x12
	lhi	%r0,-1
	br	%r2

	.globl	enter_crashed
enter_crashed:
	leave
	lgr	%r14,%r2
	garbage	3, 13
	lgr	%r15,%r3
	lghi	%r2,1
	br	%r14

	.globl	payload
payload:
	larl	%r2,report
	brasl	%r14,read_system
	sam64
	larl	%r1,saved
	lg	%r15,0(%r1)
	lmg	%r6,%r15,48(%r15)
	br	%r14

	.globl	check
check:
	leave
	larl	%r1,saved
	st	%r3,8(%r1)
	stpx	12(%r1)
	lgr	%r0,%r2
	spx	8(%r1)
	garbage	6, 15
	lgr	%r1,%r0
	lghi	%r2,0
	basr	%r14,%r1
	larl	%r1,report
	stg	%r2,8(%r1)
	stmg	%r6,%r15,REG_GPR+48(%r1)
	lgr	%r2,%r1
	larl	%r1,saved
	lg	%r15,0(%r1)
	brasl	%r14,read_system
	larl	%r1,saved
	spx	12(%r1)
	lmg	%r6,%r15,48(%r15)
	br	%r14

	.balign	8
	.globl	entry_point, entry_point_end
entry_point:
	larl	%r1,1f
	lg	%r1,0(%r1)
	br	%r1
	.balign	8
1:	.quad	payload
entry_point_end:

/* service_call(command, block): waits for the end. */
	.globl	service_call
service_call:
	lay	%r15,-STACK_FRAME(%r15)
	stctg	%c0,%c0,64(%r15)
	lghi	%r0,0x200	/* service signals only */
	stg	%r0,72(%r15)
	lctlg	%c0,%c0,72(%r15)
	larl	%r1,psw_64bit
	lg	%r0,0(%r1)
	stg	%r0,0x1b0
	larl	%r0,1f
	stg	%r0,0x1b8
	.insn	rre,0xb2200000,%r2,%r3
	jnz	1f
	larl	%r1,psw_wait
	lpswe	0(%r1)
1:	lctlg	%c0,%c0,64(%r15)
	la	%r15,STACK_FRAME(%r15)
	br	%r14

	.globl	program_fault
program_fault:
	larl	%r15,guest_stack_end - STACK_FRAME
	llgh	%r2,0x8e
	lg	%r3,0x158
	lghi	%r4,0
	brasl	%r14,guest_fault

	.data
	.balign	16
	.globl	report
report:	.skip	512
saved:	.skip	16
garbage_word:
	.quad	GARBAGE
psw_64bit:
	.quad	PSW_64BIT
	.balign	8
psw_wait:
	.quad	PSW_64BIT | 0x0102000000000000, 1b

	.bss
	.balign	16
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", %progbits
