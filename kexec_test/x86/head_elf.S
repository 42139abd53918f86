/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headers of other conventions in the ELF files: multiboot 1 and 2, PVH.  The 32-bit file is loaded
 * as ELF.  For multiboot 1, which has no ELF64, the header of the 64-bit file contains addresses
 * and the 32-bit entry; for multiboot 2, a range that does not contain the file's own addresses.
 */
#include "payload.h"

#define MB1_MAGIC 0x1badb002
#define MB1_ALIGN 0x1
#define MB1_MEMORY 0x2
#define MB1_SCREEN 0x4
#define MB1_ADDRESSES 0x10000

#define MB2_MAGIC 0xe85250d6
#define OPTIONAL 1

	.section .multiboot, "a", @progbits
	.balign	8
	.globl	multiboot_header
multiboot_header:
#ifdef __x86_64__
#define FLAGS (MB1_ALIGN | MB1_MEMORY | MB1_SCREEN | MB1_ADDRESSES)
#else
#define FLAGS (MB1_ALIGN | MB1_MEMORY | MB1_SCREEN)
#endif
	.long	MB1_MAGIC, FLAGS, -(MB1_MAGIC + FLAGS)
#ifdef __x86_64__
	.long	multiboot_header, image_start, image_end, memory_end, start_32
#else
	.long	0, 0, 0, 0, 0
#endif
	.long	1, 80, 25, 0		/* text mode */

	.balign	8
multiboot2_header:
	.long	MB2_MAGIC, 0, 2f - multiboot2_header
	.long	-(MB2_MAGIC + (2f - multiboot2_header))
	.word	1, OPTIONAL		/* information request */
	.long	1f - . + 4, 1, 2, 3, 4, 6, 8, 14, 15
1:	.balign	8
	.word	5, OPTIONAL		/* framebuffer */
	.long	20, 80, 25, 0
	.balign	8
	.word	6, 0			/* modules begin at a page */
	.long	8
	.word	3, 0			/* entry */
	.long	12, start_multiboot2
	.balign	8
#ifdef __x86_64__
	.word	10, 0			/* relocatable */
	.long	24, 0x1000000, 0x7fffffff, 4096, 2
#endif
	.word	0, 0
	.long	8
2:

	.section .note.Xen, "a", @note
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	start_pvh

	.section .note.GNU-stack, "", @progbits
