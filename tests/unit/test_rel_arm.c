/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/arm64/rel_arm64.c and rel_arm.c: what `ld` makes of the same code at the
 * same addresses, and values that do not fit.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/backend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT 0x41000000 /* -Ttext */
#define SYM 0x41237ab0 /* --defsym */
#define NEAR 0x40ff0120
#define NEAR2 0x41000400

struct sample {
	uint32_t type;
	uint64_t value;
	uint64_t before;
	uint64_t after;
};

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

/* The samples lie one behind the other, in words of 8 bytes where the type has such. */
static void compare(const struct rel_arch *arch, const struct sample *samples, size_t count)
{
	uint64_t place = TEXT;

	for (size_t i = 0; i < count; i++) {
		const struct sample *s = &samples[i];
		bool wide = arch->is64 &&
			    (s->type == R_AARCH64_ABS64 || s->type == R_AARCH64_PREL64);
		uint8_t bytes[8];
		struct rel_site site = {
			.bytes = bytes,
			.room = wide ? 8 : 4,
			.place = place,
			.value = s->value,
			.type = s->type,
		};
		uint64_t found;

		put_le64(bytes, s->before);
		assert_int_equal(arch->apply(&site), 1);
		found = wide ? get_le64(bytes) : get_le32(bytes);
		if (found != s->after)
			fail_msg("%s: 0x%llx, ld makes 0x%llx", rel_type_name(arch, s->type),
				 (unsigned long long)found, (unsigned long long)s->after);
		assert_non_null(rel_type_name(arch, s->type));
		site.room--;
		assert_int_equal(arch->apply(&site), -EFBIG);
		place += wide ? 8 : 4;
	}
}

static void test_arm64_as_ld(void **state)
{
	(void)state;
	compare(&rel_arch_arm64, arm64, COUNT(arm64));
}

static void test_arm_as_ld(void **state)
{
	(void)state;
	compare(&rel_arch_arm, arm, COUNT(arm));
}

struct edge {
	uint32_t type;
	uint64_t value; /* relative to the place for types that are */
	int result;
};

static int apply_at(const struct rel_arch *arch, uint32_t type, uint64_t place, uint64_t value,
		    uint32_t word)
{
	uint8_t bytes[8];
	struct rel_site site = {
		.bytes = bytes, .room = 8, .place = place, .value = value, .type = type
	};

	put_le64(bytes, word);
	return arch->apply(&site);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64_as_ld),
		cmocka_unit_test(test_arm_as_ld),
		cmocka_unit_test(test_arm64_edges),
		cmocka_unit_test(test_arm_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
