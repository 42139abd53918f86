/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: descriptor tables, the stack, and the step into real mode. */
#include "x86.h"

	.section .rodata, "a", @progbits
/* The start of exit_code, from protected to real mode. put_real_mode() adds the segment. */
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

	/* The accessed bits are set, so the CPU does not write to the tables. */
	.globl	gdt_64, gdt_below_4g
	.balign	8
gdt_64:
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
