/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on riscv64: MMU off, a0 the hart's number, a1 at the device tree, the entry
 * at the image's first byte (Linux: arch/riscv/boot.rst).
 */
#include "riscv64.h"

/* Each of them has the SHA-256 instructions. */
static const char *const hash_extensions[] = { "zknh", "zkn", "zk", NULL };

/* Linux reserves all of the one that it ends in, and drops an initrd there (arch/riscv/mm/init.c). */
#define LAST_BLOCK (2ull << 20)

/*
 * The running kernel hands on the first segment that begins like a device tree, which an
 * initrd may do as well.
 */
static int put_behind_kernel(struct plan *plan, int index)
{
	const struct segment tree = plan->segment[index];

	for (; index > 1; index--)
		plan->segment[index] = plan->segment[index - 1];
	plan->segment[index] = tree;
	return index;
}

int riscv64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct range kernel,
		       const struct devicetree *tree, struct plan *plan)
{
	const struct tree_boot boot = {
		.kernel = { kernel.start, align_down(kernel.end + LAST_BLOCK - 1, LAST_BLOCK) },
		.cmdline_size = RISCV64_CMDLINE_SIZE,
		.kdump = arch_riscv64.kdump,
	};
	struct purgatory_params *params = &plan->params;
	int index = arch_plan_linux(ctx, req, machine, image, &boot, tree, plan);

	if (index < 0)
		return index;
	index = put_behind_kernel(plan, index);
	params->cpu.riscv64 = (struct purgatory_riscv64_state){
		.a = { 0, plan->segment[index].range.start },
		.pc = plan->kernel_entry,
	};
	params->ticks_per_ms = devicetree_timebase(tree) / 1000;
	plan->purgatory.accelerated = devicetree_riscv_cpus_have(tree, hash_extensions);
	if (plan->purgatory.accelerated)
		params->flags |= PURGATORY_CPU_HASHES;
	params->serial_kind = PURGATORY_SERIAL_SBI; /* unless another port is asked for */
	if (req->serial)
		arch_serial(ctx, req, machine, plan->cmdline, tree, params);
	return 0;
}
