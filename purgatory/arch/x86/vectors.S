/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: vector registers, after the hashing that uses them. */
	.text
	.globl	clear_vectors
clear_vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	pxor	%xmm\n, %xmm\n
	.endr
#ifdef __x86_64__
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	pxor	%xmm\n, %xmm\n
	.endr
#endif
	ret

	.section .note.GNU-stack, "", @progbits
