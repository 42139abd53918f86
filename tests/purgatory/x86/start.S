/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

	.section .start, "ax", @progbits
#ifdef __x86_64__
	.code64
#else
	.code32
#endif
	.globl	start
start:
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
 * Functions with one argument, a pointer: load and store the SSE registers, 16 bytes each, or the
 * AVX registers, 32 bytes each.
 */
#ifdef __x86_64__
#define MEMORY %rdi
#define VECTORS 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.macro	get_memory
	.endm
#else
#define MEMORY %eax
	.macro	get_memory
	movl	4(%esp), %eax
	.endm
#define VECTORS 0, 1, 2, 3, 4, 5, 6, 7
#endif
	.macro	for_vectors move:vararg
	.irp	n, VECTORS
	\move	\n
	.endr
	.endm
	.macro	load_sse n
	movdqu	\n * 16(MEMORY), %xmm\n
	.endm
	.macro	store_sse n
	movdqu	%xmm\n, \n * 16(MEMORY)
	.endm
	.macro	load_avx n
	vmovdqu	\n * 32(MEMORY), %ymm\n
	.endm
	.macro	store_avx n
	vmovdqu	%ymm\n, \n * 32(MEMORY)
	.endm
	.irp	move, load_sse, store_sse, load_avx, store_avx
	.globl	vectors_\move
vectors_\move:
	get_memory
	for_vectors \move
	ret
	.endr

#ifdef __x86_64__
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
	save_state_64 report
	movl	$0xc0000080, %ecx
	rdmsr
	movl	%eax, report_efer

come_back:
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
#else
	.globl	enter
enter:
	movl	4(%esp), %eax
	movl	%eax, target
	pushal
	movl	%esp, saved_sp
	lgdt	nothing
	lidt	nothing
	movl	entered_with_cr4, %eax
	movl	%eax, %cr4
	movl	entered_with_cr0, %eax
	movl	%eax, %cr0
	movl	$0xe0ddf00d, %eax
	movl	%eax, %ebx
	movl	%eax, %ecx
	movl	%eax, %edx
	movl	%eax, %esi
	movl	%eax, %edi
	movl	%eax, %ebp
	pushl	$0xcd7			/* overflow, direction, sign, ... and carry */
	popfl
	movl	entered_with_sp, %esp
	jmp	*target

come_back:
	cld
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	saved_sp, %esp
	popal
	ret

	.globl	payload
payload:
#endif

/* A kernel that starts in protected mode. */
	.code32
	.globl	payload32
payload32:
	save_state_32 report
	/* The limit is 4 GiB in every segment. With A20 the addresses are not the same. */
	movl	%ss:0xfffffff0, %eax
	movl	$A20_MARK, %gs:A20_LOW
	movl	$0, %fs:A20_HIGH
	movl	%es:A20_LOW, %eax
	movl	%eax, report+STATE_A20

end_payload:
#ifdef __x86_64__
	movl	$0xc0000080, %ecx
	rdmsr
	movl	%eax, report_efer
	orb	$1, %ah			/* LME */
	wrmsr
	movl	$PAGE_TABLES, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0x80000001, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$0x10, $come_back
#else
	lgdt	gdt_pointer
	ljmp	$0x10, $come_back
#endif

/*
 * A kernel that starts in real mode, and calls the BIOS. The host puts REAL_MODE_IP bytes between
 * the segment that the kernel starts in and its first instruction.
 */
	.code16
	.balign	16
	.globl	payload16
payload16:
	save_state_16_first
	movw	$report_segment, %ax
	movw	%ax, %ds
	save_state_16 0
	try_a20_16 0

	/* The BIOS counts the ticks of its timer, and reports the size of low memory. */
	sti
	movl	%fs:BIOS_TICKS, %eax
	movl	$100000000, %ecx
1:	movl	%fs:BIOS_TICKS, %ebx
	subl	%eax, %ebx
	cmpl	$2, %ebx
	jae	2f
	decl	%ecx
	jnz	1b
2:	movl	%ebx, report_ticks - report
	xorl	%eax, %eax
	int	$0x12
	movl	%eax, STATE_LOW_MEMORY
	cli

	lgdtl	%fs:gdt_pointer
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x20, $3f
	.code32
3:	movl	$0x18, %eax
	movl	%eax, %ds
	jmp	end_payload

	.data
	.balign	8
	.globl	report, report_efer, report_ticks, entered_with_sp, entered_with_cr0, entered_with_cr4
	.balign	16
report:	.skip	STATE_SIZE
report_efer:
	.quad	0
report_ticks:
	.quad	0
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
