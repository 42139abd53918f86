/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start of a baked image, in the shape of a vmlinux (System V ABI, "Object Files"; Linux:
 * arch/powerpc/booting.rst): one segment, which begins with the file's first byte.
 */
#include "bake.h"
#include "ppc64.h"

#ifdef __LITTLE_ENDIAN__
#define DATA_ORDER 1
#else
#define DATA_ORDER 2
#endif
#define CODE_SECTION 0x80 /* offset of the section headers */

	.machine "ppc64"
	.abiversion 2

/* An instruction for a CPU in the other byte order. */
	.macro	other word
#ifdef __LITTLE_ENDIAN__
	.byte	\word >> 24, (\word >> 16) & 255, (\word >> 8) & 255, \word & 255
#else
	.byte	\word & 255, (\word >> 8) & 255, (\word >> 16) & 255, \word >> 24
#endif
	.endm

	.section .bake.head, "awx", @progbits
	.globl	bake_image
	.type	bake_image, @object
bake_image:
	.ascii	"\177ELF"
	.byte	2, DATA_ORDER, 1, 0	/* 64 bits, version 1 */
	.quad	0
	.short	2, 21		/* ET_EXEC, EM_PPC64 */
	.long	1
	.quad	bake_entry - bake_image
	.quad	0x40, CODE_SECTION	/* program header, section headers */
	.long	2		/* ELFv2: the entry is no function descriptor */
	.short	0x40, 0x38, 1, 0x40, 2, 0
	/* Program header: PT_LOAD, all rights */
	.long	1, 7
	.quad	0, 0, 0
	.quad	0, 0		/* sizes in the file and in memory: kexec writes them */
	.quad	0x10000
	.org	CODE_SECTION
	.zero	0x40
	/* Firmware reads in the entry's section that it is code. */
	.long	0, 1		/* PROGBITS */
	.quad	6		/* ALLOC, EXECINSTR */
	.quad	0, 0, BAKE_PURGATORY
	.long	0, 0
	.quad	4, 0
	bake_header 21 /* EM_PPC64 */, 16

/*
 * Entry: as Linux, real mode, interrupts off, r3 points to the device tree, r8 and r9 are OPAL's
 * base and entry.  Firmware starts kernels of either byte order in its own.
 */
	.type	bake_entry, @function
bake_entry:
	b	.+8		/* tdi 0, 0, 72 in the other order, which does nothing */
	other	0x48000008	/* b .+8 */
	b	1f
	other	0x7d4000a6	/* mfmsr 10 */
	other	0x694a0001	/* xori 10, 10, MSR_LE */
	other	0x429f0005	/* bcl 20, 31, .+4 */
	other	0x7d6802a6	/* mflr 11 */
	other	0x396b0014	/* addi 11, 11, 1f - (.-4) */
	other	0x7d7a03a6	/* mtsrr0 11 */
	other	0x7d5b03a6	/* mtsrr1 10 */
	other	0x4c000024	/* rfid */
1:	mr	29, 3
	mr	30, 8
	mr	31, 9
	address	2, .TOC.
	address	4, purgatory_image_end - 8
	address	5, purgatory_memory_end - 8
	subf	5, 4, 5		/* a multiple of 16 */
	srdi	5, 5, 3
	mtctr	5
	li	0, 0
2:	stdu	0, 8(4)
	bdnz	2b
	address	4, bake_opal
	std	30, 0(4)
	std	31, 8(4)
	address	1, stack_end - 32
	mr	3, 29
	bl	bake_start
	bl	bake_cpu
	b	purgatory_head	/* r3: the hardware number of this CPU */
	.size	bake_entry, . - bake_entry

	.section .note.GNU-stack, "", @progbits
