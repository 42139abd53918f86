/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bzImage64: a bzImage started through its 64-bit entry, which skips the
 * real-mode setup code (kernel: arch/x86/boot.rst).
 */
#include "x86.h"

#include <errno.h>

#include "zero_page.h"
#include "core/units.h"

#define ENTRY_64 0x200
#define FILE_LOAD_SLACK 31 /* Linux: MAX_ELFCOREHDR_STR_LEN and the NUL */

static int check_paging(struct ctx *ctx, const struct load *load, const struct bzimage *bz)
{
	const struct machine_x86 *x86 = load->machine.arch;

	if (!x86->la57 || bz->xloadflags & XLF_5LEVEL)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"This machine runs with 5-level paging, in which the kernel "
		"cannot be entered (xloadflags 0x%x lacks bit 5)",
		bz->xloadflags);
	return err_hint(&ctx->err, "Start the running kernel with no5lvl, or load one built with "
				   "CONFIG_X86_5LEVEL.");
}

static void limit_kernel(const struct bzimage *bz, struct placement *placement)
{
	/*
	 * A kernel that is loaded below pref_address moves itself to pref_address, and does
	 * not check the memory there.  So lower addresses are not tried.
	 */
	if (bz->pref_address > MIB)
		placement_limit(placement, (struct range){ bz->pref_address, UINT64_MAX },
				"pref_address");
	else
		placement_limit(placement, (struct range){ MIB, UINT64_MAX }, "kernel above 1 MiB");
}

/*
 * Tries kernel_alignment, then lower alignments down to min_alignment.
 * *align: the alignment that was used.
 */
static int place_kernel(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
			struct plan *plan, uint32_t *align)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = bz->kernel,
		.placement = { .direction = HIGHEST_FIRST },
		.sealed = true,
	};
	int index;

	limit_kernel(bz, &segment.placement);
	*align = bz->kernel_alignment;
	if (!bz->relocatable) {
		index = plan_fix(ctx, plan, &segment, bz->pref_address, bz->init_size);
		if (index == -EADDRNOTAVAIL && load->req->crash)
			return x86_refuse_fixed(ctx, "build it with CONFIG_RELOCATABLE");
		return index;
	}
	for (;; *align /= 2) {
		segment.placement.align = *align;
		index = plan_place(ctx, plan, &segment, bz->init_size);
		if (index != -EADDRNOTAVAIL || *align / 2 < 1u << bz->min_alignment)
			return index;
		err_clear(&ctx->err);
	}
}

/* The setup header for the next kernel: it contains the alignment that was used. */
static struct bytes own_setup_header(struct ctx *ctx, const struct bzimage *bz, uint32_t align)
{
	uint8_t *copy;

	if (align == bz->kernel_alignment)
		return bz->setup_header;
	log_debug(&ctx->log, "kernel aligned to 0x%x, it prefers 0x%x", align,
		  bz->kernel_alignment);
	copy = arena_alloc(&ctx->arena, bz->setup_header.size);
	memcpy(copy, bz->setup_header.data, bz->setup_header.size);
	put_le32(copy + HDR_KERNEL_ALIGNMENT - BP_SETUP_HEADER, align);
	return (struct bytes){ copy, bz->setup_header.size };
}

int bzimage64_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct linux_kernel kernel = { 0 };
	struct bzimage bz;
	uint32_t align;
	int ret;

	ret = bzimage_parse(load->image.bytes, &bz, &ctx->err);
	if (ret < 0)
		return ret;
	ret = check_paging(ctx, load, &bz);
	if (ret < 0)
		return err_prefix(&ctx->err, "%s", load->image.name);
	ret = place_kernel(ctx, load, &bz, plan, &align);
	if (ret < 0)
		return ret;

	kernel = (struct linux_kernel){
		.setup_header = own_setup_header(ctx, &bz, align),
		.cmdline_size = bz.cmdline_size,
		.takes_efi = bz.xloadflags & XLF_EFI_KEXEC,
		.entry = plan->segment[ret].range.start + ENTRY_64,
	};
	return x86_plan_boot(ctx, load, &kernel, plan);
}

/*
 * Scripts use `-t bzImage` for any bzImage.  A kernel with a 64-bit entry is started by
 * that entry; the result is the same.
 */
int bzimage_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	if (bzimage64_probe(load->image.bytes))
		return bzimage64_plan(ctx, load, plan);
	return err_set(&ctx->err, -ENOTSUP,
		       "%s: a kernel without a 64-bit entry point is not supported yet",
		       load->image.name);
}

/* The kernel reserves room for " elfcorehdr=0x..." in every load, not only in crash loads. */
int bzimage_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct bzimage bz;
	int ret = bzimage_parse(bytes, &bz, err);

	if (ret)
		return ret;
	*cmdline_size = bz.cmdline_size > FILE_LOAD_SLACK ? bz.cmdline_size - FILE_LOAD_SLACK : 0;
	return 0;
}
