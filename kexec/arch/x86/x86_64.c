/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: names, image types. */
#include "arch/arch.h"

#include <elf.h>

#include "core/kexec_flags.h"
#include "kdump/kdump.h"
#include "beoboot.h"
#include "multiboot.h"
#include "x86.h"

static const char *const uname[] = { "x86_64", NULL };
static const char *const uname32[] = { "i*", NULL };

static const struct image_type multiboot2 = {
	.name = "multiboot2-x86",
	.probe = multiboot2_probe,
	.takes = IMAGE_TAKES_MODULES,
	.plan = multiboot2_plan,
};
static const struct image_type elf_x86_64 = {
	.name = "elf-x86_64",
	.probe = elf64_probe,
	.takes = IMAGE_TAKES_NO_ARGS,
	.plan = elf_plan,
};
static const struct image_type multiboot = {
	.name = "multiboot-x86",
	.probe = multiboot1_probe,
	.takes = IMAGE_TAKES_MODULES,
	.plan = multiboot1_plan,
};
static const struct image_type elf_x86 = {
	.name = "elf-x86",
	.probe = elf32_probe,
	.takes = IMAGE_TAKES_NO_ARGS,
	.plan = elf_plan,
};
static const struct image_type bzimage64 = {
	.name = "bzImage64",
	.probe = bzimage64_probe,
	.takes = IMAGE_TAKES_ENTRY,
	.version = bzimage_version,
	.plan = bzimage_plan,
	.file_check = bzimage_file_check,
};
static const struct image_type bzimage = {
	.name = "bzImage",
	.probe = bzimage_probe,
	.takes = IMAGE_TAKES_ENTRY,
	.version = bzimage_version,
	.plan = bzimage_plan,
	.file_check = bzimage_file_check,
};
static const struct image_type beoboot = {
	.name = "beoboot-x86",
	.container = "beoboot",
	.probe = beoboot_probe,
	.peel = beoboot_peel,
};
static const struct image_type nbi = { .name = "nbi-x86" };
static const struct image_type uki = { .name = "uki", .container = "uki" };

static const struct image_type *const types[] = {
	&multiboot2, &elf_x86_64, &multiboot, &elf_x86, &bzimage64,
	&bzimage,    &beoboot,	  &nbi,	      &uki,	NULL,
};

static const struct kdump_arch kdump = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_X86_64,
	/* 1 GiB since KASLR.  Modules lie after the image, in the window or above it. */
	.kernel_window = { 0xffffffff80000000, 0xffffffffc0000000 },
	.linear_align = 1u << 30,
	.default_linear = 0xffff888000000000,
	.backup_limit = 0xa0000, /* other CPUs start below 640 KiB */
	/* Linux 6.6 and later accept this flag.  The flag of the other arches needs Linux 6.10. */
	.hotplug_flag = KEXEC_UPDATE_ELFCOREHDR,
};

const struct arch arch_x86_64 = {
	ARCH_ROW_x86_64,
	.uname = uname,
	.uname32 = uname32,
	.page_size = X86_PAGE_SIZE,
	/* Real-mode interrupt vectors and BIOS data are below 0x400. */
	.memory = { .firmware_map = true, .lowest_ram = 0x400 },
	.check_machine = x86_check_machine,
	.look = x86_look,
	.kdump = &kdump,
	.huge_page_flag = "pdpe1gb",
	.rel = &rel_arch_x86_64,
	.write_cpu = x86_write_cpu,
	.types = types,
};
