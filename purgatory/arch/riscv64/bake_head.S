/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of a baked image, in the shape of a Linux Image (Linux: arch/riscv/boot-image-header.rst). */
#include "bake.h"

	.option	norelax
	.section .bake.head, "awx", %progbits
	.globl	bake_image
	.type	bake_image, %object
bake_image:
	.option	push
	.option	norvc
	j	bake_entry
	.option	pop
	.long	0
	.quad	0x200000	/* text_offset: firmware is at the start of RAM */
	.quad	0		/* image_size: kexec writes it */
	.quad	0		/* flags: little-endian */
	.long	2		/* header version 0.2 */
	.long	0
	.quad	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.long	0
	bake_header 243 /* EM_RISCV */, 21

/* Entry: as Linux, a0 the hart's id, a1 points to the device tree, satp 0. */
	.type	bake_entry, %function
bake_entry:
	csrci	sstatus, 2	/* SIE */
	csrw	sie, zero
	mv	s1, a0
	lla	t0, purgatory_image_end
	lla	t1, purgatory_memory_end
1:	bgeu	t0, t1, 2f
	sd	zero, (t0)
	addi	t0, t0, 8
	j	1b
2:	lla	sp, stack_end
	mv	a0, a1
	call	bake_start
	mv	a0, s1
	tail	purgatory_head
	.size	bake_entry, . - bake_entry

	.section .note.GNU-stack, "", %progbits
