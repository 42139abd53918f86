/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's page size, from a process's auxiliary vector (getauxval(3), AT_PAGESZ). */
#include <elf.h>

#include "arm64.h"

#define ENTRY 16 /* size on 64-bit machines: type and value */

uint64_t arm64_page_size(struct ctx *ctx, const struct sysroot *root)
{
	struct bytes auxv = sysroot_read_optional(ctx, root, "/proc/self/auxv");

	for (size_t at = 0; bytes_has(auxv, at, ENTRY); at += ENTRY)
		if (get_le64(auxv.data + at) == AT_PAGESZ)
			return get_le64(auxv.data + at + ENTRY / 2);
	return 0;
}
