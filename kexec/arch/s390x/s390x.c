/* SPDX-License-Identifier: GPL-2.0-or-later */
/* s390x: names, image types. */
#include "arch/arch.h"

#include <elf.h>

#include "image/elf_kernel.h"
#include "s390x.h"

/* Not s390: 31-bit kernels have no crash support, and Linux dropped them in 4.1. */
static const char *const uname[] = { "s390x", NULL };
static const char *const uname32[] = { "s390", NULL };

static int look(struct ctx *ctx, struct load *load)
{
	return s390x_remove_offline(ctx, &load->machine);
}

static bool vmlinux_probe(struct bytes bytes)
{
	return elf_kernel_probe(bytes, EM_S390);
}

static const struct image_type vmlinux = {
	.name = "vmlinux",
	.probe = vmlinux_probe,
	.plan = s390x_vmlinux_plan,
	.file_check = s390x_vmlinux_file_check,
	.own_cmdline = s390x_vmlinux_own_cmdline,
};
static const struct image_type image = {
	.name = "image",
	.probe = s390_image_probe,
	.version = s390_image_version,
	.named_probe = s390_image_old_probe,
	.named_hint =
		"It has no S390EP at 0x10008, which Linux has from 3.2 on; --type=image loads "
		"an older kernel.",
	.plan = s390x_image_plan,
	.file_check = s390x_image_file_check,
	.own_cmdline = s390x_image_own_cmdline,
};

static const struct image_type *const types[] = { &vmlinux, &image, NULL };

const struct arch arch_s390x = {
	ARCH_ROW_s390x,
	.uname = uname,
	.uname32 = uname32,
	.page_size = S390X_PAGE_SIZE,
	.append = APPEND_ALL_JOINED,
	.makes_core_header = true,
	.memory.reservation_is_ram = true,
	.look = look,
	.rel = &rel_arch_s390x,
	.types = types,
};
