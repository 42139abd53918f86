/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries in 32-bit mode.  The code runs at any address, and changes no register before it is
 * saved.
 */
#include "payload.h"

	.section .start, "ax", @progbits
	.code32
	.globl	start_32
start_32:
	movl	$0, SCRATCH_ENTRY
	jmp	save
	.org	ENTRY_PVH
	.globl	start_pvh
start_pvh:
	movl	$ENTRY_PVH, SCRATCH_ENTRY
	jmp	save
	.org	ENTRY_MULTIBOOT2
	.globl	start_multiboot2
start_multiboot2:
	movl	$ENTRY_MULTIBOOT2, SCRATCH_ENTRY
	jmp	save
	.org	ENTRY_OTHER
save:
	save_state_32 SCRATCH, SCRATCH_STACK
	cld
	call	1f
1:	popl	%eax
	leal	stack_end - 1b(%eax), %esp
	leal	start_32 - 1b(%eax), %eax
	movl	SCRATCH_ENTRY, %edx
	addl	%edx, %eax
	pushl	%edx
	pushl	%eax
	pushl	$SCRATCH
	call	run_32

	.bss
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", @progbits
