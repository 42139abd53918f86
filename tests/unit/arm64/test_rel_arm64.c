/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arm64/rel_arm64.c: the output of `ld` for the same code, and values that do not fit. */
#include "pie_rows.h"
#include "rel_samples.h"

/* clang-format off */
static const struct sample arm64[] = {
	{ R_AARCH64_ABS64,		SYM,	0,		0x41237ab0 },
	{ R_AARCH64_ABS32,		SYM,	0,		0x41237ab0 },
	{ R_AARCH64_PREL64,		SYM,	0,		0x237aa4 },
	{ R_AARCH64_PREL32,		SYM,	0,		0x237a9c },
	{ R_AARCH64_MOVW_UABS_G0_NC,	SYM,	0xd2800001,	0xd28f5601 },
	{ R_AARCH64_MOVW_UABS_G1_NC,	SYM,	0xf2a00001,	0xf2a82461 },
	{ R_AARCH64_MOVW_UABS_G2_NC,	SYM,	0xf2c00001,	0xf2c00001 },
	{ R_AARCH64_MOVW_UABS_G3,	SYM,	0xf2e00001,	0xf2e00001 },
	{ R_AARCH64_LD_PREL_LO19,	NEAR,	0x58000002,	0x58f807c2 },
	{ R_AARCH64_ADR_PREL_LO21,	NEAR + 1, 0x10000003,	0x30f807a3 },
	{ R_AARCH64_ADR_PREL_PG_HI21,	SYM,	0x90000004,	0xf00011a4 },
	{ R_AARCH64_ADD_ABS_LO12_NC,	SYM,	0x91000084,	0x912ac084 },
	{ R_AARCH64_LDST8_ABS_LO12_NC,	SYM,	0x39400085,	0x396ac085 },
	{ R_AARCH64_LDST16_ABS_LO12_NC,	SYM,	0x79400085,	0x79556085 },
	{ R_AARCH64_LDST32_ABS_LO12_NC,	SYM,	0xb9400085,	0xb94ab085 },
	{ R_AARCH64_LDST64_ABS_LO12_NC,	SYM,	0xf9400085,	0xf9455885 },
	{ R_AARCH64_LDST128_ABS_LO12_NC, SYM,	0x3dc00085,	0x3dc2ac85 },
	{ R_AARCH64_TSTBR14,		NEAR2,	0x36180006,	0x36181da6 },
	{ R_AARCH64_CONDBR19,		NEAR,	0x54000001,	0x54f80681 },
	{ R_AARCH64_JUMP26,		NEAR,	0x14000000,	0x17ffc033 },
	{ R_AARCH64_CALL26,		NEAR,	0x94000000,	0x97ffc032 },
};
/* clang-format on */

static bool is_wide(uint32_t type)
{
	return type == R_AARCH64_ABS64 || type == R_AARCH64_PREL64;
}

static void test_arm64_as_ld(void **state)
{
	(void)state;
	compare(&rel_arch_arm64, arm64, COUNT(arm64), is_wide);
}

static void test_arm64_edges(void **state)
{
	const uint64_t place = UINT64_C(1) << 40;
	static const struct edge relative[] = {
		{ R_AARCH64_CALL26, 0x7fffffc, 1 },
		{ R_AARCH64_CALL26, 0x8000000, -ERANGE },
		{ R_AARCH64_CALL26, -UINT64_C(0x8000000), 1 },
		{ R_AARCH64_CALL26, -UINT64_C(0x8000004), -ERANGE },
		{ R_AARCH64_CALL26, 2, -ERANGE },
		{ R_AARCH64_CONDBR19, 0xffffc, 1 },
		{ R_AARCH64_CONDBR19, 0x100000, -ERANGE },
		{ R_AARCH64_TSTBR14, 0x7ffc, 1 },
		{ R_AARCH64_TSTBR14, 0x8000, -ERANGE },
		{ R_AARCH64_LD_PREL_LO19, 1, -ERANGE },
		{ R_AARCH64_ADR_PREL_LO21, 0xfffff, 1 },
		{ R_AARCH64_ADR_PREL_LO21, 0x100000, -ERANGE },
		{ R_AARCH64_ADR_PREL_PG_HI21, 0xfffff000, 1 },
		{ R_AARCH64_ADR_PREL_PG_HI21, 0x100000000, -ERANGE },
		{ R_AARCH64_ADR_PREL_PG_HI21_NC, 0x100000000, 1 },
		{ R_AARCH64_PREL32, 0xffffffff, 1 },
		{ R_AARCH64_PREL32, 0x100000000, -ERANGE },
		{ R_AARCH64_PREL32, -UINT64_C(0x80000000), 1 },
		{ R_AARCH64_PREL32, -UINT64_C(0x80000001), -ERANGE },
	};
	static const struct edge absolute[] = {
		{ R_AARCH64_ABS32, 0xffffffff, 1 },
		{ R_AARCH64_ABS32, 0x100000000, -ERANGE },
		{ R_AARCH64_MOVW_UABS_G0, 0xffff, 1 },
		{ R_AARCH64_MOVW_UABS_G0, 0x10000, -ERANGE },
		{ R_AARCH64_MOVW_UABS_G1, 0xffffffff, 1 },
		{ R_AARCH64_MOVW_UABS_G1, 0x100000000, -ERANGE },
		{ R_AARCH64_MOVW_UABS_G2, 0xffffffffffff, 1 },
		{ R_AARCH64_MOVW_UABS_G2, 0x1000000000000, -ERANGE },
		{ R_AARCH64_LDST16_ABS_LO12_NC, 1, -ERANGE },
		{ R_AARCH64_LDST64_ABS_LO12_NC, 4, -ERANGE },
		{ R_AARCH64_LDST128_ABS_LO12_NC, 8, -ERANGE },
		{ R_AARCH64_NONE, 1, 0 },
		{ 256, 1, 0 },
		{ R_AARCH64_RELATIVE, 0, -ENOTSUP },
		{ 0xffffffff, 0, -ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(relative); i++)
		assert_int_equal(apply_at(&rel_arch_arm64, relative[i].type, place,
					  place + relative[i].value, 0),
				 relative[i].result);
	for (size_t i = 0; i < COUNT(absolute); i++)
		assert_int_equal(apply_at(&rel_arch_arm64, absolute[i].type, place,
					  absolute[i].value, 0),
				 absolute[i].result);
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "arm64", 183, true, ORDER_LE, true, 1027 },
	};

	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie),
		cmocka_unit_test(test_arm64_as_ld),
		cmocka_unit_test(test_arm64_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
