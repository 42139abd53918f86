/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on riscv64: MMU off, a0 contains the hart's number, a1 points to the device
 * tree, the entry is the image's first byte (Linux: arch/riscv/boot.rst).
 */
#include "riscv64.h"
#include "riscv64_tree.h"

/* Extensions with SHA-256 instructions. */
static const char *const hash_extensions[] = { "zknh", "zkn", "zk", NULL };

/*
 * Linux reserves the block that contains the kernel's end, and ignores an initrd there (Linux:
 * arch/riscv/mm/init.c).
 */
#define LAST_BLOCK (2ull << 20)

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	static const struct hash_method zknh = { "Zknh instructions", 2 };
	struct purgatory_params *params = &plan->params;

	params->cpu.riscv64 = (struct purgatory_riscv64_state){
		.a = { 0, info->data },
		.pc = boot->entry,
	};
	params->ticks_per_ms = devicetree_timebase(boot->tree) / 1000;
	if (devicetree_riscv_cpus_have(boot->tree, hash_extensions)) {
		plan->purgatory.hash = &zknh;
		params->flags |= PURGATORY_CPU_HASHES;
	}
	params->serial_kind = PURGATORY_SERIAL_SBI; /* default; a port of the request replaces it */
	if (load->req->serial)
		tree_serial(ctx, load, boot->tree, plan);
}

int riscv64_plan_boot(struct ctx *ctx, const struct load *load, struct range kernel,
		      const struct devicetree *tree, struct plan *plan)
{
	struct boot boot = {
		.cmdline_size = RISCV64_CMDLINE_SIZE,
		.kdump = load->arch->kdump,
		.data_after_kernel = true,
		.tree = tree,
		.enter = enter,
	};

	tree_boot_above(load, &boot,
			(struct range){ kernel.start,
					align_down(kernel.end + LAST_BLOCK - 1, LAST_BLOCK) });
	return boot_plan(ctx, load, &boot, plan);
}
