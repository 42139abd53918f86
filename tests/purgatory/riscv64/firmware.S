/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware for the riscv64 test guest, for QEMU's -bios: starts the guest in S-mode
 * and then offers of SBI only what has been tried out on it.  Without LEGACY those are
 * DBCN and SRST, found by the base extension; with it, the console and the
 * shutdown of version 0.1, which has no base extension.
 */
	.equ	GUEST, 0x80200000
	.equ	UART, 0x10000000
	.equ	TEST_DEVICE, 0x100000
	.equ	RESET, 0x7777
	.equ	POWER_OFF, 0x5555
	.equ	ECALL_FROM_S, 9
	.equ	NOT_SUPPORTED, -2

	.option	norelax
	.text
	.globl	start
start:
	lla	t0, trap
	csrw	mtvec, t0
	/* Every exception but a call belongs to the guest. */
	li	t0, 0xffff & ~(1 << ECALL_FROM_S)
	csrw	medeleg, t0
	li	t0, 0x222
	csrw	mideleg, t0
	li	t0, -1
	csrw	pmpaddr0, t0
	csrw	mcounteren, t0
	li	t0, 0x1f		/* all of memory, by address and size: read, write, execute */
	csrw	pmpcfg0, t0
	li	t0, 1 << 11		/* MPP: S-mode */
	csrw	mstatus, t0
	li	t0, GUEST
	csrw	mepc, t0
	csrr	a0, mhartid
	mret

/* A call: a7 extension, a6 function, a0 argument. Changes a0 and a1 only. */
	.balign	4
trap:
	csrw	mscratch, t0
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	li	a1, 0
#ifdef LEGACY
	li	t0, 1
	beq	a7, t0, console
	li	t0, 8
	bne	a7, t0, unknown
	li	a0, POWER_OFF
	j	finish
#else
	li	t0, 0x10
	bne	a7, t0, 1f
	li	t0, 3
	bne	a6, t0, unknown
	li	a1, 1			/* an unknown extension would be 0 */
	li	t0, 0x4442434e
	beq	a0, t0, good
	li	t0, 0x53525354
	beq	a0, t0, good
	li	a1, 0
	j	good
1:	li	t0, 0x4442434e
	bne	a7, t0, 2f
	li	t0, 2
	beq	a6, t0, console
	j	unknown
2:	li	t0, 0x53525354
	bne	a7, t0, unknown
	bnez	a6, unknown
	li	t0, 1			/* cold reboot */
	bne	a0, t0, unknown
	li	a0, RESET
	j	finish
#endif

console:
	li	t0, UART
	sb	a0, (t0)
good:
	li	a0, 0
	j	out
unknown:
	li	a0, NOT_SUPPORTED
	li	a1, -1			/* means nothing */
out:
	csrr	t0, mscratch
	mret

finish:
	li	t0, TEST_DEVICE
	sw	a0, (t0)
1:	wfi
	j	1b

	.section .note.GNU-stack, "", %progbits
