/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot sector of the test guest: reads the rest of the disk to GUEST_BASE and
 * enters it in long mode, with the first 8 GiB identity-mapped, or in 32-bit mode.
 */
#include "guest.h"

#ifdef __x86_64__
#define CODE 0x00af9b000000ffff
#else
#define CODE 0x00cf9b000000ffff
#endif

	.section .boot, "awx", @progbits
	.code16
	.globl	boot
boot:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$BOOT_SECTOR, %sp
	ljmp	$0, $1f
1:	sti
	/* 32 KiB at a time, each to a segment of its own. */
2:	movb	$0x42, %ah
	movw	$packet, %si
	int	$0x13
	jc	fail
	addw	$0x800, packet_segment
	addl	$64, packet_lba
	subw	$1, chunks
	jnz	2b
	cli
	movw	$0x2401, %ax
	int	$0x15		/* A20 */
	cli

#ifdef __x86_64__
	/* Page tables: 2 MiB pages. */
	movw	$PAGE_TABLES >> 4, %ax
	movw	%ax, %es
	xorw	%di, %di
	movw	$(2 + PAGE_DIRECTORIES) * 4096 / 4, %cx
	xorl	%eax, %eax
	rep stosl
	movl	$PAGE_TABLES + 0x1003, %es:0
	movl	$PAGE_TABLES + 0x2003, %eax
	movw	$0x1000, %di
	movw	$PAGE_DIRECTORIES, %cx
3:	movl	%eax, %es:(%di)
	addl	$0x1000, %eax
	addw	$8, %di
	loop	3b
	xorl	%eax, %eax
	xorl	%edx, %edx
	movw	$0x2000, %di
	movw	$PAGE_DIRECTORIES * 512, %cx
4:	movl	%eax, %ebx
	orb	$0x83, %bl
	movl	%ebx, %es:(%di)
	movl	%edx, %es:4(%di)
	addl	$0x200000, %eax
	adcl	$0, %edx
	addw	$8, %di
	loop	4b

	movl	$PAGE_TABLES, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orw	$0x100, %ax		/* LME */
	wrmsr
	lgdt	gdt_pointer
	movl	%cr0, %eax
	orl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmpl	$0x10, $GUEST_BASE
#else
	lgdt	gdt_pointer
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x10, $GUEST_BASE
#endif

fail:	hlt
	jmp	fail

	.balign	4
packet:	.byte	16, 0
	.word	64, 0
packet_segment:
	.word	GUEST_BASE >> 4
packet_lba:
	.quad	1
chunks:	.word	guest_chunks

	.balign	8
	.globl	gdt_pointer
gdt:	.quad	0, 0, CODE, 0x00cf93000000ffff, 0x00cf9b000000ffff
gdt_pointer:
	.word	39
	.long	gdt, 0

	.org	CONFIG_OFFSET
	.long	0, 0
	.org	510
	.word	0xaa55
