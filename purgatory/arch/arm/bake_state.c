/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm: the CPU state of a baked kernel. */
#include "bake.h"

#include "purgatory.h"

void bake_arch_state(uint64_t delta, const void *boot_data)
{
	struct purgatory_arm_state *state = &purgatory_params.cpu.arm;

	state->pc += delta;
	state->r[2] = (uintptr_t)boot_data;
	state->psci = bake_tree_psci(boot_data);
}

/* The boot loader has cleaned and switched off the data cache. */
void bake_arch_sync(const void *start, size_t size)
{
	(void)start;
	(void)size;
}
