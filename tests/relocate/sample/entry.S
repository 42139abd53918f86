/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header and the entry point.  entry.inc of each arch's folder defines BRANCH, which jumps to
 * start, and the macro entry: it calls sample_main with the registers that position-independent
 * code expects, and ends the process with the result.  The stack is the operating system's.
 */
#include "entry.inc"
#include "purgatory_abi.h"

	.section .purgatory.head, "awx", %progbits
	.globl	purgatory_head
purgatory_head:
	BRANCH
	.org	PURGATORY_HEADER_MAGIC
	.ascii	PURGATORY_MAGIC
	/* The rest of the header is written by the linker script. */

	.text
start:
	entry
