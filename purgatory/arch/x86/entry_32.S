/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i386: the image's header, entry and exit.  include/purgatory_abi.h describes the
 * header, doc/purgatory-abi.md the state at the exit.
 *
 * Every address is computed from that of the entry, so the image runs at any address without
 * relocation.
 */
#include "head.h"
#include "x86.h"

	purgatory_header 3 /* EM_386 */, jmp purgatory_start

	.text
/*
 * Entry: protected mode, flat segments, no paging, interrupts off or on, every register and the
 * descriptor tables arbitrary, except that one word can be pushed.
 */
	.type	purgatory_start, @function
purgatory_start:
	cli
	cld
	movl	%esp, %edx
	call	1f
1:	popl	%ebx
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	leal	purgatory_image_end - 1b(%ebx), %edi
	leal	purgatory_memory_end - 1b(%ebx), %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb

	leal	stack_end - 1b(%ebx), %esp
	pushl	%edx
	pushl	$2		/* no trap flag, no nested task, no alignment checks */
	popfl
	leal	gdt_below_4g - 1b(%ebx), %eax
	call	load_gdt
	popl	%eax		/* argument of purgatory() */
	call	purgatory

	/* Exit: eax points to a struct purgatory_x86_state. */
	call	write_exit
	leal	exit_gdt - 1b(%ebx), %eax
	call	load_gdt
	movl	%cr0, %eax
	andl	$CR0_KEPT, %eax
	movl	%eax, %cr0
	movl	%cr4, %eax
	andl	$CR4_MCE, %eax
	movl	%eax, %cr4
	pushl	$2
	popfl			/* no later instruction changes the flags */
	jmp	exit_code
	.size	purgatory_start, . - purgatory_start

/* Loads the table at eax, and returns to its descriptor CODE_SELECTOR. Keeps ebx. */
load_gdt:
	popl	%edx
	pushl	%eax
	pushw	$GDT_SIZE - 1
	lgdt	(%esp)
	addl	$6, %esp
	xorl	%eax, %eax
	lldt	%ax
	movb	$DATA_SELECTOR, %al
	set_data_segments
	pushl	$CODE_SELECTOR
	pushl	%edx
	lret

	exception_stubs iret
exception_common:
	popl	%eax
	movl	%esp, %edx
	call	exception	/* (vector, frame), does not return */

	.section .note.GNU-stack, "", @progbits
