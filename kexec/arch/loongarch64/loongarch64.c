/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loongarch64: its names and image types. */
#include "loongarch64.h"

#include "core/kexec_flags.h"
#include "image/elf_kernel.h"
#include "kdump/kdump.h"

static const char *const uname[] = { "loongarch64", NULL };

static bool vmlinux_probe(struct bytes bytes)
{
	return elf_kernel_probe(bytes, EM_LOONGARCH);
}

static const struct image_type vmlinux = {
	.name = "elf-loongarch",
	.probe = vmlinux_probe,
	.plan = loongarch64_vmlinux_plan,
	.file_check = loongarch64_vmlinux_file_check,
};
static const struct image_type zboot = { .name = "pez-loongarch", .container = "zboot" };
static const struct image_type image = {
	.name = "pei-loongarch",
	.probe = loongarch64_image_probe,
	.plan = loongarch64_image_plan,
	.file_check = loongarch64_image_file_check,
};
static const struct image_type uimage = { .name = "uImage", .container = "uImage" };
static const struct image_type uki = { .name = "uki", .container = "uki" };

static const struct image_type *const types[] = { &vmlinux, &zboot, &image, &uimage, &uki, NULL };

/* The kernel is part of the linear map. */
static const struct kdump_arch kdump = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_LOONGARCH,
	.default_linear = LOONGARCH64_WINDOW,
	.default_known = true,
	.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
};

const struct arch arch_loongarch64 = {
	ARCH_ROW_loongarch64,
	.uname = uname,
	.page_size = LOONGARCH64_PAGE_SIZE,
	.look = loongarch64_look,
	.amend_file_cmdline = loongarch64_file_cmdline,
	.kdump = &kdump,
	.rel = &rel_arch_loongarch64,
	.types = types,
};
