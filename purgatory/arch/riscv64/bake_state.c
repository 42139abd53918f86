/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64: the CPU state of a baked kernel. */
#include "bake.h"

#include "purgatory.h"

void bake_arch_state(uint64_t delta, const void *boot_data)
{
	struct purgatory_riscv64_state *state = &purgatory_params.cpu.riscv64;

	state->pc += delta;
	state->a[1] = (uintptr_t)boot_data;
}

/* Linux expects coherent memory from a boot loader. */
void bake_arch_sync(const void *start, size_t size)
{
	(void)start;
	(void)size;
}
