/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: checks whether this CPU has instructions for SHA-256.  Uses no vector register, so it
 * may run before vector registers are usable.
 */
#include <stdbool.h>

#include "sha256.h"

#ifdef __aarch64__
sha256_streams_fn sha256_streams_ce, sha256_streams_neon;

#if __STDC_HOSTED__
#include <sys/auxv.h>

static bool has_sha2(void)
{
	return getauxval(AT_HWCAP) & HWCAP_SHA2;
}

static bool has_vectors(void)
{
	return getauxval(AT_HWCAP) & HWCAP_ASIMD;
}
#else
/* ID_AA64ISAR0_EL1.SHA2 */
static bool has_sha2(void)
{
	uint64_t isar0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	return isar0 >> 12 & 15;
}

/* ID_AA64PFR0_EL1.AdvSIMD.  15: no vector registers. */
static bool has_vectors(void)
{
	uint64_t pfr0;

	__asm__("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
	return (pfr0 >> 20 & 15) != 15;
}
#endif

bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
{
	switch (index) {
	case 0:
		sha256_engine_set(engine, "SHA2 instructions", 2, sha256_streams_ce, NULL);
		return has_vectors() && has_sha2();
	case 1:
		sha256_engine_set(engine, "NEON instructions", 4, sha256_streams_neon,
				  sha256_blocks_generic);
		return has_vectors();
	default: return false;
	}
}
#endif
