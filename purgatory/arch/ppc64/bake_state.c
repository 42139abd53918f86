/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppc64: the CPU state of a baked kernel. */
#include "bake.h"

#include "purgatory.h"

#define BOOT_CPU 28 /* offset in a device tree */

/* Set by bake_head.S. */
uint64_t bake_opal[2];

uint64_t bake_cpu(void);

void bake_arch_state(uint64_t delta, const void *boot_data)
{
	struct purgatory_ppc64_state *state = &purgatory_params.cpu.ppc64;
	const struct bake_part *kernel = bake_part("kernel");

	/* The kernel moves itself to address 0.  Initrd and device tree must not be there. */
	bake_check_above(kernel ? kernel->memory : 0);
	state->pc += delta;
	state->tree = state->r[0] = (uintptr_t)boot_data;
	state->r[1] = state->pc;
	state->r[5] = bake_opal[0];
	state->r[6] = bake_opal[1];
}

/* The number of this CPU, by the device tree. */
uint64_t bake_cpu(void)
{
	const uint8_t *number = (const uint8_t *)(uintptr_t)purgatory_params.cpu.ppc64.tree +
				BOOT_CPU;

	return (uint64_t)number[0] << 24 | (uint64_t)number[1] << 16 | (uint64_t)number[2] << 8 |
	       number[3];
}

/* A boot loader has made the image's code visible to the CPU, and only data are written. */
void bake_arch_sync(const void *start, size_t size)
{
	(void)start;
	(void)size;
}
