/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of a baked image, in the shape of a Linux Image (Linux: arch/arm64/booting.rst). */
#include "bake.h"

#define IMAGE_FLAGS 0xa /* little-endian, pages of 4 KiB, anywhere in memory */

	.section .bake.head, "awx", %progbits
	.globl	bake_image
	.type	bake_image, %object
bake_image:
	b	bake_entry
	.long	0
	.quad	0		/* text_offset */
	.quad	0		/* image_size: kexec writes it */
	.quad	IMAGE_FLAGS
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0
	bake_header 183 /* EM_AARCH64 */, 21

/* Entry: as Linux, x0 points to the device tree, MMU off. */
	.type	bake_entry, %function
bake_entry:
	msr	daifset, #15
	adr	x1, purgatory_image_end
	adr	x2, purgatory_memory_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b
2:	msr	spsel, #1
	adr	x1, stack_end
	mov	sp, x1
	mov	x29, xzr
	bl	bake_start
	b	purgatory_head
	.size	bake_entry, . - bake_entry

/* bake_arch_sync(start, size): writes lines back and invalidates them, to the point of coherency. */
	.globl	bake_arch_sync
	.type	bake_arch_sync, %function
bake_arch_sync:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2	/* bytes of a line */
	add	x1, x0, x1
	sub	x2, x3, #1
	bic	x0, x0, x2
	dsb	sy
1:	cmp	x0, x1
	b.hs	2f
	dc	civac, x0
	add	x0, x0, x3
	b	1b
2:	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ret
	.size	bake_arch_sync, . - bake_arch_sync

	.section .note.GNU-stack, "", %progbits
