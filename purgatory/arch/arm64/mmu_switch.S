/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the MMU and the caches on and off, at EL1 or EL2.  Between the maintenance
 * of the caches and the change of SCTLR no store is allowed, so this code works in
 * registers only (Arm ARM D7.5, booting.rst of Linux).
 */
#include "arm64.h"

/* \op by address to the point of coherency over [x1, x2). Uses x8 to x10. */
	.macro	cache_range op
	mrs	x8, ctr_el0
	ubfx	x8, x8, #16, #4		/* DminLine: log2 of words of 4 bytes */
	mov	x9, #4
	lsl	x9, x9, x8
	sub	x10, x9, #1
	bic	x10, x1, x10
110:	dc	\op, x10
	add	x10, x10, x9
	cmp	x10, x2
	b.lo	110b
	dsb	sy
	.endm

/* Invalidates only this CPU's TLB: other CPUs may be off. At EL2 the second tlbi covers VHE. */
	.macro	invalidate_tlb
	cmp	x3, #CURRENT_EL2
	b.ne	111f
	tlbi	alle2
111:	tlbi	vmalle1
	dsb	nsh
	ic	iallu
	dsb	nsh
	isb
	.endm

	.macro	write_el1_or_el2 name, value
	cmp	x3, #CURRENT_EL2
	b.eq	112f
	msr	\name\()_el1, \value
	b	113f
112:	msr	\name\()_el2, \value
113:
	.endm

	.macro	load_registers
	mrs	x3, currentel
	ldp	x4, x5, [x0]		/* SCTLR, TCR */
	ldp	x6, x7, [x0, #16]	/* MAIR, TTBR0 */
	.endm

	.text
	.globl	mmu_switch_on
	.type	mmu_switch_on, %function
mmu_switch_on:
	load_registers
	dmb	sy
	/* Older cache lines must not hide data that was stored uncached. */
	cache_range ivac
	write_el1_or_el2 mair, x6
	write_el1_or_el2 tcr, x5
	write_el1_or_el2 ttbr0, x7
	isb
	invalidate_tlb
	write_el1_or_el2 sctlr, x4
	isb
	ret
	.size	mmu_switch_on, . - mmu_switch_on

	.globl	mmu_switch_off
	.type	mmu_switch_off, %function
mmu_switch_off:
	load_registers
	cache_range civac
	isb				/* some CPUs require it directly before M is cleared */
	write_el1_or_el2 sctlr, x4
	isb
	/* Speculation may have filled lines again before the caches were off. */
	cache_range ivac
	invalidate_tlb
	write_el1_or_el2 mair, x6
	write_el1_or_el2 tcr, x5
	write_el1_or_el2 ttbr0, x7
	isb
	ret
	.size	mmu_switch_off, . - mmu_switch_off

	.section .note.GNU-stack, "", %progbits
