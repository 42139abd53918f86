/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit.  include/purgatory_abi.h describes the
 * header; Linux's boot protocol (Documentation/arch/x86/boot.rst) and
 * doc/purgatory-abi.md describe the state at the exit.
 *
 * Every reference is relative to the program counter, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "x86.h"

	.macro	set_data_segments
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	.endm

	purgatory_header 62 /* EM_X86_64 */, jmp purgatory_start

#define CR0_PE 0x1
#define CR0_ET 0x10
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000
#define CR4_PAE 0x20
#define CR4_LA57 0x1000
#define MSR_EFER 0xc0000080
#define EFER_LME 8

	.text
/*
 * Entry: long mode, identity-mapped, interrupts off or on, every register and the
 * descriptor tables arbitrary.  The incoming stack is not used.  purgatory() reads the
 * word at rsp only under PURGATORY_JUMP_BACK.
 */
	.type	purgatory_start, @function
purgatory_start:
	cli
	cld
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	leaq	purgatory_image_end(%rip), %rdi
	leaq	purgatory_memory_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	rep stosb

	movq	%rsp, %rdi	/* first argument of purgatory() */
	leaq	stack_end(%rip), %rsp
	pushq	$2		/* no trap flag, no nested task, no alignment checks */
	popfq
	leaq	gdt(%rip), %rax
	call	load_gdt
	call	purgatory

	/* Exit: rax points to a struct purgatory_x86_state. */
	movq	%rax, %rdi
	call	write_exit
	testb	%al, %al
	jnz	1f

	/* Purgatory is below 4 GiB. A bit of CR4 may forbid to clear one of CR0, PCIDE for example. */
	movq	%cr4, %rax
	andl	$CR4_PAE | CR4_LA57, %eax
	movq	%rax, %cr4
	leaq	exit_gdt(%rip), %rax
	call	load_gdt
	.code32			/* compatibility mode */
	movl	%cr0, %eax
	andl	$CR0_PE | CR0_ET | CR0_NW | CR0_CD, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	btrl	$EFER_LME, %eax
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	pushl	$2
	popfl			/* no later instruction changes the flags */
	jmp	exit_code
	.code64
1:	pushq	$2
	popfq
	jmp	exit_code
	.size	purgatory_start, . - purgatory_start

/* Loads the table at rax, and returns in the mode of its descriptor CODE_SELECTOR. Keeps rdi. */
load_gdt:
	popq	%rdx
	pushq	%rax
	pushw	$GDT_SIZE - 1
	lgdt	(%rsp)
	addq	$10, %rsp
	xorl	%eax, %eax
	lldt	%ax
	movb	$DATA_SELECTOR, %al
	set_data_segments
	pushq	$CODE_SELECTOR
	pushq	%rdx
	lretq

/*
 * One stub per vector.  The return address that its call pushes gives the vector.
 * An NMI (from a watchdog that saw no activity of the crashed kernel) is dropped.
 */
	.balign	EXCEPTION_STUB_SIZE
	.globl	exception_stubs
exception_stubs:
	.set	vector, 0
	.rept	EXCEPTIONS
	.balign	EXCEPTION_STUB_SIZE
	.if	vector - EXCEPTION_NMI
	call	exception_common
	.else
	iretq
	.endif
	.set	vector, vector + 1
	.endr

exception_common:
	popq	%rdi
	leaq	exception_stubs(%rip), %rax
	subq	%rax, %rdi
	shrl	$3, %edi
	movq	%rsp, %rsi
	andq	$-16, %rsp
	call	exception	/* (vector, frame), does not return */

	.section .rodata, "a", @progbits
/* The start of exit_code, from protected to real mode. Its last word, a segment, is not here. */
	.globl	to_real_mode, to_real_mode_end
to_real_mode:
	.code32
	movl	$REAL_MODE_DATA, %eax
	set_data_segments
	ljmp	$REAL_MODE_CODE, $1f - to_real_mode
	.code16
1:	movl	%cr0, %eax
	leal	-CR0_PE(%eax), %eax
	movl	%eax, %cr0
	.byte	0xea		/* ljmp */
	.word	to_real_mode_end + 2 - to_real_mode
to_real_mode_end:
	.code64

	/* The accessed bits are set, so the CPU does not write to the tables. */
	.globl	gdt_below_4g
	.balign	8
gdt:
	.quad	0
	.quad	0
gdt_below_4g:			/* its first descriptor cannot be used */
	.quad	0x00af9b000000ffff	/* CODE_SELECTOR: 64-bit code */
	.quad	0x00cf93000000ffff	/* DATA_SELECTOR: flat data */
	.quad	0x00cf9b000000ffff	/* below 4 GiB CODE_SELECTOR: 32-bit code */
	.quad	0x00cf93000000ffff	/* below 4 GiB DATA_SELECTOR */
	.quad	0x00009b000000ffff	/* REAL_MODE_CODE */
	.quad	0x000093000000ffff	/* REAL_MODE_DATA */

	.bss
	.globl	stack_end
	.balign	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
