/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm, 32 bits: what it is called, and its image types. */
#include "arch/arch.h"

#include <elf.h>

#include "arm.h"

/* Not armv7b and such: purgatory, its parameters and the core header are little endian. */
static const char *const uname[] = { "arm", "arm*l", NULL };

static const struct image_type uimage = { .name = "uImage", .container = "uImage" };
static const struct image_type zimage = {
	.name = "zImage",
	.probe = zimage_probe,
	.plan = arm_zimage_plan,
};

static const struct image_type *const types[] = { &uimage, &zimage, NULL };

const struct arch arch_arm = {
	ARCH_ROW_arm,
	.uname = uname,
	.uimage = ARM_UIMAGE,
	.page_size = ARM_PAGE_SIZE,
	.options = ARCH_OPTIONS_TREE | ARCH_OPTIONS_TAGS | ARCH_OPTIONS_OLD_ROOT,
	.look = arm_look,
	.rel = &rel_arch_arm,
	.types = types,
};
