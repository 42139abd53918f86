/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit, trap vector.  include/purgatory_abi.h
 * describes the header; Documentation/arch/riscv/boot.rst of Linux and
 * doc/purgatory-abi.md describe the state at the exit.
 *
 * Every reference is relative to the program counter, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "riscv64.h"

#define SSTATUS_SIE 2

	/* The linker must not shorten code or change padding. */
	.option	norelax

	purgatory_header 243 /* EM_RISCV */, j purgatory_start

	.text
/*
 * Entry: S-mode, satp 0, a0 the hart's id, every other register arbitrary; by a jump,
 * or by a trap of a crashed kernel, whose stvec is this address.  s1 keeps the hart's
 * id for the exit.
 */
	.type	purgatory_start, %function
purgatory_start:
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	mv	s1, a0
	lla	t0, vector
	csrw	stvec, t0
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	lla	t0, purgatory_image_end
	lla	t1, purgatory_memory_end
1:	bgeu	t0, t1, 2f	/* both are multiples of 16 */
	sd	zero, (t0)
	addi	t0, t0, 8
	j	1b
2:	lla	sp, stack_end
	lla	a0, no_way_back	/* first argument of purgatory() */
	call	purgatory

	/* Exit: a0 points to a struct purgatory_riscv64_state. */
	ld	t0, STATE_PC(a0)
	ld	a1, STATE_A1(a0)
	ld	a2, STATE_A2(a0)
	ld	a3, STATE_A3(a0)
	mv	a0, s1
	fence.i
	jr	t0
	.size	purgatory_start, . - purgatory_start

/* Interrupts stay off, so every trap is a fault. stvec must be a multiple of 4. */
	.balign	4
vector:
	lla	sp, stack_end	/* the old stack may have faulted */
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	call	exception	/* does not return */

/* bool zknh_works(void): runs sha256sum0 on 1.  False: it trapped, or the result is 0. */
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

	/* A page without code, because emulators are slow when a page of code is written. */
	.bss
	.balign	4096
	.globl	stack_end
stack:
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", %progbits
