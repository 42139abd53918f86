/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for QEMU that starts a baked image at PLACE by its 64-bit entry (Linux: arch/x86/boot.rst).
 * QEMU enters it as a PVH guest does (Xen: docs/misc/pvh.pandoc): 32-bit mode, ebx points to the start
 * info.
 */
#define INFO_RSDP 32
#define INFO_MAP 40
#define INFO_ENTRIES 48

#define BP_RSDP 0x70
#define BP_E820_ENTRIES 0x1e8
#define BP_E820_TABLE 0x2d0

#define MAPPED_GIB 8

	.section .note.pvh, "a", @note
	.long	4, 4, 18	/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	start

	.text
	.code32
	.globl	start
start:
	cld
	movl	$stack, %esp
	movl	INFO_RSDP(%ebx), %eax
	movl	%eax, boot_params + BP_RSDP
	movl	INFO_MAP(%ebx), %esi
	movl	INFO_ENTRIES(%ebx), %edx
	movb	%dl, boot_params + BP_E820_ENTRIES
	movl	$boot_params + BP_E820_TABLE, %edi
1:	movl	$5, %ecx
	rep movsl
	addl	$4, %esi
	decl	%edx
	jnz	1b

	movl	$directory_pointers + 3, tables
	movl	$directories + 3, %eax
	movl	$directory_pointers, %edi
	movl	$MAPPED_GIB, %ecx
2:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$8, %edi
	loop	2b
	movl	$0x83, %eax
	xorl	%edx, %edx
	movl	$directories, %edi
	movl	$MAPPED_GIB * 512, %ecx
3:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	adcl	$0, %edx
	loop	3b

	lgdt	gdt_pointer
	movl	$0x20, %eax	/* PAE */
	movl	%eax, %cr4
	movl	$tables, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	btsl	$8, %eax	/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmp	$0x10, $4f
	.code64
4:	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$boot_params, %esi
	movabsq	$PLACE + 0x200, %rax
	jmp	*%rax

	.balign	8
gdt:
	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	4096
boot_params:
	.skip	4096
tables:
	.skip	4096
directory_pointers:
	.skip	4096
directories:
	.skip	4096 * MAPPED_GIB
	.skip	256
stack:

	.section .note.GNU-stack, "", @progbits
