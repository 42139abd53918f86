/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/cpuinfo: the first processor stands for all. */
#ifndef MACHINE_CPUINFO_H
#define MACHINE_CPUINFO_H

#include "core/bytes.h"

/* Is this word in the "flags", "Features" or "features" line? */
bool cpuinfo_has_flag(struct bytes cpuinfo, const char *flag);

/* Time stamp counter ticks per millisecond; 0: unknown, or there is no counter. */
uint32_t cpuinfo_ticks_per_ms(struct bytes cpuinfo);

#endif
