/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppc64: offsets that assembly and C share, a macro and functions of this folder. */
#ifndef PURGATORY_PPC64_H
#define PURGATORY_PPC64_H

/* struct purgatory_params: cpu.ppc64 */
#define STATE_R3 840
#define STATE_PC (STATE_R3 + 56)

/* struct rtas_call */
#define RTAS_CALL_ENTRY 0
#define RTAS_CALL_BASE 8
#define RTAS_CALL_ARGS 16

/* Bits of MSR */
#define MSR_LE 0x1
#define MSR_RI 0x2
#define MSR_DR 0x10
#define MSR_IR 0x20
#define MSR_EE 0x8000

#ifdef __ASSEMBLER__

/* clang-format off */

/* \reg = the address of \symbol; lr is lost */
	.macro	address reg, symbol
	bcl	20, 31, .Lhere\@
.Lhere\@:
	mflr	\reg
	addis	\reg, \reg, \symbol - .Lhere\@@ha
	addi	\reg, \reg, \symbol - .Lhere\@@l
	.endm

#else

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call of RTAS (PAPR, "RTAS Call Defined").  All addresses are below 4 GiB. */
struct rtas_call {
	uint64_t entry;
	uint64_t base;
	uint32_t args[4]; /* big-endian: token, number of inputs (0), of outputs (1), the output */
};

/* entry.S: calls RTAS.  Never returns, even if RTAS does. */
_Noreturn void rtas_enter(const struct rtas_call *call);

/* entry.S: the hardware number of this CPU, from r3 at purgatory's entry. */
extern uint64_t entry_cpu;

/* Characters that one call of the hypervisor takes. */
#define TERMINAL_CHUNK 16

/* cpu.c: sends `size` characters to the hypervisor's terminal.  False: it accepted no character. */
bool terminal_write(uint64_t terminal, const uint8_t text[TERMINAL_CHUNK], size_t size);

#endif /* __ASSEMBLER__ */
#endif
