/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64: checks whether this CPU has instructions for SHA-256.  Linux reports them to
 * programs.  Purgatory tries one of the instructions.
 */
#include <stdbool.h>

#include "sha256.h"

#if defined(__riscv) && __riscv_xlen == 64
sha256_blocks_fn sha256_blocks_zknh;

#if __STDC_HOSTED__
#include <unistd.h>

/* Documentation/arch/riscv/hwprobe.rst of Linux.  Older libc headers lack these names. */
#define SYS_RISCV_HWPROBE 258
#define KEY_IMA_EXT_0 4
#define EXT_ZKNH (1u << 13)

/* True if all online CPUs have Zknh. */
static bool zknh_works(void)
{
	struct {
		int64_t key;
		uint64_t value;
	} pair = { .key = KEY_IMA_EXT_0 };

	return syscall(SYS_RISCV_HWPROBE, &pair, 1, 0, NULL, 0) == 0 && pair.value & EXT_ZKNH;
}
#else
bool zknh_works(void);
#endif

bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
{
	sha256_engine_set(engine, "Zknh instructions", 1, NULL, sha256_blocks_zknh);
	return !index && zknh_works();
}
#endif
