/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does this CPU have instructions for SHA-256?  Asks the CPU and touches no
 * vector register, so it may run before those are usable.
 */
#include <stdbool.h>

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
#elif defined(__aarch64__)
sha256_blocks_fn sha256_blocks_ce;

#if __STDC_HOSTED__
#include <sys/auxv.h>

static bool has_sha2(void)
{
	return getauxval(AT_HWCAP) & HWCAP_SHA2;
}
#else
/* ID_AA64ISAR0_EL1.SHA2, and ID_AA64PFR0_EL1.AdvSIMD: 15 is none. */
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
#elif defined(__s390x__)
sha256_blocks_fn sha256_blocks_kimd;

/* Facility 17, message-security assist, in the first of the bits that STFLE stores */
#define FACILITY_MSA (1ull << (63 - 17))

static uint64_t facilities(void)
{
	register uint64_t last __asm__("r0") = 0; /* doublewords to store, less 1 */
	uint64_t list[1] = { 0 };

	__asm__(".insn s,0xb2b00000,%1" : "+d"(last), "=Q"(list) : : "cc");
	return list[0];
}

/* Function 0 of KIMD tells which others there are: SHA-256 is 2. */
static bool has_sha256(void)
{
	uint8_t functions[16];
	register uint64_t query __asm__("r0") = 0;
	register uint8_t *parameter __asm__("r1") = functions;

	__asm__(".insn rre,0xb93e0000,%%r0,%%r2"
		: "=m"(functions)
		: "d"(query), "a"(parameter)
		: "cc");
	return functions[0] & 0x20;
}

sha256_blocks_fn *sha256_accelerated(void)
{
	return facilities() & FACILITY_MSA && has_sha256() ? sha256_blocks_kimd : NULL;
}
#elif defined(__riscv) && __riscv_xlen == 64
sha256_blocks_fn sha256_blocks_zknh;

#if __STDC_HOSTED__
#include <unistd.h>

/* Documentation/arch/riscv/hwprobe.rst of Linux; libc headers are older than that. */
#define SYS_RISCV_HWPROBE 258
#define KEY_IMA_EXT_0 4
#define EXT_ZKNH (1u << 13)

/* Of all CPUs that are online. */
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

sha256_blocks_fn *sha256_accelerated(void)
{
	return zknh_works() ? sha256_blocks_zknh : NULL;
}
#else
sha256_blocks_fn *sha256_accelerated(void)
{
	return NULL;
}
#endif
