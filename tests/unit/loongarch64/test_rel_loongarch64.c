/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/loongarch64/rel_loongarch64.c: what `ld --no-relax` makes of the same code at the same
 * addresses, the farthest values, and values that do not fit.
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

#define TEXT 0x81000000 /* -Ttext */
/* --defsym; BIG: for the types of 64 bits */
#define SYM 0x81237abc
#define DOWN 0x80123854
#define DOWN26 0x7a000004
#define UP26 0x87fffffc
#define UP16 0x8101fff0
#define DOWN16 0x80fe1000
#define UP21 0x8112345c
#define DOWN21 0x80f00004
#define BIG 0x9123456789abcdef

#define TYPE(name, number) "R_LARCH_" #name, number

struct sample {
	const char *name;
	uint32_t type;
	unsigned int size;
	uint64_t offset;
	uint64_t value;
	uint64_t before;
	uint64_t after;
};

/* clang-format off */
static const struct sample samples[] = {
	{ TYPE(B26, 66), 4, 0x0, DOWN26, 0x50000000, 0x50000640 },
	{ TYPE(B26, 66), 4, 0x4, UP26, 0x54000000, 0x57fff9bf },
	{ TYPE(B16, 64), 4, 0x8, UP16, 0x58000085, 0x59ffe885 },
	{ TYPE(B16, 64), 4, 0xc, DOWN16, 0x5c000085, 0x5e0ff485 },
	{ TYPE(B21, 65), 4, 0x10, UP21, 0x40000080, 0x42344c84 },
	{ TYPE(B21, 65), 4, 0x14, DOWN21, 0x44000080, 0x47fff09b },
	{ TYPE(PCALA_HI20, 71), 4, 0x18, SYM, 0x1a000004, 0x1a004704 },
	{ TYPE(PCALA_LO12, 72), 4, 0x1c, SYM, 0x2c00084, 0x2eaf084 },
	{ TYPE(PCALA_HI20, 71), 4, 0x20, DOWN, 0x1a000005, 0x1bfe2485 },
	{ TYPE(PCALA_LO12, 72), 4, 0x24, DOWN, 0x28c000a5, 0x28e150a5 },
	{ TYPE(PCALA_LO12, 72), 4, 0x28, SYM, 0x298000c5, 0x29aaf0c5 },
	{ TYPE(ABS_HI20, 67), 4, 0x2c, BIG, 0x14000004, 0x15135784 },
	{ TYPE(ABS_LO12, 68), 4, 0x30, BIG, 0x3800084, 0x3b7bc84 },
	{ TYPE(ABS64_LO20, 69), 4, 0x34, BIG, 0x16000004, 0x1668ace4 },
	{ TYPE(ABS64_HI12, 70), 4, 0x38, BIG, 0x3000084, 0x3244884 },
	{ TYPE(CALL36, 110), 8, 0x3c, SYM, 0x4c0000211e000001, 0x4f7a80211e000121 },
	{ TYPE(CALL36, 110), 8, 0x44, DOWN, 0x4c0001801e00000c, 0x4e3811801ffff8ac },
	{ TYPE(PCREL20_S2, 103), 4, 0x4c, UP21, 0x18000004, 0x1891a084 },
	{ TYPE(PCREL20_S2, 103), 4, 0x50, DOWN21, 0x18000004, 0x197ffda4 },
	{ TYPE(32_PCREL, 99), 4, 0x54, SYM, 0x0, 0x237a68 },
	{ TYPE(32_PCREL, 99), 4, 0x58, DOWN, 0x0, 0xff1237fc },
	{ TYPE(64_PCREL, 109), 8, 0x5c, BIG, 0x0, 0x9123456708abcd93 },
	{ TYPE(32, 1), 4, 0x64, SYM, 0x0, 0x81237abc },
	{ TYPE(64, 2), 8, 0x68, BIG, 0x0, 0x9123456789abcdef },
	{ TYPE(ADD8, 47), 1, 0x70, SYM, 0x77, 0x33 },
	{ TYPE(SUB8, 52), 1, 0x71, SYM, 0x77, 0xbb },
	{ TYPE(ADD16, 48), 2, 0x72, SYM, 0x7777, 0xf233 },
	{ TYPE(SUB16, 53), 2, 0x74, SYM, 0x7777, 0xfcbb },
	{ TYPE(ADD6, 105), 1, 0x76, SYM, 0xf7, 0xf3 },
	{ TYPE(SUB6, 106), 1, 0x77, SYM, 0xf7, 0xfb },
	{ TYPE(ADD32, 50), 4, 0x78, SYM, 0x77777777, 0xf89af233 },
	{ TYPE(SUB32, 55), 4, 0x7c, SYM, 0x77777777, 0xf653fcbb },
	{ TYPE(ADD64, 51), 8, 0x80, BIG, 0x7777777777777777, 0x89abcdf01234566 },
	{ TYPE(SUB64, 56), 8, 0x88, BIG, 0x7777777777777777, 0xe654320fedcba988 },
};

/* The farthest that each reaches; the values are distances. */
static const struct sample farthest[] = {
	{ TYPE(B16, 64), 4, 0, 0x1fffc, 0x58000085, 0x59fffc85 },
	{ TYPE(B16, 64), 4, 0, -UINT64_C(0x20000), 0x58000085, 0x5a000085 },
	{ TYPE(B21, 65), 4, 0, 0x3ffffc, 0x40000080, 0x43fffc8f },
	{ TYPE(B21, 65), 4, 0, -UINT64_C(0x400000), 0x40000080, 0x40000090 },
	{ TYPE(B26, 66), 4, 0, 0x7fffffc, 0x50000000, 0x53fffdff },
	{ TYPE(B26, 66), 4, 0, -UINT64_C(0x8000000), 0x50000000, 0x50000200 },
	{ TYPE(PCALA_HI20, 71), 4, 0, 0x7ffff7ff, 0x1a000004, 0x1affffe4 },
	{ TYPE(PCALA_HI20, 71), 4, 0, -UINT64_C(0x80000800), 0x1a000004, 0x1b000004 },
	{ TYPE(PCREL20_S2, 103), 4, 0, 0x1ffffc, 0x18000004, 0x18ffffe4 },
	{ TYPE(PCREL20_S2, 103), 4, 0, -UINT64_C(0x200000), 0x18000004, 0x19000004 },
	{ TYPE(CALL36, 110), 8, 0, 0x1ffffdfffc, 0x4c0000211e000001, 0x4dfffc211effffe1 },
	{ TYPE(CALL36, 110), 8, 0, -UINT64_C(0x2000020000), 0x4c0000211e000001,
	  0x4e0000211f000001 },
};
/* clang-format on */

static void compare(const struct sample *s, uint64_t place, uint64_t value)
{
	uint8_t bytes[9], wanted[9];
	struct rel_site site = {
		.bytes = bytes, .room = s->size, .place = place, .value = value, .type = s->type
	};

	/* The bytes after the field stay. */
	memset(bytes, 0xa5, sizeof(bytes));
	memset(wanted, 0xa5, sizeof(wanted));
	for (unsigned int i = 0; i < s->size; i++) {
		bytes[i] = (uint8_t)(s->before >> (8 * i));
		wanted[i] = (uint8_t)(s->after >> (8 * i));
	}
	assert_string_equal(rel_type_name(&rel_arch_loongarch64, s->type), s->name);
	assert_int_equal(rel_arch_loongarch64.apply(&site), 1);
	if (memcmp(bytes, wanted, sizeof(bytes)))
		fail_msg("%s at 0x%llx: 0x%llx, ld makes 0x%llx", s->name,
			 (unsigned long long)place, (unsigned long long)get_le64(bytes),
			 (unsigned long long)s->after);
	site.room--;
	assert_int_equal(rel_arch_loongarch64.apply(&site), -EFBIG);
}

static void test_as_ld(void **state)
{
	const uint64_t high = UINT64_C(1) << 40;

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++)
		compare(&samples[i], TEXT + samples[i].offset, samples[i].value);
	for (size_t i = 0; i < COUNT(farthest); i++)
		compare(&farthest[i], high, high + farthest[i].value);
}

static void test_edges(void **state)
{
	static const struct {
		uint32_t type;
		uint64_t distance;
		int result;
	} edges[] = {
		{ 64, 0x20000, -ERANGE }, /* B16 */
		{ 64, -UINT64_C(0x20004), -ERANGE },
		{ 64, 2, -ERANGE },
		{ 65, 0x400000, -ERANGE }, /* B21 */
		{ 65, -UINT64_C(0x400004), -ERANGE },
		{ 65, 1, -ERANGE },
		{ 66, 0x8000000, -ERANGE }, /* B26 */
		{ 66, -UINT64_C(0x8000004), -ERANGE },
		{ 66, 2, -ERANGE },
		{ 71, 0x7ffff800, -ERANGE }, /* PCALA_HI20 */
		{ 71, -UINT64_C(0x80000801), -ERANGE },
		{ 99, 0x7fffffff, 1 }, /* 32_PCREL */
		{ 99, 0x80000000, -ERANGE },
		{ 99, -UINT64_C(0x80000001), -ERANGE },
		{ 103, 0x200000, -ERANGE }, /* PCREL20_S2 */
		{ 103, 2, -ERANGE },
		{ 110, 0x1ffffe0000, -ERANGE }, /* CALL36 */
		{ 110, -UINT64_C(0x2000020004), -ERANGE },
		{ 110, 2, -ERANGE },
		{ 0, 0, 0 },
		{ 100, 0, 0 }, /* RELAX */
		{ 102, 0, -ENOEXEC }, /* ALIGN */
		{ 3, 0, -ENOTSUP }, /* RELATIVE */
		{ 22, 0, -ENOTSUP }, /* SOP_PUSH_PCREL */
		{ 75, 0, -ENOTSUP }, /* GOT_PC_HI20 */
		{ 0xffffffff, 0, -ENOTSUP },
	};
	const uint64_t place = UINT64_C(1) << 40;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		uint8_t bytes[8] = { 0 };
		struct rel_site site = { .bytes = bytes,
					 .room = sizeof(bytes),
					 .place = place,
					 .value = place + edges[i].distance,
					 .type = edges[i].type };
		int ret = rel_arch_loongarch64.apply(&site);

		if (ret != edges[i].result)
			fail_msg("row %zu: %d", i, ret);
		for (size_t k = 0; ret != 1 && k < sizeof(bytes); k++)
			assert_int_equal(bytes[k], 0);
		assert_true(ret != -ENOEXEC || strstr(site.why, "-mno-relax"));
	}
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "loongarch64", 258, true, ORDER_LE, true, 3 },
	};

	(void)state;
	pie_check(rows, COUNT(rows));
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
