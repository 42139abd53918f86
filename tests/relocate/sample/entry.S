/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header and the way in, for every arch: ENTRY calls sample_main with the
 * registers that the arch's position-independent code expects, and ends the
 * process with what it returns.  The stack is the operating system's.
 */
#include "purgatory_abi.h"

#if defined(__x86_64__)
#define BRANCH jmp start
	.macro entry
	call	sample_main
	movl	%eax, %edi
	movl	$60, %eax
	syscall
	.endm
#elif defined(__i386__)
#define BRANCH jmp start
	.macro entry
	call	sample_main
	movl	%eax, %ebx
	movl	$1, %eax
	int	$0x80
	.endm
#elif defined(__aarch64__)
#define BRANCH b start
	.macro entry
	bl	sample_main
	mov	x8, #93
	svc	#0
	.endm
#elif defined(__arm__)
	.arm
#define BRANCH b start
	.macro entry
	bl	sample_main
	mov	r7, #1
	svc	#0
	.endm
#elif defined(__powerpc64__)
	.abiversion 2
#define BRANCH b start
	.macro entry
	bcl	20, 31, 1f
1:	mflr	12
	addis	2, 12, .TOC. - 1b@ha
	addi	2, 2, .TOC. - 1b@l
	bl	sample_main
	nop
	li	0, 1
	sc
	.endm
#elif defined(__powerpc__)
#define BRANCH b start
	.macro entry
	bl	sample_main
	li	0, 1
	sc
	.endm
#elif defined(__s390x__)
#define BRANCH jg start
	.macro entry
	aghi	%r15, -160
	brasl	%r14, sample_main
	svc	1
	.endm
#elif defined(__riscv)
#define BRANCH j start
	.macro entry
	call	sample_main
	li	a7, 93
	ecall
	.endm
#elif defined(__mips__) && defined(__mips64)
	.set	noreorder
#define BRANCH b start; nop
	.macro entry
	bal	1f
	nop
1:	.cpsetup $31, $2, 1b
	dla	$25, sample_main
	daddiu	$29, $29, -64
	jalr	$25
	nop
	move	$4, $2
	li	$2, 5058
	syscall
	.endm
#elif defined(__mips__)
	.set	noreorder
#define BRANCH b start; nop
	.macro entry
	bal	1f
	nop
1:	.cpload	$31
	la	$25, sample_main
	addiu	$29, $29, -32
	jalr	$25
	nop
	move	$4, $2
	li	$2, 4001
	syscall
	.endm
#elif defined(__loongarch64)
#define BRANCH b start
	.macro entry
	bl	sample_main
	ori	$a7, $zero, 93
	syscall	0
	.endm
#elif defined(__m68k__)
#define BRANCH bra.l start
	.macro entry
	bsr.l	sample_main
	move.l	%d0, %d1
	moveq	#1, %d0
	trap	#0
	.endm
#elif defined(__sh__)
#define BRANCH branch	/* bra reaches 4 KiB only */
	.macro branch
	mov.l	1f, r0
2:	braf	r0
	nop
	.balign 4
1:	.long	start - (2b + 4)
	.endm
	.macro entry
	mov.l	1f, r0
2:	bsrf	r0
	nop
	mov	r0, r4
	mov	#1, r3
	trapa	#0x11
	nop
	.balign 4
1:	.long	sample_main - (2b + 4)
	.endm
#elif defined(__hppa__)
#define BRANCH b start ! nop
	.macro entry
	b,l	.+8, %r19
	depwi	0, 31, 2, %r19
	addil	L%_GLOBAL_OFFSET_TABLE_ - $PIC_pcrel$0 + 8, %r19
	ldo	R%_GLOBAL_OFFSET_TABLE_ - $PIC_pcrel$0 + 12(%r1), %r19
	ldo	64(%r30), %r30
	b,l	sample_main, %r2
	nop
	copy	%r28, %r26
	ble	0x100(%sr2, %r0)
	ldi	1, %r20
	.endm
#elif defined(__alpha__)
	.set	noat
#define BRANCH br $31, start
	.macro entry
	br	$27, 1f
1:	ldgp	$29, 0($27)
	bsr	$26, sample_main !samegp
	mov	$0, $16
	lda	$0, 1($31)
	callsys
	.endm
#endif

	.section .purgatory.head, "awx", %progbits
	.globl	purgatory_head
purgatory_head:
	BRANCH
	.org	PURGATORY_HEADER_MAGIC
	.ascii	PURGATORY_MAGIC
	/* The rest of the header is laid down by the linker script. */

	.text
start:
	entry
