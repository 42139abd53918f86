/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64: offsets that assembly and C share, functions of this folder. */
#ifndef PURGATORY_RISCV64_H
#define PURGATORY_RISCV64_H

/* struct purgatory_riscv64_state */
#define STATE_A1 8
#define STATE_A2 16
#define STATE_A3 24
#define STATE_PC 32

#ifndef __ASSEMBLER__

#include <stdbool.h>

/* Writes to the console of firmware; \n becomes \r\n. */
void sbi_putchar(char c);

/* Resets the machine, or switches it off.  Returns if firmware can do neither. */
void sbi_reset(void);

#endif /* __ASSEMBLER__ */
#endif
