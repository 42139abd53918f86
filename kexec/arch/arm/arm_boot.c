/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on arm: MMU off, r0 zero, r1 the machine type, r2 at the device tree or
 * the tag list (Linux: arch/arm/booting.rst).
 */
#include "arm.h"

#include <errno.h>
#include <inttypes.h>

#define TREE_MAX (1u << 20) /* the kernel maps this much behind r2 early */
#define KEEP_MACHINE_TYPE (1u << 1) /* the running kernel passes it in r1 */

static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, const struct arm_kernel *kernel,
			struct plan *plan, struct range *initrd)
{
	struct placement placement = { .align = ARM_PAGE_SIZE, .direction = LOWEST_FIRST };

	placement_limit(&placement, kernel->rest,
			"initrd between the decompressed kernel and 512 MiB");
	return arch_place_initrd(ctx, req, machine, image, &placement, plan, initrd);
}

static int plan_tree(struct ctx *ctx, const struct request *req, const struct arm_kernel *kernel,
		     const struct devicetree_changes *changes, struct plan *plan, uint64_t *address)
{
	struct segment segment = {
		.name = "dtb",
		.placement = { .align = ARM_PAGE_SIZE, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	int ret = devicetree_change(ctx, kernel->tree, changes, &segment.bytes);

	if (ret)
		return ret;
	if (segment.bytes.size > TREE_MAX)
		return err_set(&ctx->err, -EFBIG,
			       "the device tree has %zu bytes, arm kernels take %u",
			       segment.bytes.size, TREE_MAX);
	plan->params.cpu.arm.psci = devicetree_psci(kernel->tree);
	placement_limit(&segment.placement, kernel->rest,
			"device tree between the decompressed kernel and 512 MiB");
	arch_limit_placement(req, &segment.placement);
	ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	*address = plan->segment[ret].range.start;
	return 0;
}

static int plan_atags(struct ctx *ctx, const struct machine *machine,
		      const struct arm_kernel *kernel, const struct devicetree_changes *changes,
		      struct plan *plan, uint64_t *address)
{
	struct segment segment = { .name = "atags", .sealed = true };
	int ret = arm_atags(ctx, machine, changes->bootargs ? changes->bootargs : "",
			    changes->initrd, &segment.bytes);

	if (ret)
		return ret;
	*address = kernel->atags;
	ret = plan_fix(ctx, plan, &segment, kernel->atags, segment.bytes.size);
	return ret < 0 ? ret : 0;
}

static void start(struct ctx *ctx, const struct request *req, const struct machine *machine,
		  const struct arm_kernel *kernel, uint64_t boot_data, struct plan *plan)
{
	struct purgatory_arm_state *state = &plan->params.cpu.arm;

	plan->wants_purgatory = true;
	plan->purgatory_placement = (struct placement){
		.align = ARM_PAGE_SIZE,
		.direction = LOWEST_FIRST,
	};
	placement_limit(&plan->purgatory_placement, kernel->rest,
			"purgatory between the decompressed kernel and 512 MiB");
	arch_limit_placement(req, &plan->purgatory_placement);
	plan->params.flags = arch_purgatory_flags(req);
	arch_serial(ctx, req, machine, plan->cmdline, kernel->tree, &plan->params);
	if (plan->params.serial_base > UINT32_MAX) {
		log_warn(&ctx->log, "purgatory will be silent: its port is above 4 GiB");
		plan->params.serial_kind = PURGATORY_SERIAL_NONE;
	}
	plan->kernel_entry = kernel->entry;
	state->r[2] = boot_data;
	state->pc = kernel->entry;
	state->keep = KEEP_MACHINE_TYPE;
	arch_warn_of_halt(ctx, req, state->psci);
}

int arm_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, const struct arm_kernel *kernel,
		   struct devicetree_changes *changes, struct plan *plan)
{
	uint64_t boot_data = 0;
	int ret = place_initrd(ctx, req, machine, image, kernel, plan, &changes->initrd);

	if (!ret && kernel->tree)
		ret = plan_tree(ctx, req, kernel, changes, plan, &boot_data);
	else if (!ret)
		ret = plan_atags(ctx, machine, kernel, changes, plan, &boot_data);
	if (ret)
		return ret;
	plan->cmdline = changes->bootargs;
	if (!plan->cmdline && kernel->tree)
		plan->cmdline = devicetree_bootargs(kernel->tree);
	if (!plan->cmdline)
		plan->cmdline = "";
	start(ctx, req, machine, kernel, boot_data, plan);
	return 0;
}
