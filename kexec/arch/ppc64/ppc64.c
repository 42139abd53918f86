/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppc64 in both byte orders: its names and image type. */
#include "arch/arch.h"

#include <elf.h>

#include "core/kexec_flags.h"
#include "kdump/kdump.h"
#include "ppc64.h"

static const char *const uname_le[] = { "ppc64le", NULL };
static const char *const uname_be[] = { "ppc64", NULL };

static int file_check_le(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	return ppc64_file_check(bytes, ORDER_LE, cmdline_size, err);
}

static int file_check_be(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	return ppc64_file_check(bytes, ORDER_BE, cmdline_size, err);
}

/*
 * The probe accepts kernels of both byte orders and 32-bit kernels.  The parser then refuses a
 * kernel that cannot be loaded with an exact message.
 */
static const struct image_type elf_le = {
	.name = "elf-ppc64",
	.probe = ppc_elf_probe,
	.plan = ppc64_plan,
	.file_check = file_check_le,
};
static const struct image_type elf_be = {
	.name = "elf-ppc64",
	.probe = ppc_elf_probe,
	.plan = ppc64_plan,
	.file_check = file_check_be,
};
static const struct image_type zimage = {
	.name = "zImage",
	.container = "zImage",
	.probe = ppc_elf_probe,
	.peel = ppc_zimage_peel,
};

static const struct image_type *const types_le[] = { &elf_le, &zimage, NULL };
static const struct image_type *const types_be[] = { &elf_be, &zimage, NULL };

#define LINEAR_MAP 0xc000000000000000 /* the kernel is part of it */
#define VECTORS_END 0x10000 /* the exception vectors are here, wherever the crash kernel runs */

static const struct kdump_arch kdump_le = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_PPC64,
	.default_linear = LINEAR_MAP,
	.default_known = true,
	.backup_limit = VECTORS_END,
	.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
};
static const struct kdump_arch kdump_be = {
	.elf64 = true,
	.order = ORDER_BE,
	.e_machine = EM_PPC64,
	.default_linear = LINEAR_MAP,
	.default_known = true,
	.backup_limit = VECTORS_END,
	.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
};

const struct arch arch_ppc64le = {
	ARCH_ROW_ppc64le,
	.uname = uname_le,
	.uimage = PPC64_UIMAGE,
	.page_size = PPC64_PAGE_SIZE,
	.memory.read_iomem = machine_read_ppc64,
	.insists_on_dtb = true,
	.look = ppc64_look,
	.kdump = &kdump_le,
	.bake = &ppc64_bake,
	.rel = &rel_arch_ppc64le,
	.types = types_le,
};
const struct arch arch_ppc64 = {
	ARCH_ROW_ppc64,
	.uname = uname_be,
	.uimage = PPC64_UIMAGE,
	.page_size = PPC64_PAGE_SIZE,
	.memory.read_iomem = machine_read_ppc64,
	.insists_on_dtb = true,
	.file_crash_unsafe =
		"a big-endian kernel (seen on Linux 6.1) lets the crash kernel move to "
		"address 0, over the memory to be dumped",
	.look = ppc64_look,
	.kdump = &kdump_be,
	.bake = &ppc64_bake,
	.rel = &rel_arch_ppc64,
	.types = types_be,
};
