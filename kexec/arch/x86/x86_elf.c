/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf-x86_64 and elf-x86.  A vmlinux is started as its decompressor starts it: at its entry,
 * with the address of boot_params in rsi (kernel: arch/x86/boot.rst).  Other programs get the
 * address of ELF boot notes: in rdi, or, with 32 bits, as the argument of a C function.
 */
#include "x86.h"

#include <errno.h>

#include "image/elf_flatten.h"
#include "zero_page.h"

#define CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE without the NUL */
#define OTHER_SEGMENTS 4 /* core header, initrd, boot data, purgatory */
#define PROTOCOL 0x020c /* the first protocol in which all addresses have 64 bits */
#define STACK_SIZE 4096 /* of a 32-bit program */
#define EM_486 6

bool elf64_probe(struct bytes bytes)
{
	return elf_kernel_probe_le(bytes, EM_X86_64);
}

bool elf32_probe(struct bytes bytes)
{
	return elf_kernel_probe_le(bytes, EM_386) || elf_kernel_probe_le(bytes, EM_486);
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
static int choose_bias(struct ctx *ctx, const struct elf_kernel *elf,
		       const struct placement *window, const struct plan *plan, uint64_t *bias)
{
	struct placement placement = *window;
	uint64_t low, start;
	bool allowed = plan_allows(plan, elf->physical);
	int ret;

	*bias = 0;
	for (size_t i = 0; i < window->limits; i++)
		allowed &= range_contains(window->limit[i].range, elf->physical);
	if (!elf->relocatable || allowed)
		return 0;
	if (placement.align < X86_PAGE_SIZE)
		placement.align = X86_PAGE_SIZE;
	low = align_down(elf->physical.start, placement.align);
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
		return err_prefix(&ctx->err, "%s: %s", load->image.name, segment.name);
	return 0;
}

int x86_place_elf(struct ctx *ctx, const struct load *load, const struct elf_kernel *elf,
		  const struct placement *window, struct plan *plan, uint64_t *bias)
{
	const size_t most = PLAN_MAX_SEGMENTS - OTHER_SEGMENTS;
	struct elf_pages pages[ELF_KERNEL_MAX_LOADS];
	size_t count;
	int ret = choose_bias(ctx, elf, window, plan, bias);

	if (!ret)
		ret = elf_split_pages(ctx, &elf->elf, plan->page_size, most, pages, &count);
	for (size_t i = 0; !ret && i < count; i++)
		ret = add_segment(ctx, load, &pages[i], *bias, plan);
	if (ret == -EADDRNOTAVAIL && load->req->crash && !elf->relocatable)
		return x86_refuse_fixed(ctx, "load the bzImage of this kernel, which can be moved");
	return ret;
}

bool x86_elf_contains(const struct elf_kernel *elf, uint64_t address)
{
	for (uint32_t i = 0; i < elf->elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&elf->elf, i);

		if (ph.type == PT_LOAD && address >= ph.paddr && address - ph.paddr < ph.filesz)
			return true;
	}
	return false;
}

static int plan_vmlinux(struct ctx *ctx, const struct load *load, unsigned int mode, uint64_t entry,
			struct plan *plan)
{
	const struct linux_kernel kernel = {
		.setup_header = make_setup_header(ctx),
		.cmdline_size = CMDLINE_SIZE,
		.entry = entry,
		.mode = mode,
		.has_64bit = mode == PURGATORY_X86_LONG_MODE,
		.initrd_end = mode == PURGATORY_X86_LONG_MODE ? UINT64_MAX : X86_LOW_MEMORY_END,
	};
	const struct machine_x86 *x86 = load->machine.arch;

	if (x86->la57 && kernel.has_64bit)
		log_warn(&ctx->log, "%s does not say whether it can be entered with 5-level paging",
			 load->image.name);
	return x86_plan_boot(ctx, load, &kernel, plan);
}

/* Boot notes, and a 32-bit program's stack, which ends with a return address and the argument. */
struct notes {
	unsigned int mode;
	uint32_t stack; /* offset of the last two words; 0: the program gets purgatory's stack */
};

static int describe_notes(struct ctx *ctx, const struct load *load, const struct boot *boot,
			  const struct boot_info *info, struct bytes *out)
{
	struct notes *notes = boot->kernel;
	struct bytes block;
	uint8_t *data;

	(void)load;
	if (info->data && !notes->stack)
		return 0;
	block = elf_notes_build(ctx, info->cmdline);
	*out = block;
	if (notes->mode == PURGATORY_X86_LONG_MODE)
		return 0;
	notes->stack = (uint32_t)round_up(block.size, 16) + STACK_SIZE;
	out->size = notes->stack + 8;
	out->data = data = arena_alloc(&ctx->arena, out->size);
	memcpy(data, block.data, block.size);
	put_le32(data + notes->stack + 4, (uint32_t)info->data);
	return 0;
}

static void enter_other(struct ctx *ctx, const struct load *load, const struct boot *boot,
			const struct boot_info *info, struct plan *plan)
{
	const struct notes *notes = boot->kernel;
	struct purgatory_x86_state *state = x86_enter(load, boot, notes->mode, plan);

	(void)ctx;
	if (notes->stack)
		state->reg[PURGATORY_X86_RSP] = info->data + notes->stack;
	else
		state->reg[PURGATORY_X86_RDI] = info->data;
}

int x86_check_not_linux(struct ctx *ctx, const struct load *load)
{
	if (load->req->dtb)
		return err_set(&ctx->err, -EINVAL,
			       "--dtb means nothing for %s: it is not a Linux kernel",
			       load->image.name);
	if (load->req->force_dtb)
		log_warn(&ctx->log, "--force-dtb has no effect: %s is not a Linux kernel",
			 load->image.name);
	if (load->req->crash)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: not a Linux kernel, and only Linux can save a crash dump",
			       load->image.name);
	if (!load->req->preserve_context || load->req->elf_args == ELF_ARGS_NONE)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"%s: not a Linux kernel, which finds the address to return to on its command line",
		load->image.name);
	return err_hint(&ctx->err,
			"An ELF program of %u bits finds that address on its stack, with "
			"--args-none.",
			load->arch->bits);
}

static int plan_notes(struct ctx *ctx, const struct load *load, unsigned int mode, uint64_t entry,
		      struct plan *plan)
{
	struct notes notes = { .mode = mode };
	struct boot boot = {
		.entry = entry,
		.cmdline_size = CMDLINE_SIZE,
		.data = { .name = "boot_notes", .sealed = true },
		.describe = describe_notes,
		.enter = enter_other,
		.kernel = &notes,
	};
	int ret = x86_check_not_linux(ctx, load);

	if (ret)
		return ret;
	if (load->initrd.bytes.size) {
		err_set(&ctx->err, -EINVAL, "Ramdisks not supported with generic elf arguments");
		return err_hint(&ctx->err, "The image is not a Linux kernel: %s.",
				load->req->initrd_count ? "leave --initrd out"
							: "it cannot use the UKI's .initrd");
	}
	x86_limit_places(&boot, "boot_notes above 0x3000");
	return boot_plan(ctx, load, &boot, plan);
}

static void enter_bare(struct ctx *ctx, const struct load *load, const struct boot *boot,
		       const struct boot_info *info, struct plan *plan)
{
	(void)ctx;
	(void)info;
	x86_enter(load, boot, *(unsigned int *)boot->kernel, plan);
}

static void warn_of_purgatory_options(struct ctx *ctx, const struct request *req)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ req->console_serial, "console-serial" },
		{ req->console_vga, "console-vga" },
		{ req->reset_vga, "reset-vga" },
		{ req->on_corrupt != ON_CORRUPT_HALT, "on-corrupt" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].given)
			log_warn(&ctx->log,
				 "--%s has no effect with --args-none: the running kernel jumps to "
				 "the program, without purgatory",
				 options[i].name);
}

/* The running kernel jumps to a program of its own width; another mode needs purgatory. */
static int plan_bare(struct ctx *ctx, const struct load *load, unsigned int mode, uint64_t entry,
		     struct plan *plan)
{
	struct boot boot = { .entry = entry, .enter = enter_bare, .kernel = &mode };
	int ret = x86_check_not_linux(ctx, load);

	if (!ret)
		ret = x86_check_way_back(ctx, load, mode);
	if (ret)
		return ret;
	if (next_cmdline_given(load) || load->initrd.bytes.size)
		return err_set(
			&ctx->err, -EINVAL,
			"--args-none: the program gets neither a command line nor an initrd");
	if (mode != load->arch->bits) {
		plan->started_by = "purgatory, without arguments: the program has 32 bits";
		x86_limit_places(&boot, NULL);
		return boot_plan(ctx, load, &boot, plan);
	}
	warn_of_purgatory_options(ctx, load->req);
	plan->started_by = "the running kernel itself: --args-none";
	plan->kernel_entry = entry;
	return 0;
}

int elf_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	unsigned int mode;
	struct elf_kernel elf;
	enum elf_args args = load->req->elf_args;
	uint64_t bias, entry, pvh = 0;
	int ret;

	ret = elf_kernel_parse(load->image.bytes, &elf, &ctx->err);
	if (ret < 0)
		return ret;
	mode = elf.elf.machine == EM_X86_64 ? PURGATORY_X86_LONG_MODE
					    : PURGATORY_X86_PROTECTED_MODE;
	if (args == ELF_ARGS_AUTO && !elf.is_linux)
		pvh_entry(&elf, &pvh);
	if (mode == PURGATORY_X86_PROTECTED_MODE || pvh)
		x86_reach_4g(plan);
	ret = x86_place_elf(ctx, load, &elf, &(struct placement){ .align = elf.align }, plan,
			    &bias);
	if (ret < 0)
		return ret;
	if (pvh)
		return pvh_plan(ctx, load, pvh + bias, plan);
	entry = elf.entry_physical + bias;
	if (args == ELF_ARGS_AUTO)
		args = elf.is_linux ? ELF_ARGS_LINUX : ELF_ARGS_NOTES;
	if (args == ELF_ARGS_LINUX)
		return plan_vmlinux(ctx, load, mode, entry, plan);
	if (args == ELF_ARGS_NONE)
		return plan_bare(ctx, load, mode, entry, plan);
	return plan_notes(ctx, load, mode, entry, plan);
}
