/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ppc64 test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.  Big-endian, whatever
 * the byte order of the purgatory is.  Lies below 2 GiB.
 */
#include "guest.h"

	.machine "ppc64"
	.abiversion 2

	.macro	load reg, symbol
	lis	\reg, \symbol@ha
	addi	\reg, \reg, \symbol@l
	.endm

	.macro	sixty_four_bits
	mfmsr	6
	li	7, 1
	sldi	7, 7, MSR_SF_SHIFT
	or	6, 6, 7
	mtmsrd	6
	isync
	.endm

	.section .start, "ax"
	.fill	LOW_WORDS, 4, LOW_WORD
	.org	0x100
	.globl	start
start:
	b	begin
	/* Every other vector is a fault of purgatory's, or of this guest's. */
	.rept	(0x2000 - 0x180) / 0x80
	.balign	0x80
	b	fault
	.endr
	.org	0x2000
begin:
	sixty_four_bits
	load	1, guest_stack_end - 64
	load	2, .TOC.
	bl	main
1:	b	1b

fault:
	load	1, guest_stack_end - 64
	load	2, .TOC.
	mfsrr0	3
	mfsrr1	4
	mfdar	5
	b	guest_fault

	.text
	.globl	hcall
hcall:
	sc	1
	blr

	.globl	read_msr
read_msr:
	mfmsr	3
	blr

/* enter(address, msr, cpu) */
	.globl	enter
enter:
	load	11, saved
	.irp	n, 1,2,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\n, 8 * \n(11)
	.endr
	mflr	0
	std	0, 0(11)
	mfcr	0
	std	0, 8 * 12(11)
	mtsrr0	3
	mtsrr1	4
	mr	4, 3
	mr	3, 5
	lis	0, 0x5bad		/* garbage, and not even aligned */
	ori	0, 0, 0xc0de
	.irp	n, 1,2,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	addi	\n, 0, \n
	.endr
	mtlr	0
	mtctr	0
	mtcr	0
	rfid

	.globl	payload
payload:
	load	11, report
	.irp	n, 3,4,5,6,7,8,9
	std	\n, 8 * (\n - 3)(11)
	.endr
	mfmsr	0
	std	0, 56(11)
	load	11, saved
	.irp	n, 1,2,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\n, 8 * \n(11)
	.endr
	ld	0, 8 * 12(11)
	mtcr	0
	ld	0, 0(11)
	mtlr	0
	blr

/* With 32 bits, and nothing but r3, r4 and lr: keeps the way back in the guest's stack. */
	.globl	rtas
rtas:
	mfmsr	5
	sixty_four_bits
	load	1, guest_stack_end - 64
	load	2, .TOC.
	mflr	0
	std	0, 32(1)
	std	5, 40(1)
	bl	rtas_called	/* (args, base, msr) */
	ld	0, 32(1)
	ld	5, 40(1)
	mtlr	0
	mtmsrd	5
	isync
	blr

	.data
	.balign	8
	.globl	report
report:	.skip	64
saved:	.skip	256

	.bss
	.balign	16
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", @progbits
