/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: names, image types. */
#include "arch/arch.h"

#include <elf.h>

#include "kdump/kdump.h"
#include "x86.h"
#include "x86_types.h"

static const char *const uname[] = { "x86_64", NULL };
static const char *const uname32[] = { "i*", NULL };

/* Multiboot 2 comes before ELF: its programs are ELF files. */
static const struct image_type *const types[] = {
	&x86_multiboot2, &x86_elf64,   &x86_multiboot1, &x86_elf32, &x86_bzimage64,
	&x86_bzimage,	 &x86_beoboot, &x86_nbi,	&x86_uki,   NULL,
};

static const struct kdump_arch kdump = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_X86_64,
	/* 1 GiB since KASLR.  Modules lie after the image, in the window or above it. */
	.kernel_window = { 0xffffffff80000000, 0xffffffffc0000000 },
	.linear_align = 1u << 30,
	.default_linear = 0xffff888000000000,
	.backup_limit = X86_BACKUP_LIMIT,
	.hotplug_flag = X86_HOTPLUG_FLAG,
};

const struct arch arch_x86_64 = {
	ARCH_ROW_x86_64,
	.uname = uname,
	.uname32 = uname32,
	.page_size = X86_PAGE_SIZE,
	/* Real-mode interrupt vectors and BIOS data are below 0x400. */
	.memory = { .firmware_map = true, .lowest_ram = 0x400 },
	.look = x86_look,
	.kdump = &kdump,
	.huge_page_flag = "pdpe1gb",
	.bake = &x86_64_bake,
	.rel = &rel_arch_x86_64,
	.write_cpu = x86_write_cpu,
	.way_back = x86_64_way_back,
	.types = types,
};
