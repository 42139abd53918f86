/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ppc64: the linear map starts at one address, and the kernel is part of it. */
#include <elf.h>

#include "kdump/kdump.h"

#define LINEAR_MAP 0xc000000000000000
#define VECTORS_END 0x10000 /* exceptions go there, wherever the crash kernel runs */

const struct kdump_arch kdump_ppc64le = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_PPC64,
	.default_linear = LINEAR_MAP,
	.default_known = true,
	.backup_limit = VECTORS_END,
};

const struct kdump_arch kdump_ppc64 = {
	.elf64 = true,
	.order = ORDER_BE,
	.e_machine = EM_PPC64,
	.default_linear = LINEAR_MAP,
	.default_known = true,
	.backup_limit = VECTORS_END,
};
