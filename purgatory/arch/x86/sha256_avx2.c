/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of eight messages at a time with AVX2, which needs CR4.OSXSAVE and XCR0. */
#ifdef __x86_64__
#define LANES 8
#define LANES_TARGET __attribute__((target("avx2")))
#define SHA256_STREAMS sha256_streams_avx2
#include "../../sha256_lanes.h"
#endif
