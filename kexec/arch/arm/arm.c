/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm, 32 bits: its names and image types. */
#include "arch/arch.h"

#include <elf.h>

#include "arm.h"

/* No big-endian names such as armv7b: purgatory and the core header are little endian. */
static const char *const uname[] = { "arm", "arm*l", NULL };

static const struct image_type uimage = { .name = "uImage", .container = "uImage" };
static const struct image_type zimage = {
	.name = "zImage",
	.probe = zimage_probe,
	.plan = arm_zimage_plan,
};

static const struct image_type *const types[] = { &uimage, &zimage, NULL };

#define SECOND_CPU "/sys/devices/system/cpu/cpu1"

/* Linux: machine_kexec_prepare().  A CPU has the file "online" only if it can be switched off. */
static const struct submit_cause load_causes[] = {
	{
		.present = SECOND_CPU,
		.absent = SECOND_CPU "/online",
		.why = "the running kernel cannot switch off the other CPUs of this machine, and "
		       "arm kernels then refuse any load",
		.next = "Boot with nr_cpus=1, or with a firmware that has PSCI and a kernel with "
			"CONFIG_HOTPLUG_CPU.",
	},
	{ 0 },
};

const struct arch arch_arm = {
	ARCH_ROW_arm,
	.uname = uname,
	.uimage = ARM_UIMAGE,
	.page_size = ARM_PAGE_SIZE,
	.append = APPEND_LAST_WINS,
	.look = arm_look,
	.bake = &arm_bake,
	.rel = &rel_arch_arm,
	.load_causes = load_causes,
	.types = types,
};
