/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 32-bit code in a 64-bit file.  It runs at any address. */
#include "payload.h"

	.section .code32, "awx", @progbits
	.balign	16
	.globl	start_32, start_pvh, start_multiboot2
start_32:
	.incbin	"code_32.bin"
	.set	start_pvh, start_32 + ENTRY_PVH
	.set	start_multiboot2, start_32 + ENTRY_MULTIBOOT2

	.section .note.GNU-stack, "", @progbits
