/* SPDX-License-Identifier: GPL-2.0-or-later */
/* s390x: checks whether this CPU has an instruction for SHA-256. */
#include <stdbool.h>

#include "sha256.h"

#ifdef __s390x__
sha256_blocks_fn sha256_blocks_kimd;

/* Facility 17, message-security assist, in the first doubleword that STFLE stores */
#define FACILITY_MSA (1ull << (63 - 17))

static uint64_t facilities(void)
{
	register uint64_t last __asm__("r0") = 0; /* doublewords to store, less 1 */
	uint64_t list[1] = { 0 };

	__asm__(".insn s,0xb2b00000,%1" : "+d"(last), "=Q"(list) : : "cc");
	return list[0];
}

/* Function 0 of KIMD reports the available functions: SHA-256 is 2. */
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

bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
{
	sha256_engine_set(engine, "KIMD", 1, NULL, sha256_blocks_kimd);
	return !index && facilities() & FACILITY_MSA && has_sha256();
}
#endif
