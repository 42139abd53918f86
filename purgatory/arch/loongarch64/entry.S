/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's header, entry and exit, exception vector.  include/purgatory_abi.h
 * describes the header; Documentation/arch/loongarch/booting.rst of Linux and
 * doc/purgatory-abi.md describe the state at the exit.
 *
 * The running kernel's windows map physical memory at addresses whose upper bits are not 0.
 * Purgatory opens one more window, which maps physical memory at its own addresses, and
 * runs there.  So the parameters contain physical addresses.
 *
 * Every reference is relative to the program counter, so the image runs at any
 * address without relocation.
 */
#include "head.h"
#include "loongarch64.h"

/* Control and status registers: LoongArch reference manual, volume 1 */
#define CRMD 0x0
#define CRMD_IE 0x4
#define CRMD_DA 0x8
#define CRMD_PG 0x10
#define ECFG 0x4
#define ESTAT 0x5
#define ERA 0x6
#define BADV 0x7
#define EENTRY 0xc
#define TLBRENTRY 0x88
#define TLBRBADV 0x89
#define TLBRERA 0x8a
#define DMW3 0x183

#define ESTAT_TLB_REFILL 0x3f0000

/* A window for privilege level 0, cached, whose addresses start with four zeros. */
#define PHYSICAL_WINDOW 0x11

/* Continues at the next line, at its physical address or at that in the cached window. */
	.macro	to_physical_address
	la.local	$t0, 9f
	bstrpick.d	$t0, $t0, 47, 0
	jr	$t0
9:
	.endm
	.macro	to_cached_window
	la.local	$t0, 9f
	lu52i.d	$t0, $t0, CACHED_WINDOW - 0x1000
	jr	$t0
9:
	.endm

	purgatory_header 258 /* EM_LOONGARCH */, b purgatory_start

	.text
/*
 * Every exception comes here.  Interrupts stay off, so every exception is a fault.  The code
 * also works after the exit, without purgatory's window and stack.
 */
vector:
	li.w	$t0, PHYSICAL_WINDOW
	csrwr	$t0, DMW3
	csrrd	$a0, ESTAT
	csrrd	$a1, ERA
	csrrd	$a2, BADV
	/* Without a mapping for an address, the CPU uses other registers and turns paging off. */
	csrrd	$t1, TLBRERA
	andi	$t0, $t1, 1
	beqz	$t0, 1f
	csrwr	$zero, TLBRERA
	lu12i.w	$a0, ESTAT_TLB_REFILL >> 12
	bstrins.d	$t1, $zero, 1, 0
	move	$a1, $t1
	csrrd	$a2, TLBRBADV
	li.w	$t0, CRMD_PG
	li.w	$t1, CRMD_PG | CRMD_DA
	csrxchg	$t0, $t1, CRMD
1:	to_physical_address
	la.local	$sp, stack_end	/* the old stack may have faulted */
	bl	exception	/* does not return */

/*
 * Entry: in a window of cached memory, a0 to a2 for the next kernel, every other register
 * arbitrary.  s0 to s2 keep a0 to a2 for the exit, s3 the old value of the window.
 */
	.type	purgatory_start, %function
purgatory_start:
	li.w	$t0, CRMD_IE
	csrxchg	$zero, $t0, CRMD
	move	$s0, $a0
	move	$s1, $a1
	move	$s2, $a2
	li.w	$s3, PHYSICAL_WINDOW
	csrwr	$s3, DMW3
	to_physical_address
	/* Zero .bss: a loader of purgatory.bin does not. The stack is in it, so this is first. */
	la.local	$t0, purgatory_image_end
	la.local	$t1, purgatory_memory_end
1:	bgeu	$t0, $t1, 2f	/* both are multiples of 16 */
	st.d	$zero, $t0, 0
	addi.d	$t0, $t0, 8
	b	1b
	/* The CPU's vectors must be multiples of 4096: the stack's page begins with a jump. */
2:	la.local	$t0, stack
	la.local	$t1, to_vector
	ld.d	$t2, $t1, 0
	ld.d	$t3, $t1, 8
	la.local	$t1, vector
	sub.d	$t1, $t1, $t0
	st.d	$t2, $t0, 0
	st.d	$t3, $t0, 8
	st.d	$t1, $t0, 16
	ibar	0
	move	$t1, $t0
	csrwr	$t1, TLBRENTRY
	lu52i.d	$t0, $t0, CACHED_WINDOW - 0x1000
	csrwr	$t0, EENTRY
	csrwr	$zero, ECFG	/* one vector for all exceptions */
	la.local	$sp, stack_end
	la.local	$a0, no_way_back	/* first argument of purgatory() */
	bl	purgatory

	/* Exit: a0 points to a struct purgatory_loongarch64_state. */
	ld.d	$a3, $a0, STATE_PC
	ld.d	$t0, $a0, STATE_KEEP
	andi	$t1, $t0, 1
	bnez	$t1, 1f
	ld.d	$s0, $a0, STATE_A0
1:	andi	$t1, $t0, 2
	bnez	$t1, 1f
	ld.d	$s1, $a0, STATE_A1
1:	andi	$t1, $t0, 4
	bnez	$t1, 1f
	ld.d	$s2, $a0, STATE_A2
	/* Windows ignore the middle bits of addresses: a state at a wrong address gives a wrong pc. */
1:	la.local	$t0, purgatory_params
	addi.d	$t0, $t0, PARAMS_CPU
	xor	$t0, $t0, $a0
	or	$a3, $a3, $t0
	move	$a0, $s0
	move	$a1, $s1
	move	$a2, $s2
	to_cached_window
	csrwr	$s3, DMW3
	dbar	0
	ibar	0
	jr	$a3
	.size	purgatory_start, . - purgatory_start

	.section .rodata, "a", %progbits
	.balign	8
no_way_back:
	.quad	0		/* Linux has no preserve-context loads on loongarch */
/* The first bytes of the stack's page. The distance to the vector follows them. */
to_vector:
	pcaddi	$t0, 0
	ld.d	$t1, $t0, 16
	add.d	$t0, $t0, $t1
	jr	$t0

	/* A page of its own, because emulators are slow when a page of code is written. */
	.bss
	.balign	4096
stack:
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", %progbits
