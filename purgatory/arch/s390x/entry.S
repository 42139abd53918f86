/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entries and exits.  include/purgatory_abi.h describes the
 * header; doc/purgatory-abi.md describes the callers and their modes.
 *
 * Every reference is relative to the instruction, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "s390x.h"

#define STACK_FRAME 160

	purgatory_header 22 /* EM_S390 */, jg purgatory_start

	.text
/*
 * Entry: DAT off, supervisor state, key 0. With 31-bit addresses: a kernel restarted
 * the CPU, possibly in ESA mode, every register arbitrary. With 64-bit addresses and a
 * crash kernel in the parameters: a call. r2 = 0: verify and return the verdict in r2.
 */
	.type	purgatory_start, %function
purgatory_start:
	tam
	jo	1f
	/* Code 2: switch this CPU to z/Architecture. Rejected if it is in that mode. */
	lhi	%r1,2
	sigp	%r1,%r0,0x12
	sam64
	j	start_next
1:	larl	%r1,purgatory_params
	ltg	%r1,PARAMS_CRASH_SIZE(%r1)
	jz	start_next
	ltr	%r2,%r2
	jnz	start_next

	brasl	%r3,clear_bss
	larl	%r1,saved
	stmg	%r6,%r15,0(%r1)
	stnsm	80(%r1),0xf8	/* interruptions off, except in wait_external */
	larl	%r15,stack_end - STACK_FRAME
	brasl	%r14,check
	larl	%r1,saved
	ssm	80(%r1)
	lmg	%r6,%r15,0(%r1)
	br	%r14

start_next:
	brasl	%r3,clear_bss
	larl	%r1,saved
	stnsm	80(%r1),0xf8
	larl	%r15,stack_end - STACK_FRAME
	larl	%r2,no_way_back	/* first argument of purgatory() */
	brasl	%r14,purgatory
	lpswe	0(%r2)		/* a struct purgatory_s390x_state begins with a PSW */
	.size	purgatory_start, . - purgatory_start

/* Zeroes .bss, stack included: a loader of purgatory.bin does not. Changes r4, r5; returns by r3. */
	.type	clear_bss, %function
clear_bss:
	larl	%r4,purgatory_image_end
	larl	%r5,purgatory_memory_end
0:	clgr	%r4,%r5		/* both are multiples of 16 */
	jhe	1f
	xc	0(16,%r4),0(%r4)
	la	%r4,16(%r4)
	j	0b
1:	br	%r3
	.size	clear_bss, . - clear_bss

/* A loop instead of a wait state, because a wait state ends only with an interruption. */
	.globl	wait_external
	.type	wait_external, %function
wait_external:
	epsw	%r0,%r1		/* the handler keeps the interrupted mode */
	st	%r0,LC_EXT_NEW
	st	%r1,LC_EXT_NEW+4
	larl	%r1,2f
	stg	%r1,LC_EXT_NEW+8
	larl	%r1,saved
	stck	88(%r1)
	lg	%r3,88(%r1)
	stosm	81(%r1),0x01
1:	stck	88(%r1)
	lg	%r4,88(%r1)
	slgr	%r4,%r3
	clgr	%r4,%r2
	jl	1b
	stnsm	81(%r1),0xf8
	lghi	%r2,0
	br	%r14
2:	lghi	%r2,1
	br	%r14
	.size	wait_external, . - wait_external

	.globl	program_check
	.type	program_check, %function
program_check:
	larl	%r15,stack_end - STACK_FRAME	/* the old stack may have faulted */
	llgh	%r2,LC_PGM_CODE
	lg	%r3,LC_PGM_OLD+8
	brasl	%r14,exception	/* (code, address), does not return */
	.size	program_check, . - program_check

	.section .rodata, "a", %progbits
	.balign	8
no_way_back:
	.quad	0		/* Linux has no preserve-context loads on s390x */

	/* Pages without code, because emulators are slow when a page of code is written. */
	.bss
	.balign	4096
saved:	.skip	96		/* r6 to r15, the system mask, scratch */
	.skip	8192 - 96
stack_end:

	.section .note.GNU-stack, "", %progbits
