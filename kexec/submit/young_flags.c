/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flags of the two load calls that a running kernel may refuse, because the kernel is too
 * old or was built without an option.
 */
#include "submit_internal.h"

#include "core/kexec_flags.h"

const struct young_flag young_flags[] = {
	{ SUBMIT_LOAD, KEXEC_PRESERVE_CONTEXT, "preserve context", "needs CONFIG_KEXEC_JUMP" },
	{ SUBMIT_LOAD, KEXEC_UPDATE_ELFCOREHDR, "hotplug", "Linux 6.6 and CONFIG_CRASH_HOTPLUG" },
	{ SUBMIT_LOAD, KEXEC_CRASH_HOTPLUG_SUPPORT, "hotplug",
	  "Linux 6.10 and CONFIG_CRASH_HOTPLUG" },
	{ SUBMIT_LOAD, KEXEC_DEBUG, "debug", "Linux 6.19" },
	{ SUBMIT_FILE_LOAD, KEXEC_FILE_DEBUG, "debug", "Linux 6.8" },
	{ SUBMIT_FILE_LOAD, KEXEC_FILE_NO_CMA, "no-cma", "Linux 6.17" },
	{ SUBMIT_FILE_LOAD, KEXEC_FILE_FORCE_DTB, "force-dtb", "Linux 6.17" },
	{ 0 },
};
