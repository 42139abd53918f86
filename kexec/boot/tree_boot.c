/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels that boot with a device tree: its /chosen contains initrd, core header and
 * command line (Linux: devicetree/usage-model.rst, admin-guide/kdump/kdump.rst).
 */
#include "tree_boot.h"

#include <errno.h>

#include "image/linux_image.h"

#define DTB_BLOCK (2u << 20)

static int take_appended(struct ctx *ctx, const struct load *load, struct bytes appended,
			 struct devicetree *tree)
{
	if (!appended.size) {
		appended = load->image.trees;
		tree_warn_of_several(ctx, load, load->image.tree_count);
	}
	if (appended.size)
		return devicetree_check(ctx,
					arena_printf(&ctx->arena, "%s (appended)",
						     load->image.name),
					appended, tree);
	ctx->err = *load->no_tree;
	return ctx->err.code;
}

int tree_choose(struct ctx *ctx, const struct load *load, struct bytes appended, struct plan *plan,
		struct devicetree *tree)
{
	struct range_set reserved;
	int ret = 0;

	if (load->tree)
		*tree = *load->tree;
	else
		ret = take_appended(ctx, load, appended, tree);
	if (!ret && (!load->req->bake || load->req->dtb))
		ret = devicetree_check_memory(ctx, tree, load->req->command_line);
	if (ret || load->req->bake) /* the addresses in the tree are not those of the plan */
		return ret;
	devicetree_reserved(ctx, tree, &reserved);
	plan->ram = range_set_copy(&ctx->arena, &plan->ram);
	for (size_t i = 0; i < reserved.count; i++)
		range_set_subtract(&ctx->arena, &plan->ram, reserved.range[i]);
	return 0;
}

const char *tree_cmdline(const struct devicetree *tree)
{
	const char *own = devicetree_bootargs(tree);

	return own ? own : "";
}

/* Lists the memory that the crash kernel may use.  The reservation for the load comes first. */
static void set_usable_memory(struct ctx *ctx, const struct load *load,
			      struct devicetree_changes *changes)
{
	const struct range_set *cma = &load->machine.crash_cma;
	struct range_set others = range_set_copy(&ctx->arena, &load->machine.crash);
	struct range *usable;

	for (size_t i = 0; i < cma->count; i++)
		range_set_add(&ctx->arena, &others, cma->range[i]);
	range_set_subtract(&ctx->arena, &others, load->reservation);
	usable = arena_array(&ctx->arena, others.count + 1, sizeof(*usable));
	usable[0] = load->reservation;
	for (size_t i = 0; i < others.count; i++)
		usable[i + 1] = others.range[i];
	changes->usable = usable;
	changes->usable_count = others.count + 1;
}

int tree_describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct bytes *out)
{
	struct devicetree_changes changes = {
		.bootargs = info->cmdline,
		.initrd = info->initrd,
		.dry_run = load->req->dry_run,
	};

	if (info->data) /* a tree does not contain its own address */
		return 0;
	if (load->req->bake) {
		*out = (struct bytes){ arena_alloc(&ctx->arena, TREE_HANDOVER_SIZE),
				       TREE_HANDOVER_SIZE };
		return 0;
	}
	if (info->kdump) {
		changes.elfcorehdr = info->kdump->header;
		set_usable_memory(ctx, load, &changes);
	}
	return devicetree_change(ctx, boot->tree, &changes, out);
}

void tree_boot_baked(struct boot *boot)
{
	boot->describe = tree_describe;
	boot->data.name = "handover";
	boot->data.sealed = false;
	boot->data_block = 0; /* all memory of the image is RAM that the kernel maps */
}

static int finish_image(struct ctx *ctx, const struct bake_front *front)
{
	(void)ctx;
	put_le64(front->image + LINUX_IMAGE_SIZE, front->memory_size);
	return 0;
}

static const char *const image_starts_as[] = { "linux", NULL };

const struct bake_arch tree_bake_image = {
	.memory_end = UINT64_MAX,
	.handover_size = TREE_HANDOVER_SIZE,
	.starts_as = image_starts_as,
	.finish = finish_image,
};

void tree_boot_above(const struct load *load, struct boot *boot, struct range kernel)
{
	const struct range above = { kernel.end, UINT64_MAX };

	boot->entry = kernel.start;
	boot->kept_cmdline = tree_cmdline(boot->tree);
	boot->describe = tree_describe;
	boot->data.name = "dtb";
	boot->data_title = "device tree";
	boot->data.sealed = true;
	boot->data_block = DTB_BLOCK;
	boot->data_max = DTB_BLOCK;
	if (load->req->bake) {
		tree_boot_baked(boot);
		return;
	}
	placement_limit(&boot->initrd, above, "initrd above the kernel");
	placement_limit(&boot->data.placement, above, "device tree above the kernel");
	placement_limit(&boot->purgatory, above, "purgatory above the kernel");
}

void tree_serial(struct ctx *ctx, const struct load *load, const struct devicetree *tree,
		 struct plan *plan)
{
	boot_serial(ctx, load, tree, tree ? devicetree_stdout : NULL, plan);
}

void tree_warn_of_halt(struct ctx *ctx, const struct load *load, uint64_t psci)
{
	bool start_code_looks = load->req->bake && !load->req->dtb;

	if (load->req->on_corrupt == ON_CORRUPT_REBOOT && psci == PURGATORY_PSCI_NONE &&
	    !start_code_looks)
		log_warn(
			&ctx->log,
			"--on-corrupt=reboot will halt the machine: neither a device tree nor ACPI "
			"reports a firmware call for a reset (PSCI)");
}
