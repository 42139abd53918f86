/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps that all arches share for the start of a Linux kernel. */
#include "boot.h"

#include <errno.h>
#include <inttypes.h>

#include "core/units.h"
#include "plan/next_cmdline.h"

static int make_cmdline(struct ctx *ctx, const struct load *load, const struct boot *boot,
			const char **out)
{
	int ret;

	*out = NULL;
	if (boot->kept_cmdline && !next_cmdline_given(load)) {
		/* A crash kernel must not reserve memory for a second crash kernel. */
		if (load->req->crash && !boot->crash_words &&
		    cmdline_has_param(boot->kept_cmdline, "crashkernel"))
			*out = next_cmdline_filter(ctx, boot->kept_cmdline, true);
		return 0;
	}
	ret = next_cmdline(ctx, load, boot->cmdline_size, out);
	if (ret || !boot->amend_cmdline)
		return ret;
	return boot->amend_cmdline(ctx, load, boot->cmdline_size, out);
}

static int add_core_header(struct ctx *ctx, const struct load *load, const struct boot *boot,
			   struct boot_info *info, struct plan *plan)
{
	struct kdump *kdump = arena_alloc(&ctx->arena, sizeof(*kdump));
	struct kdump_words words = { 0 };
	int ret = kdump_place(ctx, load, boot->kdump, plan, kdump);

	info->kdump = kdump;
	if (ret || !boot->crash_words)
		return ret;
	boot->crash_words(load, boot, kdump, &words);
	return kdump_command_line(ctx, info->cmdline ? info->cmdline : "", boot->cmdline_size,
				  &words, &info->cmdline);
}

static struct placement below_header(const struct boot *boot, const struct boot_info *info,
				     const struct placement *placement)
{
	struct placement below = *placement;

	if (boot->below_header && info->kdump)
		placement_limit(&below, (struct range){ 0, info->kdump->elfcorehdr },
				"below the core header");
	return below;
}

/* Finds the block that boot data of any size fits into. */
static int find_data_block(struct ctx *ctx, const struct boot *boot, const struct plan *plan,
			   struct range *block)
{
	struct placement placement = boot->data.placement;
	int ret;

	placement.align = boot->data_block;
	ret = plan_find(ctx, plan, boot->data.name, &placement, boot->data_block, &block->start);
	block->end = block->start + boot->data_block;
	return ret;
}

static int place_initrd(struct ctx *ctx, const struct load *load, const struct boot *boot,
			struct boot_info *info, struct plan *plan)
{
	struct segment segment = {
		.name = "initrd",
		.file = load->initrd.name,
		.bytes = load->initrd.bytes,
		.placement = below_header(boot, info, &boot->initrd),
		.sealed = true,
	};
	struct range block;
	int ret;

	info->initrd = load->kept_initrd;
	if (!segment.bytes.size)
		return 0;
	if (boot->data_before_initrd) {
		ret = find_data_block(ctx, boot, plan, &block);
		if (ret)
			return ret;
		placement_limit(&segment.placement, (struct range){ block.end, UINT64_MAX },
				arena_printf(&ctx->arena, "initrd above the %s", boot->data_title));
	}
	ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	info->initrd.start = plan->segment[ret].range.start;
	info->initrd.end = info->initrd.start + segment.bytes.size;
	return 0;
}

/* Places the boot data.  Returns the index of the segment. */
static int place_data(struct ctx *ctx, const struct boot *boot, const struct boot_info *info,
		      struct segment *segment, struct plan *plan)
{
	struct range block;
	int ret;

	if (segment->fixed)
		return plan_fix(ctx, plan, segment, segment->range.start, segment->bytes.size);
	segment->placement = below_header(boot, info, &segment->placement);
	if (boot->data_block) {
		ret = find_data_block(ctx, boot, plan, &block);
		if (ret)
			return ret;
		segment->placement.align = boot->data_block;
		placement_limit(&segment->placement, block,
				arena_printf(&ctx->arena, "%s in %" PRIu64 " MiB of free memory",
					     boot->data_title, boot->data_block / MIB));
	}
	return plan_place(ctx, plan, segment, segment->bytes.size);
}

/*
 * Moves the boot data directly after the kernel in the order of segments.  The running kernel
 * takes the first segment with the magic number of a device tree.  An initrd may start with the
 * same bytes.
 */
static int move_after_kernel(struct plan *plan, int index)
{
	const struct segment data = plan->segment[index];

	for (; index > 1; index--)
		plan->segment[index] = plan->segment[index - 1];
	plan->segment[index] = data;
	return index;
}

static int add_data(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    struct boot_info *info, struct plan *plan)
{
	struct segment segment = boot->data;
	int ret = boot->describe(ctx, load, boot, info, &segment.bytes);

	if (ret)
		return ret;
	if (boot->data_max && segment.bytes.size > boot->data_max)
		return err_set(&ctx->err, -EFBIG, "the %s has %zu bytes, %s kernels take %" PRIu64,
			       boot->data_title, segment.bytes.size, plan->arch, boot->data_max);
	ret = place_data(ctx, boot, info, &segment, plan);
	if (ret < 0)
		return ret;
	if (boot->data_after_kernel)
		ret = move_after_kernel(plan, ret);
	info->data = plan->segment[ret].range.start;
	return boot->describe(ctx, load, boot, info, &plan->segment[ret].bytes);
}

static void want_purgatory(const struct load *load, const struct boot *boot,
			   const struct boot_info *info, struct plan *plan)
{
	plan->wants_purgatory = true;
	plan->purgatory_placement = below_header(boot, info, &boot->purgatory);
	plan->params.flags = (load->req->no_checks ? 0 : PURGATORY_VERIFY) |
			     (load->req->on_corrupt == ON_CORRUPT_REBOOT ? PURGATORY_REBOOT : 0) |
			     (load->req->preserve_context ? PURGATORY_JUMP_BACK : 0);
	plan->kernel_entry = boot->entry;
}

int boot_plan(struct ctx *ctx, const struct load *load, const struct boot *boot, struct plan *plan)
{
	struct boot_info info = { 0 };
	int ret = make_cmdline(ctx, load, boot, &info.cmdline);

	if (!ret && (load->req->crash || load->req->preserve_context) && boot->kdump)
		ret = add_core_header(ctx, load, boot, &info, plan);
	if (!ret)
		ret = place_initrd(ctx, load, boot, &info, plan);
	if (!ret && boot->describe)
		ret = add_data(ctx, load, boot, &info, plan);
	if (ret)
		return ret;
	plan->cmdline = info.cmdline ? info.cmdline : boot->kept_cmdline;
	want_purgatory(load, boot, &info, plan);
	boot->enter(ctx, load, boot, &info, plan);
	return 0;
}
