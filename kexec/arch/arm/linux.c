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

/* One that is appended to the zImage is what is left when the machine has none. */
static int find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct arm_kernel *kernel,
		     struct devicetree *tree)
{
	int ret = arch_find_tree(ctx, req, machine, image, tree);

	if (ret == -ENOENT && !req->dtb && kernel->appended.size) {
		err_clear(&ctx->err);
		return devicetree_check(ctx,
					arena_printf(&ctx->arena, "%s (appended)", image->name),
					kernel->appended, tree);
	}
	return ret;
}

static int plan_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct arm_kernel *kernel,
		     const struct devicetree_changes *changes, struct plan *plan,
		     struct devicetree *tree, uint64_t *address)
{
	struct segment segment = {
		.name = "dtb",
		.placement = { .align = ARM_PAGE_SIZE, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	int ret = find_tree(ctx, req, machine, image, kernel, tree);

	if (!ret)
		ret = devicetree_change(ctx, tree, changes, &segment.bytes);
	if (ret)
		return ret;
	if (segment.bytes.size > TREE_MAX)
		return err_set(&ctx->err, -EFBIG,
			       "the device tree has %zu bytes, arm kernels take %u",
			       segment.bytes.size, TREE_MAX);
	plan->params.cpu.arm.psci = devicetree_psci(tree);
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
		  const struct arm_kernel *kernel, const struct devicetree *tree,
		  uint64_t boot_data, struct plan *plan)
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
	arch_serial(ctx, req, machine, plan->cmdline, tree, &plan->params);
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
	struct devicetree tree = { 0 };
	uint64_t boot_data = 0;
	int ret;

	if (req->atags && req->dtb)
		return err_set(&ctx->err, -EINVAL,
			       "You can only use ATAGs if you don't specify a dtb file.");
	ret = place_initrd(ctx, req, machine, image, kernel, plan, &changes->initrd);
	if (!ret && req->atags)
		ret = plan_atags(ctx, machine, kernel, changes, plan, &boot_data);
	else if (!ret)
		ret = plan_tree(ctx, req, machine, image, kernel, changes, plan, &tree, &boot_data);
	if (ret)
		return ret;
	plan->cmdline = changes->bootargs;
	if (!plan->cmdline && !req->atags)
		plan->cmdline = devicetree_bootargs(&tree);
	if (!plan->cmdline)
		plan->cmdline = "";
	start(ctx, req, machine, kernel, req->atags ? NULL : &tree, boot_data, plan);
	return 0;
}
