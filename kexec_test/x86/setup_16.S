/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real-mode part of kexec_test.bzImage: the setup header, and code that saves its state, asks
 * the BIOS for the memory map and enters the 32-bit code as Linux does (Linux: arch/x86/boot.rst).
 */
#include "payload.h"
#include "arch/x86/zero_page.h"

#define CMDLINE_SIZE 2047
#define XLOADFLAGS (XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G | XLF_EFI_KEXEC | XLF_5LEVEL)
#define E820_TYPED 20
#define SMAP 0x534d4150
#define HEADER_END 0x26c

	.section .setup, "awx", @progbits
	.code16
setup:
	.org	HDR_SETUP_SECTS
	.byte	setup_sects
	.word	1			/* root_flags */
	.long	image_paragraphs	/* syssize */
	.word	0, 0xffff, 0
	.word	BOOT_FLAG
	.org	HDR_JUMP
	.byte	0xeb, start_16 - 1f
1:	.ascii	"HdrS"
	.word	0x020f
	.long	0			/* realmode_swtch */
	.word	0x1000
	.word	version - setup - 0x200
	.byte	0
	.byte	LOADFLAGS_LOADED_HIGH
	.word	0x8000			/* setup_move_size */
	.long	0x100000		/* code32_start */
	.long	0, 0, 0
	.word	stack_16 - setup - 0x200	/* heap_end_ptr */
	.word	0
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	4096			/* kernel_alignment */
	.byte	1			/* relocatable_kernel */
	.byte	12			/* min_alignment */
	.word	XLOADFLAGS
	.long	CMDLINE_SIZE
	.long	0, 0, 0			/* hardware_subarch */
	.long	0, 0			/* no payload */
	.quad	0			/* setup_data */
	.quad	0x100000		/* pref_address */
	.long	image_size		/* init_size */
	.long	0
	.long	0			/* no kernel_info */
	.org	HEADER_END

start_16:
	save_state_16_first
	movw	%cs, %ax		/* 0x20 more than the segment of the block */
	subw	$0x20, %ax
	movw	%ax, %ds
	save_state_16 state_16
	cli
	cld
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movl	$stack_16, %esp

	try_a20_16 state_16
	movw	$0x2401, %ax
	int	$0x15			/* enable A20 */
	cli

	xorl	%eax, %eax
	int	$0x12
	movl	%eax, state_16 + STATE_LOW_MEMORY

	movw	$setup + HDR_SETUP_SECTS, %si
	movw	$boot_params + HDR_SETUP_SECTS, %di
	movw	$HEADER_END - HDR_SETUP_SECTS, %cx
	rep movsb

	movw	$boot_params + BP_E820_TABLE, %di
	xorl	%ebx, %ebx
2:	movl	$0xe820, %eax
	movl	$SMAP, %edx
	movl	$E820_TYPED, %ecx
	int	$0x15
	jc	3f
	cmpl	$SMAP, %eax
	jne	3f
	addw	$E820_TYPED, %di
	incb	boot_params + BP_E820_ENTRIES
	cmpb	$BP_E820_MAX, boot_params + BP_E820_ENTRIES
	jae	3f
	testl	%ebx, %ebx
	jnz	2b

3:	cli
	xorl	%eax, %eax
	movw	%ds, %ax
	shll	$4, %eax
	leal	boot_params(%eax), %esi
	leal	state_16(%eax), %ebp
	addl	%eax, gdt_base
	addl	%eax, target
	movl	$FROM_REAL_MODE, %ebx
	lgdtl	gdt_pointer
	movl	%cr0, %edx
	orb	$1, %dl
	movl	%edx, %cr0
	.byte	0x66, 0xea		/* ljmpl */
target:	.long	4f
	.word	0x10
	.code32
4:	movl	$0x18, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %ss
	movl	%ecx, %fs
	movl	%ecx, %gs
	jmp	*HDR_CODE32_START(%eax)

	.balign	8
gdt:	.quad	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	31
gdt_base:
	.long	gdt
version:
	.ascii	"kexec_test "
	.asciz	PACKAGE_VERSION
	.balign	8
state_16:
	.skip	STATE_SIZE
boot_params:
	.skip	ZERO_PAGE_SIZE
	.skip	1024
stack_16:
	.balign	512

	.section .note.GNU-stack, "", @progbits
