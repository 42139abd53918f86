/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a riscv64 machine tells in its device tree alone. */
#ifndef MACHINE_RISCV64_H
#define MACHINE_RISCV64_H

#include "machine/machine.h"

/*
 * Sets machine->hidden: OpenSBI keeps its memory from the kernel, which takes it for RAM
 * all the same where the tree does not say no-map.  Without a tree nothing is hidden.
 */
int machine_read_riscv64(struct ctx *ctx, struct machine *machine);

#endif
