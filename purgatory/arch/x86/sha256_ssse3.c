/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of four messages at a time with SSSE3, which needs CR4.OSFXSR. */
#if defined(__x86_64__) || defined(__i386__)
#define LANES 4
#define LANES_TARGET __attribute__((target("ssse3")))
#define SHA256_STREAMS sha256_streams_ssse3
#include "../../sha256_lanes.h"
#endif
