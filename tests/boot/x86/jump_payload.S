/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that Linux jumps to and that returns (kernel: arch/x86/kernel/relocate_kernel_64.S): it
 * is called in long mode, with the address to return to on the stack.  It overwrites the memory
 * that it was lent, and calls that address, so that the next jump continues after the call.
 */
#define PORT 0x3f8
#define READY 0x20

	.globl	_start
	.text
_start:
	popq	%rbp
	incb	number(%rip)
	leaq	text(%rip), %rsi
1:	movl	$PORT + 5, %edx
2:	inb	%dx, %al
	testb	$READY, %al
	jz	2b
	lodsb
	movl	$PORT, %edx
	outb	%al, %dx
	testb	%al, %al
	jnz	1b

	leaq	end(%rip), %rdi
	movl	$LENT_END, %ecx
	subq	%rdi, %rcx
	movb	$0x5a, %al
	rep stosb
	callq	*%rbp
	jmp	_start

text:	.ascii	"\r\nPAYLOAD entry "
number:	.asciz	"0\r\n"
end:

	.section .note.GNU-stack, "", @progbits
