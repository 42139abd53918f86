/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, the way in and the way out, and the trap vector.  The
 * header is described by include/purgatory_abi.h, the state at the way out by
 * Documentation/arch/riscv/boot.rst of Linux and doc/purgatory-abi.md.
 *
 * Every reference is relative to the program counter, so nothing is left to
 * relocate, wherever the image runs.
 */
#include "head.h"
#include "riscv64.h"

#define SSTATUS_SIE 2

	/* No relocation may stand for padding, nor for an instruction that could be shorter. */
	.option	norelax

	purgatory_header 243 /* EM_RISCV */, j purgatory_start

	.text
/*
 * In: S-mode, satp 0, a0 the hart's id, every other register arbitrary; by a jump,
 * or as the trap vector of a kernel that died.  Keeps s1, the hart's id, for the way out.
 */
	.type	purgatory_start, %function
purgatory_start:
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	mv	s1, a0
	lla	t0, vector
	csrw	stvec, t0
	/* A loader of flat blobs zeroes nothing. Covers the stack, so it comes first. */
	lla	t0, purgatory_image_end
	lla	t1, purgatory_memory_end
1:	bgeu	t0, t1, 2f	/* both are multiples of 16 */
	sd	zero, (t0)
	addi	t0, t0, 8
	j	1b
2:	lla	sp, stack_end
	lla	a0, no_way_back	/* first argument of purgatory() */
	call	purgatory

	/* Out: a0 holds a struct purgatory_riscv64_state. */
	ld	t0, STATE_PC(a0)
	ld	a1, STATE_A1(a0)
	ld	a2, STATE_A2(a0)
	ld	a3, STATE_A3(a0)
	mv	a0, s1
	fence.i
	jr	t0
	.size	purgatory_start, . - purgatory_start

/* Interrupts stay off, so what comes here is a fault. stvec wants a multiple of 4. */
	.balign	4
vector:
	lla	sp, stack_end	/* the old one may be what faulted */
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	call	exception	/* does not return */

/* bool zknh_works(void): whether sha256sum0 of 1, which is not 0, comes out or traps. */
	.globl	zknh_works
	.type	zknh_works, %function
zknh_works:
	lla	t0, 1f
	csrrw	t0, stvec, t0
	li	a1, 1
	li	a0, 0
	.insn	i 0x13, 1, a0, a1, 0x100
	.balign	4
1:	csrw	stvec, t0
	snez	a0, a0
	ret
	.size	zknh_works, . - zknh_works

	.section .rodata, "a", %progbits
	.balign	8
no_way_back:
	.quad	0		/* Linux has no preserve-context loads on riscv */

	/* A page of its own: stores next to code are slow under emulation. */
	.bss
	.balign	4096
stack:
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", %progbits
