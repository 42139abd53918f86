/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 with the four instructions of Zknh (RISC-V Cryptography Extensions, volume I).
 * The code contains their encoding, because older assemblers lack the names.
 */
#include "sha256.h"

#if defined(__riscv) && __riscv_xlen == 64
#define SIGMA(name, number)                                                                        \
	static inline uint32_t name(uint32_t x)                                                    \
	{                                                                                          \
		uint64_t y;                                                                        \
                                                                                                   \
		__asm__(".insn i 0x13, 1, %0, %1, " #number : "=r"(y) : "r"((uint64_t)x));         \
		return (uint32_t)y;                                                                \
	}

SIGMA(big_sigma0, 0x100)
SIGMA(big_sigma1, 0x101)
SIGMA(small_sigma0, 0x102)
SIGMA(small_sigma1, 0x103)

#define SHA256_BLOCKS sha256_blocks_zknh
#include "../../sha256_rounds.h"
#endif
