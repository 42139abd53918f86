/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of the protected-mode part: 32-bit at its start, 64-bit 0x200 bytes later. */
#include "payload.h"

	.section .start, "ax", @progbits
	.code32
	movl	$entry_32_distance, SCRATCH_ENTRY
	jmp	start_32 + ENTRY_OTHER
	.org	0x200
	.code64
	jmp	start_64

	.section .note.GNU-stack, "", @progbits
