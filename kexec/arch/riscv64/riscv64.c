/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64: its names and image types. */
#include "arch/arch.h"

#include <elf.h>

#include "riscv64_machine.h"
#include "riscv64.h"
#include "image/elf_kernel.h"
#include "core/kexec_flags.h"
#include "kdump/kdump.h"

static const char *const uname[] = { "riscv64", NULL };

static int look(struct ctx *ctx, struct load *load)
{
	int ret = load->req->crash ? machine_read_riscv64(ctx, &load->machine) : 0;

	return ret ? ret : tree_look(ctx, load);
}

static bool vmlinux_probe(struct bytes bytes)
{
	return elf_kernel_probe_le(bytes, EM_RISCV);
}

static const struct image_type vmlinux = {
	.name = "elf-riscv",
	.probe = vmlinux_probe,
	.plan = riscv64_vmlinux_plan,
	.file_check = riscv64_vmlinux_file_check,
};
static const struct image_type image = {
	.name = "image-riscv",
	.probe = riscv_image_probe,
	.plan = riscv64_image_plan,
	.file_check = riscv64_image_file_check,
};
static const struct image_type vmlinuz = { .name = "vmlinuz-riscv", .container = "zboot" };
static const struct image_type uimage = { .name = "uImage", .container = "uImage" };
static const struct image_type uki = { .name = "uki", .container = "uki" };

static const struct image_type *const types[] = { &vmlinux, &image, &vmlinuz, &uimage, &uki, NULL };

/* With and without KASLR the image is in the last 2 GiB of addresses; modules are below. */
static const struct kdump_arch kdump = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_RISCV,
	.kernel_window = { 0xffffffff80000000, UINT64_MAX },
	.default_none = true,
	.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
};

const struct arch arch_riscv64 = {
	ARCH_ROW_riscv64,
	.uname = uname,
	.uimage = RISCV64_UIMAGE,
	.page_size = RISCV64_PAGE_SIZE,
	.append = APPEND_BOTH_LINES,
	.look = look,
	.kdump = &kdump,
	.kept_cmdline = tree_kept_cmdline,
	.bake = &tree_bake_image,
	.rel = &rel_arch_riscv64,
	.types = types,
};
