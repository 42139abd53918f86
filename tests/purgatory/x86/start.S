/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.section .start, "ax", @progbits
	.code64
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$BOOT_SECTOR, %esp
	call	main
1:	hlt
	jmp	1b

	.text
/*
 * enter(address): registers full of garbage, direction flag set, no descriptor
 * tables. rsp is what the test asks for.
 */
	.globl	enter
enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_sp(%rip)
	movq	%rdi, target(%rip)
	lgdt	nothing(%rip)
	lidt	nothing(%rip)
	movq	entered_with_cr4(%rip), %rax
	movq	%rax, %cr4
	movq	entered_with_cr0(%rip), %rax
	movq	%rax, %cr0
	movq	$0xbadc0ffee0ddf00d, %rax
	movq	%rax, %rbx
	movq	%rax, %rcx
	movq	%rax, %rdx
	movq	%rax, %rsi
	movq	%rax, %rdi
	movq	%rax, %rbp
	movq	%rax, %r8
	movq	%rax, %r9
	movq	%rax, %r10
	movq	%rax, %r11
	movq	%rax, %r12
	movq	%rax, %r13
	movq	%rax, %r14
	movq	%rax, %r15
	pushq	$0xcd7			/* overflow, direction, sign, ... and carry */
	popfq
	movq	entered_with_sp(%rip), %rsp
	jmp	*target(%rip)

	.globl	payload
payload:
	movq	%rax, report(%rip)
	movq	%rcx, report+8(%rip)
	movq	%rdx, report+16(%rip)
	movq	%rbx, report+24(%rip)
	movq	%rsp, report+32(%rip)
	movq	%rbp, report+40(%rip)
	movq	%rsi, report+48(%rip)
	movq	%rdi, report+56(%rip)
	movq	%r8, report+64(%rip)
	movq	%r9, report+72(%rip)
	movq	%r10, report+80(%rip)
	movq	%r11, report+88(%rip)
	movq	%r12, report+96(%rip)
	movq	%r13, report+104(%rip)
	movq	%r14, report+112(%rip)
	movq	%r15, report+120(%rip)
	pushfq				/* on the stack that was handed over */
	popq	report+128(%rip)
	movq	%cr0, %rax
	movq	%rax, report+136(%rip)
	movq	%cr4, %rax
	movq	%rax, report+144(%rip)
	movl	$0xc0000080, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, report+152(%rip)
	movw	%cs, report+160(%rip)
	movw	%ds, report+162(%rip)
	movw	%es, report+164(%rip)
	movw	%ss, report+166(%rip)
	movw	%fs, report+168(%rip)
	movw	%gs, report+170(%rip)
	sgdt	report+172(%rip)
	sidt	report+182(%rip)

	cld
	lgdt	gdt_pointer
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movq	saved_sp(%rip), %rsp
	pushq	$0x10
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.data
	.balign	8
	.globl	report, entered_with_sp, entered_with_cr0, entered_with_cr4
report:	.skip	192
entered_with_sp:
	.quad	0
entered_with_cr0:
	.quad	0
entered_with_cr4:
	.quad	0
saved_sp:
	.quad	0
target:	.quad	0
nothing:
	.skip	10
