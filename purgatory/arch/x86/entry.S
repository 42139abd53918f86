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

	purgatory_header 62 /* EM_X86_64 */, jmp purgatory_start

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
	leaq	gdt_64(%rip), %rax
	call	load_gdt
	call	purgatory

	/* Exit: rax points to a struct purgatory_x86_state. */
	movq	%rax, %rdi
	call	write_exit
	testb	%al, %al
	jnz	1f

	/* Purgatory is below 4 GiB. Bits of CR4, such as PCIDE, may forbid clearing bits of CR0. */
	movq	%cr4, %rax
	andl	$CR4_PAE | CR4_LA57 | CR4_MCE, %eax
	movq	%rax, %cr4
	leaq	exit_gdt(%rip), %rax
	call	load_gdt
	.code32			/* compatibility mode */
	movl	%cr0, %eax
	andl	$CR0_KEPT, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	btrl	$EFER_LME, %eax
	wrmsr
	movl	%cr4, %eax
	andl	$CR4_MCE, %eax	/* a TDX guest may not clear it */
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
	.globl	load_gdt
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

	exception_stubs iretq
exception_common:
	popq	%rdi
	movq	%rsp, %rsi
	andq	$-16, %rsp
	call	exception	/* (vector, frame), does not return */

	.section .note.GNU-stack, "", @progbits
