/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit.  include/purgatory_abi.h describes the
 * header; the 64-bit boot protocol (Documentation/arch/x86/boot.rst of Linux) and
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
	call	load_gdt
	call	purgatory

	/* Exit: rax points to a struct purgatory_x86_state. */
	pushq	STATE_IP(%rax)
	popq	next_ip(%rip)
	movq	STATE_RSP(%rax), %rcx
	leaq	stack_end(%rip), %rdx
	testq	%rcx, %rcx
	cmovz	%rdx, %rcx
	pushq	$2
	popfq			/* no later instruction changes the flags */
	movq	%rcx, %rsp
	movq	8(%rax), %rcx
	movq	16(%rax), %rdx
	movq	24(%rax), %rbx
	movq	40(%rax), %rbp
	movq	48(%rax), %rsi
	movq	56(%rax), %rdi
	movq	64(%rax), %r8
	movq	72(%rax), %r9
	movq	80(%rax), %r10
	movq	88(%rax), %r11
	movq	96(%rax), %r12
	movq	104(%rax), %r13
	movq	112(%rax), %r14
	movq	120(%rax), %r15
	movq	(%rax), %rax
	jmp	*next_ip(%rip)
	.size	purgatory_start, . - purgatory_start

/* Loads the descriptor table that the next kernel starts with. Keeps rdi. */
load_gdt:
	popq	%rdx
	leaq	gdt(%rip), %rax
	pushq	%rax
	pushw	$(gdt_end - gdt - 1)
	lgdt	(%rsp)
	addq	$10, %rsp
	movl	$DATA_SELECTOR, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
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

	/* The accessed bits are set, so the CPU does not write to the table. */
	.section .rodata, "a", @progbits
	.balign	8
gdt:
	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff	/* CODE_SELECTOR: 64-bit code */
	.quad	0x00cf93000000ffff	/* DATA_SELECTOR: flat data */
gdt_end:

	.bss
	.balign	16
next_ip:
	.skip	16
stack:
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
