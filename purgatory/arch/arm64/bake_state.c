/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: the CPU state of a baked kernel. */
#include "bake.h"

#include "purgatory.h"

void bake_arch_state(uint64_t delta, const void *boot_data)
{
	struct purgatory_arm64_state *state = &purgatory_params.cpu.arm64;

	state->pc += delta;
	state->x[0] = (uintptr_t)boot_data;
	state->psci = bake_tree_psci(boot_data);
}
