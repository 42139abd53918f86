/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a CPU at the first instruction of a payload, and macros that save it without a
 * change.  Purgatory's test guest saves its state by the same macros.
 */
#ifndef KEXEC_TEST_STATE_H
#define KEXEC_TEST_STATE_H

#define STATE_FLAGS 128
#define STATE_CR0 136
#define STATE_CR3 144
#define STATE_CR4 152
#define STATE_SEGMENTS 160 /* es cs ss ds fs gs, as instructions number them */
#define STATE_GDT 172
#define STATE_IDT 182
#define STATE_LDT 192
#define STATE_TR 194
#define STATE_MODE 196
#define STATE_MASKS 198
#define STATE_A20 200
#define STATE_LOW_MEMORY 204
#define STATE_SIZE 208

/* Addresses of the same memory if A20 is off.  Neither a loader nor a BIOS uses A20_LOW. */
#define A20_LOW 0x600
#define A20_HIGH 0x100600
#define A20_MARK 0x12345678

#ifdef __ASSEMBLER__

/* clang-format off */

/* 64-bit mode, into the block `to`.  Changes rax. */
	.macro	save_state_64 to
	movq	%rax, \to(%rip)
	movq	%rcx, \to+8(%rip)
	movq	%rdx, \to+16(%rip)
	movq	%rbx, \to+24(%rip)
	movq	%rsp, \to+32(%rip)
	movq	%rbp, \to+40(%rip)
	movq	%rsi, \to+48(%rip)
	movq	%rdi, \to+56(%rip)
	movq	%r8, \to+64(%rip)
	movq	%r9, \to+72(%rip)
	movq	%r10, \to+80(%rip)
	movq	%r11, \to+88(%rip)
	movq	%r12, \to+96(%rip)
	movq	%r13, \to+104(%rip)
	movq	%r14, \to+112(%rip)
	movq	%r15, \to+120(%rip)
	pushfq				/* on the stack of the caller */
	popq	\to+STATE_FLAGS(%rip)
	movq	%cr0, %rax
	movq	%rax, \to+STATE_CR0(%rip)
	movq	%cr3, %rax
	movq	%rax, \to+STATE_CR3(%rip)
	movq	%cr4, %rax
	movq	%rax, \to+STATE_CR4(%rip)
	movw	%es, \to+STATE_SEGMENTS(%rip)
	movw	%cs, \to+STATE_SEGMENTS+2(%rip)
	movw	%ss, \to+STATE_SEGMENTS+4(%rip)
	movw	%ds, \to+STATE_SEGMENTS+6(%rip)
	movw	%fs, \to+STATE_SEGMENTS+8(%rip)
	movw	%gs, \to+STATE_SEGMENTS+10(%rip)
	sgdt	\to+STATE_GDT(%rip)
	sidt	\to+STATE_IDT(%rip)
	sldt	\to+STATE_LDT(%rip)
	str	\to+STATE_TR(%rip)
	movw	$64, \to+STATE_MODE(%rip)
	.endm

/* Parts of the two states below.  The second macro changes eax. */
	.macro	save_general to
	movl	%ecx, \to+8
	movl	%edx, \to+16
	movl	%ebx, \to+24
	movl	%esp, \to+32
	movl	%ebp, \to+40
	movl	%esi, \to+48
	movl	%edi, \to+56
	.endm

	.macro	save_control to
	movl	%cr0, %eax
	movl	%eax, \to+STATE_CR0
	movl	%cr3, %eax
	movl	%eax, \to+STATE_CR3
	movl	%cr4, %eax
	movl	%eax, \to+STATE_CR4
	movw	%es, \to+STATE_SEGMENTS
	movw	%cs, \to+STATE_SEGMENTS+2
	movw	%ss, \to+STATE_SEGMENTS+4
	movw	%fs, \to+STATE_SEGMENTS+8
	movw	%gs, \to+STATE_SEGMENTS+10
	.endm

/*
 * Protected mode with flat segments, into the block at the address `to`.  `stack`: for one word,
 * if there may be no stack.  Changes eax, and then esp.
 */
	.macro	save_state_32 to, stack
	movl	%eax, \to
	save_general \to
	.ifnb	\stack
	movl	$\stack, %esp
	.endif
	pushfl
	popl	\to+STATE_FLAGS
	save_control \to
	movw	%ds, \to+STATE_SEGMENTS+6
	sgdt	\to+STATE_GDT
	sidt	\to+STATE_IDT
	sldt	\to+STATE_LDT
	str	\to+STATE_TR
	movw	$32, \to+STATE_MODE
	.endm

/*
 * Real mode.  The first macro saves ds, eax and the flags on the stack of the caller; then
 * ds is set to the segment of the block.  Changes eax.
 */
	.macro	save_state_16_first
	pushfl
	pushw	%ds
	pushl	%eax
	.endm

	.macro	save_state_16 to
	popl	\to
	popw	\to+STATE_SEGMENTS+6
	popl	\to+STATE_FLAGS
	save_general \to
	save_control \to
	sgdtl	\to+STATE_GDT
	sidtl	\to+STATE_IDT
	movw	$16, \to+STATE_MODE
	inb	$0x21, %al
	movb	%al, \to+STATE_MASKS
	inb	$0xa1, %al
	movb	%al, \to+STATE_MASKS+1
	.endm

/* Real mode, `to` as above.  Changes eax, fs and gs. */
	.macro	try_a20_16 to
	xorw	%ax, %ax
	movw	%ax, %fs
	movw	$0xffff, %ax
	movw	%ax, %gs
	movl	$A20_MARK, %fs:A20_LOW
	movl	$0, %gs:A20_HIGH - 0xffff0
	movl	%fs:A20_LOW, %eax
	movl	%eax, \to+STATE_A20
	.endm

#else

#include <stdint.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };
enum { ES, CS, SS, DS, FS, GS };

/* Modes with smaller registers write only the lower bytes, also of gdt.base and idt.base. */
struct state {
	uint64_t reg[16];
	uint64_t flags;
	uint64_t cr0, cr3, cr4;
	uint16_t segment[6];
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdt, idt;
	uint16_t ldt, tr; /* not in real mode */
	uint16_t mode; /* 16, 32 or 64 */
	uint16_t masks; /* real mode: of both interrupt controllers */
	uint32_t a20; /* real mode: A20_MARK, or what was written above 1 MiB */
	uint32_t low_memory; /* real mode: KiB, from the BIOS */
};

_Static_assert(sizeof(struct state) == STATE_SIZE, "the macros know the same size");

#endif /* __ASSEMBLER__ */
#endif
