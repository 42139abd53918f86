/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: checks whether this CPU has instructions for SHA-256.  Uses no vector register, so it
 * may run before vector registers are usable.
 */
#include "sha256.h"

#ifdef __x86_64__
sha256_blocks_fn sha256_blocks_ni;

#define CPUID_1_ECX_SSSE3 (1u << 9)
#define CPUID_1_ECX_SSE41 (1u << 19)
#define CPUID_7_EBX_SHA (1u << 29)

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0));
	return r;
}

sha256_blocks_fn *sha256_accelerated(void)
{
	const uint32_t sse = CPUID_1_ECX_SSSE3 | CPUID_1_ECX_SSE41;

	if (cpuid(0).eax < 7 || (cpuid(1).ecx & sse) != sse || !(cpuid(7).ebx & CPUID_7_EBX_SHA))
		return NULL;
	return sha256_blocks_ni;
}
#endif
