/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For assembly: the header at the start of the image (struct purgatory_header in
 * include/purgatory_abi.h).
 */
#ifndef PURGATORY_HEAD_H
#define PURGATORY_HEAD_H

#include "purgatory_abi.h"

/* clang-format off */

/* machine: ELF e_machine; branch: an instruction that jumps to the entry code. */
	.macro	purgatory_header machine, branch:vararg
	.section .purgatory.head, "awx", %progbits
	.globl	purgatory_head
	.type	purgatory_head, %object
purgatory_head:
	\branch
	.org	PURGATORY_HEADER_MAGIC
	.ascii	PURGATORY_MAGIC
	.short	PURGATORY_ABI_VERSION
	.short	PURGATORY_HEADER_SIZE
	.short	\machine
	.short	12		/* log2 of the alignment: 4096 */
	.long	purgatory_image_end - purgatory_head
	.long	purgatory_memory_end - purgatory_head
	.long	purgatory_params - purgatory_head
	.long	PURGATORY_PARAMS_SIZE
	.zero	16		/* applied_bias, reserved */
	.org	PURGATORY_HEADER_SIZE	/* an error if the header is longer */
	.size	purgatory_head, . - purgatory_head
	.endm

#endif
