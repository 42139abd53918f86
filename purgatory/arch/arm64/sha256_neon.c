/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of four messages at a time with the vector registers that nearly every arm64 CPU has. */
#ifdef __aarch64__
#define LANES 4
#define LANES_TARGET
#define SHA256_STREAMS sha256_streams_neon
#include "../../sha256_lanes.h"
#endif
