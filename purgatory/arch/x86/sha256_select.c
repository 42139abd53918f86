/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: checks for the instructions that this CPU has for SHA-256, and that the vector registers
 * they use were enabled.  Uses no vector register.
 */
#include "sha256.h"

#if defined(__x86_64__) || defined(__i386__)
#include "cpuid.h"

sha256_streams_fn sha256_streams_ni, sha256_streams_avx2, sha256_streams_ssse3;

#define CPUID_1_ECX_SSSE3 (1u << 9)
#define CPUID_1_ECX_SSE41 (1u << 19)
#define CPUID_1_ECX_OSXSAVE (1u << 27)
#define CPUID_7_EBX_AVX2 (1u << 5)
#define CPUID_7_EBX_SHA (1u << 29)
#define XCR0_SSE_AVX 6u

static uint32_t features_1(void)
{
	return cpuid(1).ecx;
}

static uint32_t features_7(void)
{
	return cpuid(0).eax < 7 ? 0 : cpuid(7).ebx;
}

static bool has_sha(void)
{
	const uint32_t sse = CPUID_1_ECX_SSSE3 | CPUID_1_ECX_SSE41;

	return (features_1() & sse) == sse && features_7() & CPUID_7_EBX_SHA;
}

#ifdef __x86_64__
static bool has_avx2(void)
{
	uint32_t low, high;

	if (!(features_1() & CPUID_1_ECX_OSXSAVE) || !(features_7() & CPUID_7_EBX_AVX2))
		return false;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & XCR0_SSE_AVX) == XCR0_SSE_AVX;
}
#endif

bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
{
	switch (index) {
	case 0:
		sha256_engine_set(engine, "SHA instructions", 2, sha256_streams_ni, NULL);
		return has_sha();
#ifdef __x86_64__
	case 1:
		sha256_engine_set(engine, "AVX2 instructions", 8, sha256_streams_avx2,
				  sha256_blocks_generic);
		return has_avx2();
#endif
	case 2:
		sha256_engine_set(engine, "SSSE3 instructions", 4, sha256_streams_ssse3,
				  sha256_blocks_generic);
		return features_1() & CPUID_1_ECX_SSSE3;
	default: return false;
	}
}
#endif
