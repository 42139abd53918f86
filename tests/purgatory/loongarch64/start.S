/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loongarch64 test guest: its first instructions, the jump into purgatory, and the
 * payload that purgatory starts instead of a kernel.
 */
#include "guest.h"

#define CRMD 0x0
#define CRMD_IE 0x4
#define CRMD_PAGING 0xb0	/* memory is cached with paging on, and without */
#define CRMD_ALL 0x1ff
#define ECFG 0x4
#define ESTAT 0x5
#define ERA 0x6
#define BADV 0x7
#define EENTRY 0xc
#define TLBRENTRY 0x88
#define TLBRBADV 0x89
#define TLBRERA 0x8a
#define DMW0 0x180
#define DMW1 0x181
#define DMW2 0x182
#define DMW3 0x183

	.macro	set_csr number, value
	li.d	$t0, \value
	csrwr	$t0, \number
	.endm
	.macro	report_csr number, offset
	csrrd	$t1, \number
	st.d	$t1, $t0, \offset
	.endm

	.section .start, "ax"
	.globl	start
start:
	set_csr	DMW0, DMW0_VALUE
	set_csr	DMW1, DMW1_VALUE
	set_csr	DMW2, DMW2_VALUE
	set_csr	DMW3, DMW3_OF_GUEST
	li.d	$t0, CRMD_PAGING
	li.d	$t1, CRMD_ALL
	csrxchg	$t0, $t1, CRMD
	la.local	$sp, guest_stack_end
	bl	set_vector
	bl	main
1:	idle	0
	b	1b

	.text
set_vector:
	la.local	$t0, guest_vector
	csrwr	$t0, EENTRY
	la.local	$t0, guest_vector
	csrwr	$t0, TLBRENTRY
	csrwr	$zero, ECFG
	ret

	.macro	for_saved operation
	\operation	$ra, $t0, 0
	\operation	$sp, $t0, 8
	\operation	$fp, $t0, 16
	\operation	$tp, $t0, 24
	\operation	$s0, $t0, 32
	\operation	$s1, $t0, 40
	\operation	$s2, $t0, 48
	\operation	$s3, $t0, 56
	\operation	$s4, $t0, 64
	\operation	$s5, $t0, 72
	\operation	$s6, $t0, 80
	\operation	$s7, $t0, 88
	\operation	$s8, $t0, 96
	.endm

	.globl	enter
enter:
	la.local	$t0, saved
	for_saved st.d
	move	$t8, $a0
	/* Linux's vectors have a distance from each other; interrupts are on. */
	set_csr	EENTRY, OLD_VECTOR
	set_csr	ECFG, 0x71fff
	li.w	$t0, CRMD_IE
	csrxchg	$t0, $t0, CRMD
	la.local	$t0, 1f
	li.d	$t1, CACHED
	or	$t0, $t0, $t1
	or	$t8, $t8, $t1
	jr	$t0
1:	csrwr	$zero, DMW3
	li.d	$t0, 0xbadc0ffee0ddf00d
	.irp	name, ra,tp,sp,t1,t2,t3,t4,t5,t6,t7,fp,a3,a4,a5,a6,a7
	move	$\name, $t0
	.endr
	.irp	name, s0,s1,s2,s3,s4,s5,s6,s7,s8
	move	$\name, $t0
	.endr
	li.d	$a0, KEPT
	addi.d	$a1, $a0, 1
	addi.d	$a2, $a0, 2
	jr	$t8

	.globl	kernel_entry
kernel_entry:
	pcaddi	$t2, 0
	la.local	$t0, report
	st.d	$a0, $t0, 0
	st.d	$a1, $t0, 8
	st.d	$a2, $t0, 16
	st.d	$a3, $t0, 24
	st.d	$t2, $t0, 32
	report_csr	CRMD, 40
	report_csr	ECFG, 48
	report_csr	EENTRY, 56
	report_csr	TLBRENTRY, 64
	report_csr	DMW0, 72
	report_csr	DMW1, 80
	report_csr	DMW2, 88
	report_csr	DMW3, 96
	set_csr	DMW3, DMW3_OF_GUEST
	la.local	$t0, payload
	bstrpick.d	$t0, $t0, 47, 0
	jr	$t0
	.globl	payload		/* for flips.py: at its physical address */
payload:
	la.local	$t0, saved
	for_saved ld.d
	b	set_vector

	.globl	faulty_payload
faulty_payload:
	li.d	$t0, UNMAPPED + CACHED
	ld.d	$t0, $t0, 0

	.globl	unmapped_payload
unmapped_payload:
	li.d	$t0, UNMAPPED
	ld.d	$t0, $t0, 0

	.section .text.vector, "ax", @progbits
	.balign	4096
guest_vector:
	csrrd	$a0, ESTAT
	csrrd	$a1, ERA
	csrrd	$a2, BADV
	csrrd	$t0, TLBRERA
	andi	$t0, $t0, 1
	beqz	$t0, 1f
	csrrd	$a1, TLBRERA
	csrrd	$a2, TLBRBADV
	csrwr	$zero, TLBRERA
	li.d	$t0, CRMD_PAGING
	li.d	$t1, CRMD_ALL
	csrxchg	$t0, $t1, CRMD
1:	la.local	$sp, guest_stack_end
	bl	guest_fault

	.data
	.balign	16
	.globl	report
report:	.skip	128
saved:	.skip	128

	.bss
	.balign	16
	.skip	16384
guest_stack_end:

	.section .note.GNU-stack, "", %progbits
