/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/s390x/rel_s390x.c: what `ld` makes of the same code at the same addresses,
 * and values that do not fit.
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
#define SYM 0x41237ab0 /* --defsym */
#define NEAR 0x41000404
#define LOW 0x40ff0120
#define SMALL 0x8123

struct sample {
	uint32_t type;
	uint32_t offset;
	uint32_t size;
	uint64_t value; /* with what the assembler adds */
	uint64_t after;
};

/* clang-format off */
static const struct sample samples[] = {
	{ R_390_64,		0x00, 8, SYM,		0x41237ab0 },
	{ R_390_32,		0x08, 4, SYM,		0x41237ab0 },
	{ R_390_16,		0x0c, 2, SMALL,		0x8123 },
	{ R_390_PC64,		0x0e, 8, SYM,		0x237aa2 },
	{ R_390_PC32,		0x16, 4, SYM,		0x237a9a },
	{ R_390_PC16DBL,	0x1c, 2, NEAR + 2,	0x01f5 },
	{ R_390_PLT16DBL,	0x22, 2, NEAR + 2,	0x01f2 },
	{ R_390_PC32DBL,	0x26, 4, SYM + 2,	0x0011bd46 },
	{ R_390_PLT32DBL,	0x2c, 4, SYM + 2,	0x0011bd43 },
	{ R_390_PC32DBL,	0x32, 4, LOW + 2,	0xffff8078 },
};
/* clang-format on */

static int apply(uint32_t type, uint64_t place, uint64_t value, uint64_t room, uint8_t bytes[8])
{
	struct rel_site site = {
		.bytes = bytes, .room = room, .place = place, .value = value, .type = type
	};

	return rel_arch_s390x.apply(&site);
}

static void test_as_ld(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		uint8_t bytes[8] = { 0 }, expected[8] = { 0 };

		put_u64(ORDER_BE, expected, s->after << (64 - 8 * s->size));
		assert_int_equal(apply(s->type, TEXT + s->offset, s->value, s->size, bytes), 1);
		assert_memory_equal(bytes, expected, 8);
		assert_non_null(rel_type_name(&rel_arch_s390x, s->type));
		assert_int_equal(apply(s->type, TEXT + s->offset, s->value, s->size - 1, bytes),
				 -EFBIG);
	}
}

struct edge {
	uint32_t type;
	uint64_t value; /* relative to the place for types that are */
	int result;
};

static void test_edges(void **state)
{
	const uint64_t place = UINT64_C(1) << 40;
	static const struct edge relative[] = {
		{ R_390_PC16DBL, 0xfffe, 1 },
		{ R_390_PC16DBL, 0x10000, -ERANGE },
		{ R_390_PC16DBL, -UINT64_C(0x10000), 1 },
		{ R_390_PC16DBL, -UINT64_C(0x10002), -ERANGE },
		{ R_390_PC16DBL, 1, -ERANGE },
		{ R_390_PC32DBL, 0xfffffffe, 1 },
		{ R_390_PC32DBL, 0x100000000, -ERANGE },
		{ R_390_PC32DBL, -UINT64_C(0x100000000), 1 },
		{ R_390_PC32DBL, -UINT64_C(0x100000002), -ERANGE },
		{ R_390_PLT32DBL, 3, -ERANGE },
		{ R_390_PC32, 0x7fffffff, 1 },
		{ R_390_PC32, 0x80000000, -ERANGE },
		{ R_390_PC32, -UINT64_C(0x80000000), 1 },
		{ R_390_PC32, -UINT64_C(0x80000001), -ERANGE },
		{ R_390_PC64, UINT64_C(1) << 63, 1 },
	};
	static const struct edge absolute[] = {
		{ R_390_16, 0xffff, 1 },
		{ R_390_16, 0x10000, -ERANGE },
		{ R_390_32, 0xffffffff, 1 },
		{ R_390_32, 0x100000000, -ERANGE },
		{ R_390_32, -UINT64_C(0x80000000), 1 },
		{ R_390_32, -UINT64_C(0x80000001), -ERANGE },
		{ R_390_64, UINT64_MAX, 1 },
		{ R_390_NONE, 1, 0 },
		{ R_390_GOTENT, 0, -ENOTSUP },
		{ 0xffffffff, 0, -ENOTSUP },
	};
	uint8_t bytes[8];

	(void)state;
	for (size_t i = 0; i < COUNT(relative); i++)
		assert_int_equal(apply(relative[i].type, place, place + relative[i].value, 8,
				       bytes),
				 relative[i].result);
	for (size_t i = 0; i < COUNT(absolute); i++)
		assert_int_equal(apply(absolute[i].type, place, absolute[i].value, 8, bytes),
				 absolute[i].result);
	assert_null(rel_type_name(&rel_arch_s390x, R_390_GOTENT));
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "s390x", 22, true, ORDER_BE, true, 12 },
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
