/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on arm: MMU off, r0 is zero, r1 contains the machine type, r2 points to the
 * device tree or the tag list (Linux: arch/arm/booting.rst).
 */
#include "arm.h"

#define TREE_MAX (1u << 20) /* the starting kernel maps 1 MiB from r2 on */
#define KEEP_MACHINE_TYPE (1u << 1) /* r1: the running kernel passes the machine type */

int arm_look(struct ctx *ctx, struct load *load)
{
	struct machine_arm *machine = arena_alloc(&ctx->arena, sizeof(*machine));

	machine->atags_name = sysroot_path(ctx, load->root, "/proc/atags");
	if (load->req->atags && sysroot_read(ctx, load->root, "/proc/atags", &machine->atags)) {
		err_prefix(&ctx->err, "The tag list will contain only memory");
		sysroot_go_without(ctx);
	}
	load->machine.arch = machine;
	return tree_look(ctx, load);
}

static int describe_atags(struct ctx *ctx, const struct load *load, const struct boot *boot,
			  const struct boot_info *info, struct bytes *out)
{
	(void)boot;
	if (info->data) /* a tag list does not contain its own address */
		return 0;
	return arm_atags(ctx, load, info->cmdline ? info->cmdline : "", info->initrd, out);
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	struct purgatory_arm_state *state = &plan->params.cpu.arm;

	state->psci = boot->tree ? devicetree_psci(boot->tree) : PURGATORY_PSCI_NONE;
	state->r[2] = info->data;
	state->pc = boot->entry;
	state->keep = KEEP_MACHINE_TYPE;
	tree_serial(ctx, load, boot->tree, plan);
	if (plan->params.serial_base > UINT32_MAX) {
		log_warn(&ctx->log, "purgatory will be silent: its port is above 4 GiB");
		plan->params.serial_kind = PURGATORY_SERIAL_NONE;
	}
	tree_warn_of_halt(ctx, load, state->psci);
}

static void place_data(const struct arm_kernel *kernel, struct boot *boot)
{
	if (boot->tree) {
		boot->kept_cmdline = tree_cmdline(boot->tree);
		boot->describe = tree_describe;
		boot->data = (struct segment){ .name = "dtb", .sealed = true };
		boot->data_title = "device tree";
		boot->data_max = TREE_MAX;
		placement_limit(&boot->data.placement, kernel->rest,
				"device tree between the decompressed kernel and 512 MiB");
		return;
	}
	boot->describe = describe_atags;
	boot->data = (struct segment){
		.name = "atags",
		.range.start = kernel->atags,
		.fixed = true,
		.sealed = true,
	};
}

int arm_plan_boot(struct ctx *ctx, const struct load *load, const struct arm_kernel *kernel,
		  const struct devicetree *tree, const struct kdump_arch *kdump, struct plan *plan)
{
	struct boot boot = {
		.entry = kernel->entry,
		.cmdline_size = ARM_CMDLINE_SIZE,
		.kept_cmdline = "",
		.kdump = kdump,
		.crash_words = arm_crash_words,
		.below_header = true,
		.enter = enter,
		.tree = tree,
	};

	if (load->req->bake) {
		tree_boot_baked(&boot);
		boot.kept_cmdline = tree_cmdline(tree);
		placement_limit(&boot.data.placement,
				(struct range){ kernel->rest.start + load->initrd.bytes.size,
						UINT64_MAX },
				"boot data after the decompressed kernel and its initrd");
		return boot_plan(ctx, load, &boot, plan);
	}
	placement_limit(&boot.initrd, kernel->rest,
			"initrd between the decompressed kernel and 512 MiB");
	placement_limit(&boot.purgatory, kernel->rest,
			"purgatory between the decompressed kernel and 512 MiB");
	place_data(kernel, &boot);
	return boot_plan(ctx, load, &boot, plan);
}
