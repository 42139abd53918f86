/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf-x86_64.  A vmlinux is started in the way of its own decompressor: at its entry, with
 * the address of boot_params in rsi (kernel: arch/x86/boot.rst, "64-bit Boot Protocol").
 * Other programs get the address of ELF boot notes in rdi.
 */
#include "x86.h"

#include <errno.h>

#include "image/elf_flatten.h"
#include "image/elf_kernel.h"
#include "zero_page.h"

#define CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE without the NUL */
#define OTHER_SEGMENTS 4 /* core header, initrd, boot data, purgatory */
#define PROTOCOL 0x020c /* the first protocol in which all addresses have 64 bits */

bool elf64_probe(struct bytes bytes)
{
	return elf_kernel_probe_le(bytes, EM_X86_64);
}

/* A vmlinux contains no setup header: fills the fields that the kernel reads in boot_params. */
static struct bytes make_setup_header(struct ctx *ctx)
{
	size_t size = HDR_SETUP_DATA + 8 - BP_SETUP_HEADER;
	uint8_t *header = arena_alloc(&ctx->arena, size);

	/* Flag: mount the root file system read-only.  Every bzImage has this default. */
	put_le16(header + HDR_ROOT_FLAGS - BP_SETUP_HEADER, 1);
	memcpy(header + HDR_MAGIC - BP_SETUP_HEADER, "HdrS", 4);
	put_le16(header + HDR_VERSION - BP_SETUP_HEADER, PROTOCOL);
	put_le32(header + HDR_CMDLINE_SIZE - BP_SETUP_HEADER, CMDLINE_SIZE);
	return (struct bytes){ header, size };
}

/*
 * Chooses the distance by which the image is moved, modulo 2^64, because it may move down.
 * 0 for an image that cannot be moved, or whose own addresses are free.
 */
static int choose_bias(struct ctx *ctx, const struct elf_kernel *elf, const struct plan *plan,
		       uint64_t *bias)
{
	struct placement placement = {
		.align = elf->align > X86_PAGE_SIZE ? elf->align : X86_PAGE_SIZE,
		.direction = LOWEST_FIRST,
	};
	uint64_t low = align_down(elf->physical.start, placement.align), start;
	int ret;

	*bias = 0;
	if (!elf->relocatable || plan_allows(plan, elf->physical))
		return 0;
	ret = plan_find(ctx, plan, "kernel", &placement, elf->physical.end - low, &start);
	if (ret < 0)
		return ret;
	*bias = start - low;
	return 0;
}

static int add_segment(struct ctx *ctx, const struct load *load, const struct elf_pages *pages,
		       uint64_t bias, struct plan *plan)
{
	struct segment segment = {
		.name = arena_printf(&ctx->arena, "kernel.%u", pages->index),
		.file = load->image.name,
		.bytes = pages->bytes,
		.sealed = true,
	};
	int ret = plan_fix(ctx, plan, &segment, pages->range.start + bias,
			   range_size(pages->range));

	if (ret < 0)
		return err_prefix(&ctx->err, "%s: program header %u", load->image.name,
				  pages->index);
	return 0;
}

static int add_segments(struct ctx *ctx, const struct load *load, const struct elf_kernel *elf,
			struct plan *plan, uint64_t *bias)
{
	const size_t most = PLAN_MAX_SEGMENTS - OTHER_SEGMENTS;
	struct elf_pages pages[ELF_KERNEL_MAX_LOADS];
	size_t count;
	int ret = choose_bias(ctx, elf, plan, bias);

	if (!ret)
		ret = elf_split_pages(ctx, &elf->elf, plan->page_size, most, pages, &count);
	for (size_t i = 0; !ret && i < count; i++)
		ret = add_segment(ctx, load, &pages[i], *bias, plan);
	if (ret == -EADDRNOTAVAIL && load->req->crash && !elf->relocatable)
		return x86_refuse_fixed(ctx, "load the bzImage of this kernel, which can be moved");
	return ret;
}

static int plan_vmlinux(struct ctx *ctx, const struct load *load, uint64_t entry, struct plan *plan)
{
	const struct linux_kernel kernel = {
		.setup_header = make_setup_header(ctx),
		.cmdline_size = CMDLINE_SIZE,
		.entry = entry,
		.mode = PURGATORY_X86_LONG_MODE,
		.has_64bit = true,
		.initrd_end = UINT64_MAX,
	};
	const struct machine_x86 *x86 = load->machine.arch;

	if (x86->la57)
		log_warn(&ctx->log, "%s does not say whether it can be entered with 5-level paging",
			 load->image.name);
	return x86_plan_boot(ctx, load, &kernel, plan);
}

static int describe_notes(struct ctx *ctx, const struct load *load, const struct boot *boot,
			  const struct boot_info *info, struct bytes *out)
{
	(void)load;
	(void)boot;
	if (!info->data)
		*out = elf_notes_build(ctx, info->cmdline);
	return 0;
}

static void enter_other(struct ctx *ctx, const struct load *load, const struct boot *boot,
			const struct boot_info *info, struct plan *plan)
{
	(void)ctx;
	x86_enter(load, boot, PURGATORY_X86_LONG_MODE, plan)->reg[PURGATORY_X86_RDI] = info->data;
}

static int plan_other(struct ctx *ctx, const struct load *load, uint64_t entry, struct plan *plan)
{
	struct boot boot = {
		.entry = entry,
		.cmdline_size = CMDLINE_SIZE,
		.data = { .name = "boot_notes", .sealed = true },
		.describe = describe_notes,
		.enter = enter_other,
	};

	if (load->req->crash)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: not a Linux kernel, and only Linux can save a crash dump",
			       plan->kernel);
	if (load->initrd.bytes.size) {
		err_set(&ctx->err, -EINVAL, "Ramdisks not supported with generic elf arguments");
		return err_hint(&ctx->err, "The image is not a Linux kernel: %s.",
				load->req->initrd_count ? "leave --initrd out"
							: "it cannot use the UKI's .initrd");
	}
	x86_limit_places(&boot, "boot_notes above 0x3000");
	return boot_plan(ctx, load, &boot, plan);
}

int elf64_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct elf_kernel elf;
	uint64_t bias, entry;
	int ret;

	ret = elf_kernel_parse(load->image.bytes, &elf, &ctx->err);
	if (ret < 0)
		return ret;
	ret = add_segments(ctx, load, &elf, plan, &bias);
	if (ret < 0)
		return ret;
	entry = elf.entry_physical + bias;
	if (load->req->elf_args == ELF_ARGS_LINUX ||
	    (load->req->elf_args == ELF_ARGS_AUTO && elf.is_linux))
		return plan_vmlinux(ctx, load, entry, plan);
	return plan_other(ctx, load, entry, plan);
}
