/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bzImage, started by its 64-bit, 32-bit or 16-bit entry (kernel: arch/x86/boot.rst).  The
 * 64-bit and the 32-bit entry skip the real-mode setup code.
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

/* The reason not to use the 64-bit entry; NULL: use the 64-bit entry. */
static const char *why_32bit(const struct load *load, const struct bzimage *bz)
{
	if (load->req->entry_32bit)
		return "--entry-32bit asks for it";
	if (!(bz->xloadflags & XLF_KERNEL_64))
		return "it has no 64-bit entry";
	if (load->arch->bits == 32)
		return "the running kernel has 32 bits";
	/* kexec_file_load has the 64-bit entry only. */
	if (load->method != METHOD_KEXEC_FILE_LOAD && load->req->type &&
	    !strcmp(load->req->type, "bzImage"))
		return "-t bzImage asks for it";
	return NULL;
}

/* Sets the mode, the plan's sentence about it, and a limit to the memory that the entry reaches. */
static void choose_mode(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
			struct linux_kernel *kernel, struct plan *plan)
{
	const char *why = why_32bit(load, bz);

	kernel->mode = PURGATORY_X86_LONG_MODE;
	if (load->req->real_mode) {
		kernel->mode = PURGATORY_X86_REAL_MODE;
		plan->started_by = "its 16-bit entry: --real-mode asks for it";
	} else if (why) {
		kernel->mode = PURGATORY_X86_PROTECTED_MODE;
		plan->started_by = arena_printf(&ctx->arena, "its 32-bit entry: %s", why);
	} else if (!(bz->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G)) {
		plan->started_by = arena_printf(&ctx->arena,
						"its 64-bit entry, below 4 GiB: xloadflags 0x%x "
						"lacks bit 1",
						bz->xloadflags);
	}
	if (plan->started_by)
		x86_reach_4g(plan);
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
	if (bz->xloadflags & XLF_KERNEL_64)
		return;
	placement->direction = LOWEST_FIRST;
	placement_limit(placement, (struct range){ 0, X86_LOW_MEMORY_END },
			"32-bit kernel below 896 MiB");
}

/*
 * Tries kernel_alignment, then lower alignments down to min_alignment.
 * *align: the alignment that was used; of a baked image, the one to use.
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
		.scratch = true, /* init_size: the kernel clears what it needs */
	};
	int index;

	if (load->req->bake) { /* addresses are offsets */
		segment.placement.align = *align;
		return plan_place(ctx, plan, &segment, bz->init_size);
	}
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

int bzimage_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct linux_kernel kernel = { 0 };
	struct bzimage bz;
	uint32_t align;
	int ret;

	ret = bzimage_parse(load->image.bytes, &bz, &ctx->err);
	if (ret < 0)
		return ret;
	choose_mode(ctx, load, &bz, &kernel, plan);
	ret = kernel.mode == PURGATORY_X86_LONG_MODE ? check_paging(ctx, load, &bz) : 0;
	if (ret < 0)
		return err_prefix(&ctx->err, "%s", load->image.name);
	ret = x86_check_protocol_for_tree(ctx, load, bz.protocol);
	if (ret < 0)
		return ret;
	if (load->req->bake)
		ret = bzimage_bake_kernel(ctx, load, &bz, &align);
	if (!ret)
		ret = place_kernel(ctx, load, &bz, plan, &align);
	if (ret < 0)
		return ret;

	kernel.setup_header = own_setup_header(ctx, &bz, align);
	kernel.cmdline_size = bz.cmdline_size;
	kernel.takes_efi = bz.xloadflags & XLF_KERNEL_64 && bz.xloadflags & XLF_EFI_KEXEC;
	kernel.fixed = !bz.relocatable;
	kernel.has_64bit = bz.xloadflags & XLF_KERNEL_64;
	kernel.initrd_end = UINT64_MAX;
	if (kernel.mode != PURGATORY_X86_LONG_MODE || !(bz.xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G))
		kernel.initrd_end = bz.initrd_addr_max + 1ull;
	kernel.entry = plan->segment[ret].range.start;
	if (load->req->bake) {
		ret = bzimage_bake_header(ctx, kernel.setup_header, plan);
		if (ret)
			return ret;
	}
	if (kernel.mode == PURGATORY_X86_REAL_MODE)
		return real_mode_plan(ctx, load, &bz, &kernel, plan);
	if (kernel.mode == PURGATORY_X86_LONG_MODE)
		kernel.entry += ENTRY_64;
	return x86_plan_boot(ctx, load, &kernel, plan);
}

/* The kernel reserves room for " elfcorehdr=0x..." in every load, not only in crash loads. */
int bzimage_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct bzimage bz;
	int ret = bzimage_parse(bytes, &bz, err);

	if (ret)
		return ret;
	if (!bzimage64_probe(bytes))
		return err_set(err, -EOPNOTSUPP,
			       "it lacks a 64-bit entry that may lie above 4 GiB (xloadflags 0x%x, "
			       "bits 0 and 1): kexec_file_load takes no other bzImage",
			       bz.xloadflags);
	*cmdline_size = bz.cmdline_size > FILE_LOAD_SLACK ? bz.cmdline_size - FILE_LOAD_SLACK : 0;
	return 0;
}
