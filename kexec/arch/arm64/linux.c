/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on arm64: MMU off, x0 at the device tree, the entry at the image's first
 * byte (Linux: arch/arm64/booting.rst).
 */
#include "arm64.h"

#include <errno.h>
#include <inttypes.h>

#include "../../machine/cpuinfo.h"

#define GIB (1ull << 30)
#define INITRD_WINDOW (32 * GIB)
#define DTB_BLOCK (2u << 20) /* mapped as one, and the largest tree */

static struct range above(const struct arm64_kernel *kernel)
{
	return (struct range){ kernel->range.end, UINT64_MAX };
}

/* Initrd and image have to lie within 32 GiB that start at a multiple of 1 GiB. */
static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, const struct arm64_kernel *kernel,
			struct plan *plan, struct range *initrd)
{
	struct segment segment = {
		.name = "initrd",
		.placement = { .align = plan->page_size, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	uint64_t window = align_down(kernel->range.start, GIB);
	int ret;

	ret = arch_initrd(ctx, req, image, range_set_size(&machine->ram), &segment.bytes,
			  &segment.file);
	if (ret < 0 || !segment.bytes.size)
		return ret;
	placement_limit(&segment.placement, above(kernel), "initrd above the kernel");
	placement_limit(&segment.placement, (struct range){ window, window + INITRD_WINDOW },
			"initrd within 32 GiB of the kernel");
	arch_limit_placement(req, &segment.placement);
	ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	initrd->start = plan->segment[ret].range.start;
	initrd->end = initrd->start + segment.bytes.size;
	return 0;
}

/*
 * The kernel maps the 2 MiB block around the tree: one that is memory for use as a
 * whole, so that nothing in it is to be mapped otherwise.
 */
static int place_tree(struct ctx *ctx, const struct request *req, struct bytes blob,
		      const struct arm64_kernel *kernel, struct plan *plan, uint64_t *address)
{
	struct segment segment = {
		.name = "dtb",
		.bytes = blob,
		.placement = { .align = DTB_BLOCK, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	uint64_t block;
	int ret;

	if (blob.size > DTB_BLOCK)
		return err_set(&ctx->err, -EFBIG,
			       "the device tree has %zu bytes, arm64 kernels take %u", blob.size,
			       DTB_BLOCK);
	placement_limit(&segment.placement, above(kernel), "device tree above the kernel");
	arch_limit_placement(req, &segment.placement);
	ret = plan_find(ctx, plan, segment.name, &segment.placement, DTB_BLOCK, &block);
	if (ret)
		return ret;
	placement_limit(&segment.placement, (struct range){ block, block + DTB_BLOCK },
			"device tree in 2 MiB of free memory");
	ret = plan_place(ctx, plan, &segment, blob.size);
	if (ret < 0)
		return ret;
	*address = plan->segment[ret].range.start;
	return 0;
}

static void want_purgatory(const struct request *req, const struct machine *machine,
			   const struct arm64_kernel *kernel, struct plan *plan)
{
	plan->wants_purgatory = true;
	plan->purgatory_placement = (struct placement){
		.align = plan->page_size,
		.direction = LOWEST_FIRST,
	};
	placement_limit(&plan->purgatory_placement, above(kernel), "purgatory above the kernel");
	arch_limit_placement(req, &plan->purgatory_placement);
	plan->params.flags = (req->no_checks ? 0 : PURGATORY_VERIFY) |
			     (req->on_corrupt == ON_CORRUPT_REBOOT ? PURGATORY_REBOOT : 0);
	plan->purgatory.accelerated = cpuinfo_has_flag(machine->cpuinfo, "sha2");
}

static void start(uint64_t entry, uint64_t tree, unsigned int psci, struct plan *plan)
{
	plan->kernel_entry = entry;
	plan->params.cpu.arm64 = (struct purgatory_arm64_state){
		.x = { tree },
		.pc = entry,
		.psci = psci,
	};
}

int arm64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct arm64_kernel *kernel,
		     struct plan *plan)
{
	struct devicetree_changes changes = { .dry_run = req->dry_run };
	struct devicetree tree;
	struct bytes blob = { 0 };
	uint64_t address = 0;
	int ret;

	ret = arch_bootargs(ctx, req, machine, image, ARM64_CMDLINE_SIZE, &changes.bootargs);
	if (!ret)
		ret = arch_find_tree(ctx, req, machine, image, &tree);
	if (!ret && req->crash)
		ret = arm64_plan_crash(ctx, req, machine, plan, &changes);
	if (!ret)
		ret = place_initrd(ctx, req, machine, image, kernel, plan, &changes.initrd);
	if (!ret)
		ret = devicetree_change(ctx, &tree, &changes, &blob);
	if (!ret)
		ret = place_tree(ctx, req, blob, kernel, plan, &address);
	if (ret < 0)
		return ret;
	plan->cmdline = changes.bootargs ? changes.bootargs : devicetree_bootargs(&tree);
	if (!plan->cmdline)
		plan->cmdline = "";
	want_purgatory(req, machine, kernel, plan);
	arch_serial(ctx, req, machine, plan->cmdline, &plan->params);
	start(kernel->range.start, address, devicetree_psci(&tree), plan);
	arch_warn_of_halt(ctx, req, plan->params.cpu.arm64.psci);
	return 0;
}
