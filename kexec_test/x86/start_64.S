/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry in 64-bit mode, at any address. */
#include "payload.h"

	.section .start64, "ax", @progbits
	.code64
	.globl	start_64
start_64:
	save_state_64 saved_state
	cld
	leaq	stack_end(%rip), %rsp
	leaq	saved_state(%rip), %rdi
	leaq	entry_64(%rip), %rsi
	call	run_64

	.bss
	.balign	16
saved_state:
	.skip	STATE_SIZE
	.skip	8192
	.balign	16
stack_end:

	.section .note.GNU-stack, "", @progbits
