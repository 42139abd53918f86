/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arm/rel_arm.c: the output of `ld` for the same code, and values that do not fit. */
#include "pie_rows.h"
#include "rel_samples.h"

/* clang-format off */
static const struct sample arm[] = {
	{ R_ARM_ABS32,		SYM,	4,		0x41237ab4 },
	{ R_ARM_REL32,		SYM,	0,		0x237aac },
	{ R_ARM_CALL,		NEAR,	0xebfffffe,	0xebffc044 },
	{ R_ARM_JUMP24,		NEAR,	0xeafffffe,	0xeaffc043 },
	{ R_ARM_JUMP24,		NEAR,	0x1bfffffe,	0x1bffc042 },
	{ R_ARM_MOVW_ABS_NC,	SYM,	0xe3001000,	0xe3071ab0 },
	{ R_ARM_MOVT_ABS,	SYM,	0xe3401000,	0xe3441123 },
	{ R_ARM_MOVW_PREL_NC,	SYM,	0xe3001000,	0xe3071a94 },
	{ R_ARM_MOVT_PREL,	SYM,	0xe3401000,	0xe3401023 },
	{ R_ARM_PREL31,		NEAR,	0x80000000,	0xffff00fc },
};
/* clang-format on */

static void test_arm_as_ld(void **state)
{
	(void)state;
	compare(&rel_arch_arm, arm, COUNT(arm), NULL);
}

static void test_arm_edges(void **state)
{
	static const struct edge table[] = {
		{ R_ARM_CALL, 0x2000004, 1 },
		{ R_ARM_CALL, 0x2000008, -ERANGE },
		{ R_ARM_CALL, -UINT64_C(0x1fffff8), 1 },
		{ R_ARM_CALL, -UINT64_C(0x1fffffc), -ERANGE },
		{ R_ARM_CALL, 1, -ERANGE }, /* Thumb code */
		{ R_ARM_PREL31, 0x3fffffff, 1 },
		{ R_ARM_PREL31, 0x40000000, -ERANGE },
		{ R_ARM_V4BX, 0, 0 },
		{ R_ARM_NONE, 0, 0 },
		{ R_ARM_GOT32, 0, -ENOTSUP },
		{ 0xffffffff, 0, -ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		assert_int_equal(apply_at(&rel_arch_arm, table[i].type, 0x40000000,
					  0x40000000 + table[i].value,
					  table[i].type == R_ARM_CALL ? 0xebfffffe : 0),
				 table[i].result);
	assert_int_equal(apply_at(&rel_arch_arm, R_ARM_ABS32, 0, UINT64_C(1) << 32, 0), -ERANGE);
	assert_int_equal(apply_at(&rel_arch_arm, R_ARM_ABS32, UINT64_C(1) << 32, 0, 0), -ERANGE);
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "arm", 40, false, ORDER_LE, false, 23 },
		{ "armeb", 40, false, ORDER_BE, false, 23 },
	};

	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie),
		cmocka_unit_test(test_arm_as_ld),
		cmocka_unit_test(test_arm_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
