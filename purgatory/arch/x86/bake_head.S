/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start of a baked image, in the shape of a bzImage (Linux: arch/x86/boot.rst) and of a
 * multiboot 1 and 2 kernel with addresses.  kexec writes sizes and addresses.
 */
#include "bake.h"
#include "bake_params.h"
#include "x86.h"

#define PROTOCOL 0x020f
#define SETUP_SECTORS 7
#define HEADER_END 0x26c
#define ALIGN_LOG2 21
#define PREF_ADDRESS 0x1000000
#define SCRATCH 0x1e4 /* of boot_params: one word for a boot loader */

#define MULTIBOOT1_HEADER 0x1badb002
#define MULTIBOOT1_FLAGS 0x10002 /* addresses; a memory map is needed */
#define MULTIBOOT2_HEADER 0xe85250d6
#define MULTIBOOT2_ADDRESSES 2
#define MULTIBOOT2_ENTRY 3
#define MULTIBOOT2_RELOCATABLE 10
#define LOWEST_FIRST 1

#define FIRST_TABLES_STACK (BAKE_ROOM_FIRST_TABLES + 0x8000)
#define PAGE_TABLE 0x3 /* present, writable */
#define PAGE_2M 0x83
#define CR0_PG_PE 0x80000001
#define CPUID_EXTENDED 0x80000001
#define CPUID_LONG_MODE 29 /* number of the bit in edx */

	.section .bake.head, "awx", %progbits
	.code16
	.type	bake_file, %object
bake_file:
	.org	0x1f1
	.byte	SETUP_SECTORS
	.short	0
	.long	0		/* syssize */
	.short	0, 0xffff, 0, 0xaa55
	.byte	0xeb, HEADER_END - 0x202
	.ascii	"HdrS"
	.short	PROTOCOL
	.long	0
	.short	0, bake_version - bake_file - 0x200
	.byte	0, 1		/* LOADED_HIGH */
	.short	0
	.long	0x100000, 0, 0, 0
	.short	0
	.byte	0, 0
	.long	0
	.long	0x7fffffff	/* initrd_addr_max */
	.long	1 << ALIGN_LOG2
	.byte	1, ALIGN_LOG2	/* relocatable */
	.short	3		/* xloadflags: 64-bit entry, also above 4 GiB */
	.long	2047		/* cmdline_size */
	.long	0
	.quad	0
	.long	0, 0
	.quad	0
	.quad	PREF_ADDRESS
	.long	0		/* init_size */
	.long	0
	.long	bake_kernel_info - bake_image
	.org	HEADER_END

/* The 16-bit entry: cs is 0x200 bytes after the start of the file. */
	.type	bake_real_mode, %function
bake_real_mode:
	cld
	movw	$bake_text - bake_file - 0x200, %si
	movw	$7, %bx
1:	lodsb	%cs:(%si), %al
	testb	%al, %al
	jz	2f
	movb	$0xe, %ah
	int	$0x10
	jmp	1b
2:	sti			/* the BIOS writes its last characters later */
	hlt
	jmp	2b
	.type	bake_text, %object
bake_text:
	.asciz	"This image needs a boot loader that uses the 32-bit or 64-bit protocol\r\n"
bake_version:
	.asciz	"baked"		/* kexec adds its version */
	.zero	32

	.org	BAKE_MAX_SKIP
	.globl	bake_image
	.type	bake_image, %function
	.code32
/* The 32-bit entry: esi points to boot_params; no stack. */
bake_image:
	cli
	xorl	%eax, %eax
	leal	SCRATCH(%esi), %ebx
	jmp	1f

/* The entry of multiboot 1 and 2: eax contains the magic number, ebx points to the information. */
bake_multiboot:
	cli
	movl	%ebx, %esi
1:	cld
	movl	(%ebx), %edx	/* a word becomes the stack, and gets its contents back */
	leal	4(%ebx), %esp
	call	2f
2:	popl	%ebp
	movl	%edx, (%ebx)
	subl	$2b - bake_image, %ebp
	movl	%eax, %ebx

	leal	BAKE_HEADER + BAKE_PARTS(%ebp), %edx
	movl	$BAKE_MAX_PARTS, %ecx
3:	cmpl	$0x646e6168, (%edx)	/* "hand" of "handover" */
	je	4f
	addl	$BAKE_PART_SIZE, %edx
	loop	3b
bake_no_way:
	hlt
	jmp	bake_no_way
4:	movl	BAKE_PART_OFFSET(%edx), %edi
	addl	%ebp, %edi
	leal	FIRST_TABLES_STACK(%edi), %esp
	addl	$BAKE_ROOM_FIRST_TABLES, %edi
	pushl	%ebx
	movl	$CPUID_EXTENDED - 1, %eax
	cpuid
	cmpl	$CPUID_EXTENDED, %eax
	jb	bake_no_way
	movl	$CPUID_EXTENDED, %eax
	cpuid
	btl	$CPUID_LONG_MODE, %edx
	jnc	bake_no_way
	popl	%ebx

	/* The first 4 GiB in pages of 2 MiB. */
	movl	%edi, %edx
	xorl	%eax, %eax
	movl	$0x6000 / 4, %ecx
	rep stosl
	leal	0x1000 + PAGE_TABLE(%edx), %eax
	movl	%eax, (%edx)
	addl	$0x4000, %eax
	movl	$4, %ecx
5:	movl	%eax, 0x1000 - 8(%edx, %ecx, 8)
	subl	$0x1000, %eax
	loop	5b
	jmp	6f

	.org	BAKE_MAX_SKIP + 0x200
	.code64
/* The 64-bit entry: rsi points to boot_params; all of it and the image are mapped. */
	.globl	bake_entry
	.type	bake_entry, %function
bake_entry:
	cli
	cld
	xorl	%ebx, %ebx
bake_long_mode:
	leaq	purgatory_image_end(%rip), %rdi
	leaq	purgatory_memory_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	rep stosb
	leaq	stack_end(%rip), %rsp
	leaq	gdt_64(%rip), %rax
	call	load_gdt
	pushq	%rsi
	pushq	%rbx
	movq	%rsp, %rdi	/* struct bake_starter */
	call	bake_start
	jmp	purgatory_head
	.size	bake_entry, . - bake_entry

	.code32
6:	leal	0x2000(%edx), %edi
	movl	$PAGE_2M, %eax
	movl	$4 * 512, %ecx
7:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	loop	7b

	leal	gdt_64 - bake_image(%ebp), %eax
	pushl	%eax
	pushw	$GDT_SIZE - 1
	lgdt	(%esp)
	addl	$6, %esp
	movl	%cr4, %eax
	andl	$CR4_MCE, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	%edx, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	btsl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG_PE, %eax
	movl	%eax, %cr0
	leal	8f - bake_image(%ebp), %eax
	pushl	$CODE_SELECTOR
	pushl	%eax
	lret
	.code64
8:	movl	%esi, %esi	/* the upper halves are undefined here */
	movl	%ebx, %ebx
	jmp	bake_long_mode

	.type	bake_kernel_info, %object
bake_kernel_info:
	.ascii	"LToP"
	.long	16, 16, BAKE_SETUP_RNG_SEED
	/* Offsets in the image, to which kexec adds the address of the image. */
	.org	BAKE_MAX_SKIP + BAKE_MULTIBOOT1
	.type	bake_multiboot_headers, %object
bake_multiboot_headers:
	.long	MULTIBOOT1_HEADER, MULTIBOOT1_FLAGS, -(MULTIBOOT1_HEADER + MULTIBOOT1_FLAGS)
	.long	BAKE_MULTIBOOT1, 0, 0, 0, bake_multiboot - bake_image
	.org	BAKE_MAX_SKIP + BAKE_MULTIBOOT2
9:	.long	MULTIBOOT2_HEADER, 0, bake_multiboot_end - 9b
	.long	-(MULTIBOOT2_HEADER + bake_multiboot_end - 9b)
	.short	MULTIBOOT2_ADDRESSES, 0
	.long	24, BAKE_MULTIBOOT2, 0, 0, 0
	.short	MULTIBOOT2_ENTRY, 0
	.long	12, bake_multiboot - bake_image, 0
	.short	MULTIBOOT2_RELOCATABLE, 0
	.long	24, 0, 0, 1 << ALIGN_LOG2, LOWEST_FIRST
	.short	0, 0
	.long	8
bake_multiboot_end:

	bake_header 62 /* EM_X86_64 */, ALIGN_LOG2, BAKE_MAX_SKIP

	.section .note.GNU-stack, "", %progbits
