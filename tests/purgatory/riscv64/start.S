/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The riscv64 test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.option	norelax

	.section .start, "ax"
	.globl	start
start:
	lla	sp, guest_stack_end
	lla	t0, guest_vector
	csrw	stvec, t0
	call	main
1:	wfi
	j	1b

	.text
	.macro	for_saved operation, base
	\operation	ra, 0(\base)
	\operation	sp, 8(\base)
	\operation	gp, 16(\base)
	\operation	tp, 24(\base)
	\operation	s0, 32(\base)
	\operation	s1, 40(\base)
	\operation	s2, 48(\base)
	\operation	s3, 56(\base)
	\operation	s4, 64(\base)
	\operation	s5, 72(\base)
	\operation	s6, 80(\base)
	\operation	s7, 88(\base)
	\operation	s8, 96(\base)
	\operation	s9, 104(\base)
	\operation	s10, 112(\base)
	\operation	s11, 120(\base)
	.endm

	.globl	enter
enter:
	lla	t0, saved
	for_saved sd, t0
	mv	t6, a0
	li	t0, ALL_INTERRUPTS
	csrw	sie, t0
	beqz	a1, 1f
	csrw	stvec, t6
	li	t6, UNMAPPED
	csrci	sstatus, 2
	csrsi	sip, 2		/* purgatory must not let it through */
	j	2f
1:	csrsi	sstatus, 2
2:
	li	t0, 0xbadc0ffee0ddf00d	/* not even aligned */
	.irp	name, ra,sp,gp,tp,t1,t2,t3,t4,t5,a1,a2,a3,a4,a5,a6,a7
	mv	\name, t0
	.endr
	.irp	name, s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11
	mv	\name, t0
	.endr
	li	a0, HART
	jr	t6

	.globl	payload
payload:
	lla	t0, report
	sd	a0, 0(t0)
	sd	a1, 8(t0)
	sd	a2, 16(t0)
	sd	a3, 24(t0)
	sd	sp, 32(t0)
	csrr	t1, satp
	sd	t1, 40(t0)
	csrr	t1, sie
	sd	t1, 48(t0)
	lla	t1, guest_vector
	csrrw	t1, stvec, t1
	sd	t1, 56(t0)
	csrr	t1, sstatus
	sd	t1, 64(t0)
	lla	t0, saved
	for_saved ld, t0
	ret

	.globl	faulty_payload
faulty_payload:
	li	t0, UNMAPPED
	ld	t0, (t0)

	.balign	4
guest_vector:
	lla	sp, guest_stack_end
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	call	guest_fault

	.data
	.balign	16
	.globl	report
report:	.skip	128
saved:	.skip	128

	.bss
	.balign	16
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", %progbits
