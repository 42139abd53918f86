/* SPDX-License-Identifier: GPL-2.0-or-later */
/* i386: names, image types. */
#include "arch/arch.h"

#include "multiboot.h"
#include "x86.h"

static const char *const uname[] = { "i*86", NULL };

static const struct image_type multiboot2 = {
	.name = "multiboot2-x86",
	.probe = multiboot2_probe,
	.takes = IMAGE_TAKES_MODULES,
	.plan = multiboot2_plan,
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
static const struct image_type bzimage = {
	.name = "bzImage",
	.probe = bzimage_probe,
	.takes = IMAGE_TAKES_ENTRY,
	.version = bzimage_version,
	.plan = bzimage_plan,
};
static const struct image_type beoboot = { .name = "beoboot-x86" };
static const struct image_type nbi = { .name = "nbi-x86" };

static const struct image_type *const types[] = {
	&multiboot2, &multiboot, &elf_x86, &bzimage, &beoboot, &nbi, NULL,
};

const struct arch arch_i386 = {
	ARCH_ROW_i386,
	.uname = uname,
	.page_size = X86_PAGE_SIZE,
	/* Real-mode interrupt vectors and BIOS data are below 0x400. */
	.memory = { .firmware_map = true, .lowest_ram = 0x400 },
	.check_machine = x86_check_machine,
	.look = x86_look,
	.rel = &rel_arch_i386,
	.write_cpu = x86_write_cpu,
	.types = types,
};
