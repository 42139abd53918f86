/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16-bit entry of a bzImage: its setup code runs in real mode, asks the BIOS for the contents
 * of boot_params, and jumps to the kernel (kernel: arch/x86/boot.rst, "Loading The
 * Rest of The Kernel").
 *
 * The block contains one segment of 64 KiB: setup code up to 32 KiB, heap, stack.  The command line
 * follows the segment, or, before protocol 2.02, the stack.  A device tree comes last.
 */
#include "x86.h"

#include <errno.h>

#include "zero_page.h"

#define SEGMENT_SIZE 0x10000
#define MAX_SETUP_SIZE 0x8000
#define STACK_END 0xe000
#define OLD_STACK_END 0x9800 /* before protocol 2.02 */
#define ENTRY 0x200
#define PARAGRAPH_SHIFT 4

enum { CS = 1 }; /* of segment[]: es cs ss ds fs gs */

struct real_mode {
	const struct bzimage *bz;
	const struct linux_kernel *kernel;
	uint8_t *block;
	uint32_t stack_end;
	uint32_t cmdline; /* offset */
	size_t tree; /* offset of the setup_data node with the device tree; 0: no device tree */
};

void x86_warn_of_efi(struct ctx *ctx, const struct load *load)
{
	const struct machine_x86 *x86 = load->machine.arch;

	if (x86->efi_present)
		log_warn(&ctx->log,
			 "%s: its 16-bit entry needs a BIOS, and this machine was started by EFI",
			 load->image.name);
}

static int check(struct ctx *ctx, const struct load *load, const struct bzimage *bz)
{
	if (load->req->crash)
		return err_set(&ctx->err, -ENOTSUP,
			       "Can't use bzImage for crash dump purposes with real mode entry");
	if (bz->setup_size > MAX_SETUP_SIZE)
		return err_set(&ctx->err, -ENOEXEC,
			       "its setup code has 0x%x bytes, --real-mode has room for 0x%x",
			       bz->setup_size, MAX_SETUP_SIZE);
	x86_warn_of_efi(ctx, load);
	return 0;
}

static void build(struct ctx *ctx, const struct boot_info *info, struct bytes tree,
		  struct real_mode *state, struct bytes *out)
{
	const struct bzimage *bz = state->bz;
	size_t length = strlen(info->cmdline), end = state->cmdline + length + 1;
	uint8_t *block;

	out->size = end > SEGMENT_SIZE ? end : SEGMENT_SIZE;
	if (tree.size) {
		state->tree = round_up(out->size, SETUP_DATA_ALIGN);
		out->size = state->tree + SETUP_DATA_SIZE + tree.size;
	}
	out->data = block = state->block = arena_alloc(&ctx->arena, out->size);
	/* The setup code lies directly before the kernel in the file. */
	memcpy(block, bz->kernel.data - bz->setup_size, bz->setup_size);
	memcpy(block + state->cmdline, info->cmdline, length);
	block[HDR_TYPE_OF_LOADER] = LOADER_KEXEC;
	put_le32(block + HDR_CODE32_START, (uint32_t)state->kernel->entry);
	put_le32(block + HDR_RAMDISK_IMAGE, (uint32_t)info->initrd.start);
	put_le32(block + HDR_RAMDISK_SIZE, (uint32_t)range_size(info->initrd));
	if (bz->protocol >= 0x0201) {
		block[HDR_LOADFLAGS] |= LOADFLAGS_CAN_USE_HEAP;
		put_le16(block + HDR_HEAP_END_PTR, (uint16_t)(state->stack_end - ENTRY));
	}
	if (tree.size) {
		put_le32(block + state->tree + SETUP_DATA_TYPE, SETUP_DTB);
		put_le32(block + state->tree + SETUP_DATA_LENGTH, (uint32_t)tree.size);
		memcpy(block + state->tree + SETUP_DATA_SIZE, tree.data, tree.size);
	}
	if (bz->protocol < 0x0202) {
		put_le16(block + BP_CL_MAGIC, CL_MAGIC);
		put_le16(block + BP_CL_OFFSET, (uint16_t)state->cmdline);
		put_le16(block + HDR_SETUP_MOVE_SIZE, (uint16_t)end);
	}
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	const struct machine_x86 *x86 = load->machine.arch;
	struct real_mode *state = boot->kernel;

	if (!info->data) {
		build(ctx, info, x86->tree, state, out);
		return 0;
	}
	if (state->bz->protocol >= 0x0202)
		put_le32(state->block + HDR_CMD_LINE_PTR, (uint32_t)info->data + state->cmdline);
	if (state->tree)
		put_le64(state->block + HDR_SETUP_DATA, info->data + state->tree);
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	struct purgatory_x86_state *state = x86_enter(load, boot, PURGATORY_X86_REAL_MODE, plan);
	const struct real_mode *real = boot->kernel;
	uint16_t segment = (uint16_t)(info->data >> PARAGRAPH_SHIFT);

	(void)ctx;
	/* The setup code keeps a stack in its own segment, and replaces a stack elsewhere. */
	for (size_t i = 0; i < ARRAY_SIZE(state->segment); i++)
		state->segment[i] = segment;
	state->segment[CS] = segment + (ENTRY >> PARAGRAPH_SHIFT);
	state->reg[PURGATORY_X86_RSP] = real->stack_end;
	plan->kernel_entry = info->data + ENTRY;
}

int real_mode_plan(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
		   const struct linux_kernel *kernel, struct plan *plan)
{
	bool old = bz->protocol < 0x0202;
	struct real_mode state = {
		.bz = bz,
		.kernel = kernel,
		.stack_end = old ? OLD_STACK_END : STACK_END,
		.cmdline = old ? OLD_STACK_END : SEGMENT_SIZE,
	};
	struct boot boot = {
		.cmdline_size = kernel->cmdline_size,
		.data = { .name = "kernel_setup", .sealed = true },
		.describe = describe,
		.enter = enter,
		.kernel = &state,
	};
	int ret = check(ctx, load, bz);

	if (ret)
		return ret == -ENOEXEC ? ret : err_prefix(&ctx->err, "%s", load->image.name);
	x86_limit_initrd(&boot, kernel->initrd_end);
	x86_limit_places(&boot, "kernel_setup above 0x3000");
	x86_limit_low(&boot.data.placement, "kernel_setup below 640 KiB");
	x86_limit_low(&boot.purgatory, "purgatory below 640 KiB");
	return boot_plan(ctx, load, &boot, plan);
}
