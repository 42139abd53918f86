/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/ppc64/rel_ppc64.c: compared with the output of `ld` for the same code at the same addresses,
 * in both byte orders, and values that do not fit.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/backend.h"
#include "pie_rows.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT 0x41000000 /* -Ttext */
#define TOC 0x41008000 /* where ld put .TOC. */
#define SYM 0x41237ab8 /* --defsym */
#define NEAR 0x40ff0120
#define NEAR2 0x41000400
#define FUNCTION 0x41800000 /* --section-start */
#define LOCAL_ENTRY_8 (3 << 5)

struct sample {
	uint32_t type;
	uint64_t value;
	uint8_t other;
	uint64_t before;
	uint64_t after;
};

/* clang-format off */
static const struct sample samples[] = {
	{ R_PPC64_ADDR64,	SYM, 0,		0,		0x41237ab8 },
	{ R_PPC64_REL64,	SYM, 0,		0,		0x237ab0 },
	{ R_PPC64_REL32,	NEAR, 0,	0,		0xffff0110 },
	{ R_PPC64_REL24,	NEAR, 0,	0x48000001,	0x4bff010d },
	{ R_PPC64_REL24,	NEAR2, 0,	0x48000000,	0x480003e8 },
	{ R_PPC64_REL24,	FUNCTION, LOCAL_ENTRY_8, 0x48000001, 0x487fffed },
	{ R_PPC64_REL16_HA,	SYM, 0,		0x3c830000,	0x3c830023 },
	{ R_PPC64_REL16_LO,	SYM, 0,		0x38840000,	0x38847a94 },
	{ R_PPC64_TOC16_HA,	SYM, 0,		0x3ca20000,	0x3ca20023 },
	{ R_PPC64_TOC16_LO,	SYM, 0,		0x38a50000,	0x38a5fab8 },
	{ R_PPC64_TOC16_LO_DS,	SYM, 0,		0xe8a50000,	0xe8a5fab8 },
	{ R_PPC64_TOC16_LO_DS,	NEAR, 0,	0xf8a50000,	0xf8a58120 },
	{ R_PPC64_TOC16_HA,	NEAR, 0,	0x3cc20000,	0x3cc2ffff },
	{ R_PPC64_TOC16_LO,	NEAR, 0,	0x38c60000,	0x38c68120 },
	{ R_PPC64_TOC16_LO_DS,	SYM, 0,		0xf8c60001,	0xf8c6fab9 },
};
/* clang-format on */

static uint64_t size_of(uint32_t type)
{
	return type == R_PPC64_ADDR64 || type == R_PPC64_REL64 ? 8 : 4;
}

/* Of an instruction of which 16 bits change, a big-endian record names these. */
static uint64_t skipped_bytes(const struct sample *s, enum byte_order order)
{
	switch (s->type) {
	case R_PPC64_ADDR64:
	case R_PPC64_REL64:
	case R_PPC64_REL32:
	case R_PPC64_REL24: return 0;
	}
	return order == ORDER_BE ? 2 : 0;
}

static uint64_t get_word(enum byte_order order, const uint8_t *p, uint64_t size)
{
	return size == 8 ? get_u64(order, p) : get_u32(order, p);
}

static void put_word(enum byte_order order, uint8_t *p, uint64_t size, uint64_t value)
{
	if (size == 8)
		put_u64(order, p, value);
	else
		put_u32(order, p, (uint32_t)value);
}

/* The samples lie one after the other. */
static void compare(const struct rel_arch *arch)
{
	uint64_t place = TEXT;

	for (size_t i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		uint64_t skip = skipped_bytes(s, arch->order), size = size_of(s->type), found;
		bool low16 = s->type == R_PPC64_REL16_HA || s->type == R_PPC64_REL16_LO;
		uint8_t bytes[8];
		struct rel_site site = {
			.bytes = bytes + skip,
			.room = size - skip,
			.place = place + skip,
			.value = s->value + (low16 ? skip : 0), /* as the assembler's addend */
			.toc = TOC,
			.type = s->type,
			.other = s->other,
			.order = arch->order,
		};

		put_word(arch->order, bytes, size, s->before);
		assert_int_equal(arch->apply(&site), 1);
		found = get_word(arch->order, bytes, size);
		if (found != s->after)
			fail_msg("%s: 0x%llx, ld makes 0x%llx", rel_type_name(arch, s->type),
				 (unsigned long long)found, (unsigned long long)s->after);
		assert_non_null(rel_type_name(arch, s->type));
		site.room = 1;
		assert_int_equal(arch->apply(&site), -EFBIG);
		place += size;
	}
}

static void test_as_ld(void **state)
{
	(void)state;
	compare(&rel_arch_ppc64le);
	compare(&rel_arch_ppc64);
}

struct edge {
	uint32_t type;
	uint64_t distance; /* from the place, or from .TOC. */
	uint8_t other;
	int result;
};

static void test_edges(void **state)
{
	const uint64_t place = UINT64_C(1) << 40;
	static const struct edge edges[] = {
		{ R_PPC64_REL24, 0x1fffffc, 0, 1 },
		{ R_PPC64_REL24, 0x2000000, 0, -ERANGE },
		{ R_PPC64_REL24, 0x1fffffc, 2 << 5, -ERANGE },
		{ R_PPC64_REL24, 0x1fffffc, 1 << 5, 1 },
		{ R_PPC64_REL24, -UINT64_C(0x2000000), 0, 1 },
		{ R_PPC64_REL24, -UINT64_C(0x2000004), 0, -ERANGE },
		{ R_PPC64_REL24, 2, 0, -ERANGE },
		{ R_PPC64_REL32, 0x7fffffff, 0, 1 },
		{ R_PPC64_REL32, 0x80000000, 0, -ERANGE },
		{ R_PPC64_REL32, -UINT64_C(0x80000000), 0, 1 },
		{ R_PPC64_REL32, -UINT64_C(0x80000001), 0, -ERANGE },
		{ R_PPC64_REL16_HA, 0x7fff7fff, 0, 1 },
		{ R_PPC64_REL16_HA, 0x7fff8000, 0, -ERANGE },
		{ R_PPC64_REL16_HA, -UINT64_C(0x80008000), 0, 1 },
		{ R_PPC64_REL16_HA, -UINT64_C(0x80008001), 0, -ERANGE },
		{ R_PPC64_TOC16_HA, 0x7fff8000, 0, -ERANGE },
		{ R_PPC64_TOC16_LO, 0x123456789, 0, 1 },
		{ R_PPC64_TOC16_LO_DS, 2, 0, -ERANGE },
		{ R_PPC64_NONE, 1, 0, 0 },
		{ R_PPC64_RELATIVE, 0, 0, -ENOTSUP },
		{ 0xffffffff, 0, 0, -ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		uint8_t bytes[8] = { 0 };
		struct rel_site site = {
			.bytes = bytes,
			.room = sizeof(bytes),
			.place = place,
			.value = place + edges[i].distance,
			.toc = place,
			.type = edges[i].type,
			.other = edges[i].other,
			.order = ORDER_LE,
		};

		assert_int_equal(rel_arch_ppc64le.apply(&site), edges[i].result);
	}
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "ppc64le", 21, true, ORDER_LE, true, 22 },
		{ "ppc64", 21, true, ORDER_BE, true, 22 },
		{ "ppc", 20, false, ORDER_BE, true, 22 },
	};

	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie),
		cmocka_unit_test(test_as_ld),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
