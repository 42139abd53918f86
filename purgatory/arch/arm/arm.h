/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm: offsets that assembly and C share, access to registers. */
#ifndef PURGATORY_ARM_H
#define PURGATORY_ARM_H

/* struct purgatory_arm_state; all values are below 4 GiB. */
#define STATE_R0 0
#define STATE_R1 8
#define STATE_R2 16
#define STATE_PC 24
#define STATE_KEEP 32

/* CPSR: mode, and the masks of IRQ and FIQ */
#define MODE_MASK 0x1f
#define MODE_SVC 0x13
#define MODE_HYP 0x1a
#define MASK_IRQ_FIQ 0xc0

#ifndef __ASSEMBLER__

#include <stdint.h>

/* Arguments in the order of the Arm ARM: read_cp15(c1, 0, c0, 0) reads SCTLR. */
#define read_cp15(crn, op1, crm, op2)                                                              \
	({                                                                                         \
		uint32_t read_value;                                                               \
		__asm__ volatile("mrc p15, " #op1 ", %0, " #crn ", " #crm ", " #op2                \
				 : "=r"(read_value));                                              \
		read_value;                                                                        \
	})
#define write_cp15(crn, op1, crm, op2, value)                                                      \
	__asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2                        \
			 :                                                                         \
			 : "r"((uint32_t)(value))                                                  \
			 : "memory")

#endif /* __ASSEMBLER__ */
#endif
