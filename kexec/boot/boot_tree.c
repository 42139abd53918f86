/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a Linux that is told all it has to know by a device tree: initrd, core header
 * and command line are in its /chosen.
 */
#include "boot.h"

#include <errno.h>
#include <inttypes.h>

#include "core/kexec_flags.h"

#define DTB_BLOCK (2u << 20) /* mapped as one, and the largest tree */

static struct range above_kernel(const struct tree_boot *boot)
{
	return (struct range){ boot->kernel.end, UINT64_MAX };
}

/* Core header and the memory that is left (Linux: admin-guide/kdump/kdump.rst). */
static int plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct kdump_arch *arch, struct plan *plan,
		      struct devicetree_changes *changes)
{
	const struct kdump_options options = { .vmcoreinfo = true, .hotplug = req->hotplug };
	struct machine_crash crash;
	struct kdump kdump;
	int ret = machine_read_crash(ctx, machine, &crash);

	if (!ret)
		ret = kdump_place(ctx, machine, &crash, arch, &options, plan, &kdump);
	if (ret)
		return ret;
	changes->elfcorehdr = kdump.header;
	if (req->hotplug)
		plan->kexec_flags |= KEXEC_CRASH_HOTPLUG_SUPPORT;
	return arch_usable_memory(ctx, machine, changes);
}

static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, const struct tree_boot *boot, struct limit above,
			struct plan *plan, struct range *initrd)
{
	struct placement placement = { .align = plan->page_size, .direction = LOWEST_FIRST };

	if (req->reuse_initrd) {
		*initrd = machine->initrd;
		return 0;
	}
	placement_limit(&placement, above.range, above.why);
	if (boot->initrd.why)
		placement_limit(&placement, boot->initrd.range, boot->initrd.why);
	return arch_place_initrd(ctx, req, machine, image, &placement, plan, initrd);
}

/*
 * The kernel maps the 2 MiB block around the tree: one that is memory for use as a
 * whole, so that nothing in it is to be mapped otherwise.
 */
static int find_tree_block(struct ctx *ctx, const struct request *req, const struct tree_boot *boot,
			   const struct plan *plan, struct placement *placement,
			   struct range *block)
{
	int ret;

	*placement = (struct placement){ .align = DTB_BLOCK, .direction = LOWEST_FIRST };
	placement_limit(placement, above_kernel(boot), "device tree above the kernel");
	if (boot->tree.why)
		placement_limit(placement, boot->tree.range, boot->tree.why);
	arch_limit_placement(req, placement);
	ret = plan_find(ctx, plan, "dtb", placement, DTB_BLOCK, &block->start);
	block->end = block->start + DTB_BLOCK;
	return ret;
}

static int place_tree(struct ctx *ctx, const struct request *req, struct bytes blob,
		      const struct tree_boot *boot, struct plan *plan)
{
	struct segment segment = { .name = "dtb", .bytes = blob, .sealed = true };
	struct range block;
	int ret;

	if (blob.size > DTB_BLOCK)
		return err_set(&ctx->err, -EFBIG,
			       "the device tree has %zu bytes, %s kernels take %u", blob.size,
			       plan->arch, DTB_BLOCK);
	ret = find_tree_block(ctx, req, boot, plan, &segment.placement, &block);
	if (ret)
		return ret;
	placement_limit(&segment.placement, block, "device tree in 2 MiB of free memory");
	return plan_place(ctx, plan, &segment, blob.size);
}

/* Where the tree may not go anywhere, a large initrd must not take its place. */
static int initrd_room(struct ctx *ctx, const struct request *req, const struct tree_boot *boot,
		       const struct plan *plan, struct limit *above)
{
	struct placement placement;
	struct range block;
	int ret;

	*above = (struct limit){ above_kernel(boot), "initrd above the kernel" };
	if (!boot->tree.why)
		return 0;
	ret = find_tree_block(ctx, req, boot, plan, &placement, &block);
	*above = (struct limit){ { block.end, UINT64_MAX }, "initrd above the device tree" };
	return ret;
}

static void want_purgatory(const struct request *req, const struct tree_boot *boot,
			   struct plan *plan)
{
	plan->wants_purgatory = true;
	plan->purgatory_placement = (struct placement){
		.align = plan->page_size,
		.direction = LOWEST_FIRST,
	};
	placement_limit(&plan->purgatory_placement, above_kernel(boot),
			"purgatory above the kernel");
	arch_limit_placement(req, &plan->purgatory_placement);
	plan->params.flags = arch_purgatory_flags(req);
	plan->kernel_entry = boot->kernel.start;
}

int arch_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, const struct tree_boot *boot,
		    const struct devicetree *tree, struct plan *plan)
{
	struct devicetree_changes changes = { .dry_run = req->dry_run };
	struct bytes blob = { 0 };
	struct limit above = { 0 };
	int ret;

	ret = arch_bootargs(ctx, req, machine, image, boot->cmdline_size, &changes.bootargs);
	if (!ret && req->crash)
		ret = plan_crash(ctx, req, machine, boot->kdump, plan, &changes);
	if (!ret)
		ret = initrd_room(ctx, req, boot, plan, &above);
	if (!ret)
		ret = place_initrd(ctx, req, machine, image, boot, above, plan, &changes.initrd);
	if (!ret)
		ret = devicetree_change(ctx, tree, &changes, &blob);
	if (!ret)
		ret = place_tree(ctx, req, blob, boot, plan);
	if (ret < 0)
		return ret;
	plan->cmdline = changes.bootargs ? changes.bootargs : devicetree_bootargs(tree);
	if (!plan->cmdline)
		plan->cmdline = "";
	want_purgatory(req, boot, plan);
	return ret;
}
