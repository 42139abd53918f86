/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: names, image types. */
#include "arm64.h"

#include <elf.h>

#include "image/elf_kernel.h"
#include "core/kexec_flags.h"
#include "kdump/kdump.h"

/* Not aarch64_be: purgatory, its parameters and the core header are little endian. */
static const char *const uname[] = { "aarch64", NULL };

static bool vmlinux_probe(struct bytes bytes)
{
	return elf_kernel_probe(bytes, EM_AARCH64);
}

static const struct image_type vmlinux = {
	.name = "vmlinux",
	.probe = vmlinux_probe,
	.plan = arm64_vmlinux_plan,
};
static const struct image_type image = {
	.name = "Image",
	.probe = arm64_image_probe,
	.plan = arm64_image_plan,
	.file_check = arm64_image_file_check,
};
static const struct image_type uimage = { .name = "uImage", .container = "uImage" };
static const struct image_type vmlinuz = { .name = "vmlinuz", .container = "zboot" };
static const struct image_type uki = { .name = "uki", .container = "uki" };

static const struct image_type *const types[] = { &vmlinux, &image, &uimage, &vmlinuz, &uki, NULL };

/* The window is all kernel addresses: the image's place depends on address size and KASLR. */
static const struct kdump_arch kdump = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_AARCH64,
	.kernel_window = { 0xff00000000000000, UINT64_MAX },
	.linear_in_window = true,
	.default_none = true,
	.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
};

const struct arch arch_arm64 = {
	ARCH_ROW_arm64,
	.uname = uname,
	.uimage = ARM64_UIMAGE,
	.page_size = ARM64_PAGE_SIZE,
	.look = arm64_look,
	.kdump = &kdump,
	.kept_cmdline = tree_kept_cmdline,
	.bake = &tree_bake_image,
	.rel = &rel_arch_arm64,
	.types = types,
};
