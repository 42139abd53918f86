/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit.  include/purgatory_abi.h describes the
 * header; Documentation/arch/powerpc/booting.rst of Linux and doc/purgatory-abi.md
 * describe the state at the exit.
 *
 * ELFv2 in the byte order of the kernel that calls purgatory.  Every reference is
 * relative to the program counter or to r2, which is computed from it, so the image
 * runs at any address without relocation.
 *
 * Purgatory has no exception vectors.  Their place is at physical addresses from 0x100 on,
 * which may contain memory of a crashed kernel that is not copied yet.  The other CPUs
 * execute the code below 0x100.
 */
#include "head.h"
#include "ppc64.h"

	.machine "ppc64"
	.abiversion 2

	purgatory_header 21 /* EM_PPC64 */, b purgatory_start
	/* When purgatory runs, the next kernel's first bytes are here, except for the branch. */
	.org	PURGATORY_PPC64_HEAD

	.text
/*
 * Entry: real mode, 64 bits, interrupts off, r3 the hardware number of this CPU,
 * every other register arbitrary.
 */
	.type	purgatory_start, @function
purgatory_start:
	or	1, 1, 1		/* low priority, so that the other threads reach their new code */
	mr	31, 3
	address	2, .TOC.
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	address	4, purgatory_image_end - 8
	address	5, purgatory_memory_end - 8
	subf	5, 4, 5		/* a multiple of 16 */
	srdi	5, 5, 3
	mtctr	5
	li	0, 0
1:	stdu	0, 8(4)
	bdnz	1b
	address	4, entry_cpu
	std	31, 0(4)
	address	1, stack_end - 32 /* a frame with nothing before it */
	mr	3, 1		/* first argument of purgatory(): points to 0, no way back */
	bl	purgatory

	/* Exit: r3 points to the struct purgatory_params. */
	or	2, 2, 2		/* normal priority */
	lis	4, 1		/* time for the other threads, which may share this core */
	mtctr	4
2:	bdnz	2b
	mr	11, 3
	ld	12, STATE_PC(11)
	ld	3, STATE_R3 + 0(11)
	ld	4, STATE_R3 + 8(11)
	ld	5, STATE_R3 + 16(11)
	ld	6, STATE_R3 + 24(11)
	ld	7, STATE_R3 + 32(11)
	ld	8, STATE_R3 + 40(11)
	ld	9, STATE_R3 + 48(11)
	sync			/* complete all stores first */
	isync
#ifdef __LITTLE_ENDIAN__
	mfmsr	10
	clrrdi	10, 10, 1	/* MSR_LE */
	mtsrr0	12
	mtsrr1	10
	rfid
#else
	mtctr	12		/* not rfid, which some CPUs of big-endian kernels lack */
	bctr
#endif
	.size	purgatory_start, . - purgatory_start

/* rtas_enter(call) */
	.globl	rtas_enter
	.type	rtas_enter, @function
rtas_enter:
	mr	11, 3
	address	5, rtas_failed
	ld	12, RTAS_CALL_ENTRY(11)
	ld	4, RTAS_CALL_BASE(11)
	addi	3, 11, RTAS_CALL_ARGS
	mtlr	5
	mfmsr	6
	li	7, MSR_LE | MSR_RI | MSR_DR | MSR_IR
	ori	7, 7, MSR_EE
	andc	6, 6, 7
	clrldi	6, 6, 1		/* MSR_SF: 32 bits */
	sync
	mtsrr0	12
	mtsrr1	6
	rfid
	/* RTAS returns here in big-endian mode: big-endian instructions in any image. */
rtas_failed:
	.byte	0x7c, 0x21, 0x0b, 0x78	/* or 1, 1, 1 */
	.byte	0x4b, 0xff, 0xff, 0xfc	/* b .-4 */
	.size	rtas_enter, . - rtas_enter

/*
 * Functions that compilers call to save and restore the registers from \n on,
 * as the ELFv2 ABI defines them (section 2.3.3).  They also save and restore lr, by r0.
 */
	.macro	save_from n
	.globl	_savegpr0_\n
	.hidden	_savegpr0_\n
_savegpr0_\n:
	std	\n, -8 * (32 - \n)(1)
	.endm

	.macro	restore_from n
	.globl	_restgpr0_\n
	.hidden	_restgpr0_\n
_restgpr0_\n:
	ld	\n, -8 * (32 - \n)(1)
	.endm

	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	save_from \n
	.endr
	std	0, 16(1)
	blr

	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	restore_from \n
	.endr
	ld	0, 16(1)
	mtlr	0
	blr

	.bss
	.balign	8
	.globl	entry_cpu
	.type	entry_cpu, @object
entry_cpu:
	.skip	8
	.size	entry_cpu, 8
	/* A page without code, because emulators are slow when a page of code is written. */
	.balign	4096
stack:
	.skip	8192
	.globl	stack_end
stack_end:

	.section .note.GNU-stack, "", @progbits
