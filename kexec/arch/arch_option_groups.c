/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that only some arches have: titles in the help, names of arches in errors. */
#include "arch.h"

static const struct arch_option_group groups[] = {
	{ ARCH_OPTIONS_PC, "x86 only", "x86_64 i386" },
	{ ARCH_OPTIONS_TREE, "Machines with device trees", "arm64 arm ppc64le ppc64 riscv64" },
	{ ARCH_OPTIONS_TAGS, "arm (32 bits) only", "arm" },
	{ ARCH_OPTIONS_KEPT_INITRD, "Machines with device trees, except arm (32 bits)",
	  "arm64 ppc64le ppc64 riscv64" },
	{ ARCH_OPTIONS_OLD_ROOT, "arm (32 bits) and ppc64", "arm ppc64le ppc64" },
};

const struct arch_option_group *arch_option_group(unsigned int group)
{
	const struct arch_option_group *found = groups;

	while (found->group != group)
		found++;
	return found;
}
