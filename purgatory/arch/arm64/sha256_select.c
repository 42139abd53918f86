/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: checks whether this CPU has instructions for SHA-256.  Uses no vector register, so it
 * may run before vector registers are usable.
 */
#include <stdbool.h>

#include "sha256.h"

#ifdef __aarch64__
sha256_blocks_fn sha256_blocks_ce;

#if __STDC_HOSTED__
#include <sys/auxv.h>

static bool has_sha2(void)
{
	return getauxval(AT_HWCAP) & HWCAP_SHA2;
}
#else
/* ID_AA64ISAR0_EL1.SHA2, and ID_AA64PFR0_EL1.AdvSIMD.  15: no vector registers. */
static bool has_sha2(void)
{
	uint64_t isar0, pfr0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	__asm__("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
	return (isar0 >> 12 & 15) && (pfr0 >> 20 & 15) != 15;
}
#endif

sha256_blocks_fn *sha256_accelerated(void)
{
	return has_sha2() ? sha256_blocks_ce : NULL;
}
#endif
