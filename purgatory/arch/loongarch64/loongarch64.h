/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loongarch64: offsets and numbers that assembly and C share. */
#ifndef PURGATORY_LOONGARCH64_H
#define PURGATORY_LOONGARCH64_H

/* struct purgatory_loongarch64_state */
#define STATE_A0 0
#define STATE_A1 8
#define STATE_A2 16
#define STATE_PC 24
#define STATE_KEEP 32

/* struct purgatory_params: offset of its member cpu */
#define PARAMS_CPU 840

/* Bits 52 to 63 of the addresses in the window of cached memory that Linux keeps */
#define CACHED_WINDOW 0x900

#endif
