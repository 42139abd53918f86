/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of a baked image, in the shape of a zImage (Linux: arch/arm/boot/compressed/head.S). */
#include "bake.h"
#include "arm.h"

	.syntax	unified
	.arm

	.section .bake.head, "awx", %progbits
	.globl	bake_image
	.type	bake_image, %object
bake_image:
	.rept	8
	mov	r0, r0
	.endr
	b	bake_entry
	.long	0x016f2818
	.long	0, 0		/* start and end: kexec writes the end */
	.long	0x04030201
	bake_header 40 /* EM_ARM */, 27

/* Entry: as Linux, MMU and data cache off, r1 the machine type, r2 points to the device tree. */
	.type	bake_entry, %function
bake_entry:
	mrs	r3, cpsr
	orr	r3, r3, #MASK_IRQ_FIQ
	msr	cpsr_c, r3
	mov	r4, r1
	ldr	r0, bake_image_end
0:	add	r0, pc, r0
	ldr	r1, bake_memory_end
1:	add	r1, pc, r1
	mov	r3, #0
2:	cmp	r0, r1		/* both are multiples of 16 */
	strlo	r3, [r0], #4
	blo	2b
	ldr	r0, bake_stack
3:	add	sp, pc, r0
	mov	r0, r2
	bl	bake_start
	mov	r1, r4
	b	purgatory_head
	/* pc is two instructions ahead */
bake_image_end:
	.long	purgatory_image_end - (0b + 8)
bake_memory_end:
	.long	purgatory_memory_end - (1b + 8)
bake_stack:
	.long	stack_end - (3b + 8)
	.size	bake_entry, . - bake_entry

	.section .note.GNU-stack, "", %progbits
