/* SPDX-License-Identifier: GPL-2.0-or-later */
/* i386: names, image types. */
#include "arch/arch.h"

#include <elf.h>

#include "kdump/kdump.h"
#include "x86.h"
#include "x86_types.h"

static const char *const uname[] = { "i*86", NULL };

static const struct image_type *const types[] = {
	&x86_multiboot1, &x86_multiboot2, &x86_elf32, &x86_bzimage, &x86_beoboot, &x86_nbi, NULL,
};

static const struct kdump_arch kdump = {
	.either_class = true,
	.order = ORDER_LE,
	.e_machine = EM_386,
	.default_linear = 0xc0000000,
	.lowmem_limit = X86_LOW_MEMORY_END,
	.backup_limit = X86_BACKUP_LIMIT,
	.hotplug_flag = X86_HOTPLUG_FLAG,
};

const struct arch arch_i386 = {
	ARCH_ROW_i386,
	.uname = uname,
	.page_size = X86_PAGE_SIZE,
	.no_file_call = true,
	/* Real-mode interrupt vectors and BIOS data are below 0x400. */
	.memory = { .firmware_map = true, .lowest_ram = 0x400 },
	.look = x86_look,
	.kdump = &kdump,
	.rel = &rel_arch_i386,
	.write_cpu = x86_write_cpu,
	.types = types,
};
