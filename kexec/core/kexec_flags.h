/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags of the two system calls.  Some distributions' headers lack the newer flags. */
#ifndef CORE_KEXEC_FLAGS_H
#define CORE_KEXEC_FLAGS_H

#include <linux/kexec.h>

/* kexec_load(2) */
/* Linux 6.6.  Arches that got hotplug support later use KEXEC_CRASH_HOTPLUG_SUPPORT. */
#ifndef KEXEC_UPDATE_ELFCOREHDR
#define KEXEC_UPDATE_ELFCOREHDR 0x4
#endif
#ifndef KEXEC_CRASH_HOTPLUG_SUPPORT
#define KEXEC_CRASH_HOTPLUG_SUPPORT 0x8
#endif
#ifndef KEXEC_DEBUG
#define KEXEC_DEBUG 0x10
#endif

/* kexec_file_load(2) */
#ifndef KEXEC_FILE_DEBUG
#define KEXEC_FILE_DEBUG 0x8
#endif
#ifndef KEXEC_FILE_NO_CMA
#define KEXEC_FILE_NO_CMA 0x10
#endif
#ifndef KEXEC_FILE_FORCE_DTB
#define KEXEC_FILE_FORCE_DTB 0x20
#endif

#endif
