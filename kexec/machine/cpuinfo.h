/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts from /proc/cpuinfo.  The first processor's entry stands for all processors. */
#ifndef MACHINE_CPUINFO_H
#define MACHINE_CPUINFO_H

#include "core/bytes.h"

/* True if flag is a word of the "flags", "Features" or "features" line. */
bool cpuinfo_has_flag(struct bytes cpuinfo, const char *flag);

/* Time stamp counter ticks per millisecond; 0: unknown, or no counter. */
uint32_t cpuinfo_ticks_per_ms(struct bytes cpuinfo);

#endif
