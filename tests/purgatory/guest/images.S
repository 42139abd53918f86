/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images under test, as the script lists them: IMAGE name, file, address. */
#if __SIZEOF_POINTER__ == 8
#define POINTER .quad
#else
#define POINTER .long
#endif

	.macro	IMAGE name, file, address
	.section .images.data, "a", %progbits
1:	.incbin	"\file"
2:
	.balign	4
	.section .images.names, "a", %progbits
3:	.asciz	"\name"
	.section .images.table, "aw", %progbits
	POINTER	3b, 1b, 2b, \address
	.endm

	.section .images.data, "a", %progbits
	.balign	8
	.section .images.table, "aw", %progbits
	.balign	8
	.globl	images
images:
	.include "images.list"

	.section .images.table, "aw", %progbits
	.globl	images_end
images_end:

	.section .note.GNU-stack, "", %progbits
