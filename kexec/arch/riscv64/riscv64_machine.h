/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about a riscv64 machine that only its device tree contains. */
#ifndef ARCH_RISCV64_RISCV64_MACHINE_H
#define ARCH_RISCV64_RISCV64_MACHINE_H

#include "machine/machine.h"

/*
 * Sets machine->hidden to OpenSBI's memory.  The kernel cannot read that memory, but lists it as
 * RAM if the tree does not contain no-map for it.  Without a tree, hidden stays empty.
 */
int machine_read_riscv64(struct ctx *ctx, struct machine *machine);

#endif
