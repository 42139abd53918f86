/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/x86/rel_i386.c: the output of `ld` for the same code, and values that do not fit. */
#include "rel_samples.h"

static void as_ld(void **state)
{
	static const struct sample samples[] = {
		{ R_386_32, SYM, 4, 0x41237ab4 },
		{ R_386_PC32, SYM, 0, 0x237aac },
		{ R_386_PC32, NEAR, 0xfffffffc, 0xffff0114 },
		{ R_386_PLT32, NEAR, 0xfffffffc, 0xffff0110 },
	};

	(void)state;
	compare(&rel_arch_i386, samples, COUNT(samples), NULL);
}

/* Distances from and to the global offset table. */
static void table(void **state)
{
	uint8_t bytes[4];
	struct rel_site site = {
		.bytes = bytes,
		.room = 4,
		.place = TEXT,
		.toc = 0x41001000,
		.type = R_386_GOTOFF,
	};

	(void)state;
	put_le32(bytes, 8);
	site.value = 0x41000ff0;
	assert_int_equal(rel_arch_i386.apply(&site), 1);
	assert_int_equal(get_le32(bytes), 0xfffffff8);
	put_le32(bytes, 2);
	site.type = R_386_GOTPC;
	site.value = site.toc;
	assert_int_equal(rel_arch_i386.apply(&site), 1);
	assert_int_equal(get_le32(bytes), 0x1002);
}

static void edges(void **state)
{
	const uint64_t above = UINT64_C(1) << 32;

	(void)state;
	assert_int_equal(apply_at(&rel_arch_i386, R_386_NONE, 0, 0, 0), 0);
	assert_int_equal(apply_at(&rel_arch_i386, R_386_GOT32X, 0, 0, 0), -ENOTSUP);
	assert_int_equal(apply_at(&rel_arch_i386, 0xffffffff, 0, 0, 0), -ENOTSUP);
	assert_int_equal(apply_at(&rel_arch_i386, R_386_32, 0, above, 0), -ERANGE);
	assert_int_equal(apply_at(&rel_arch_i386, R_386_PC32, above, 0, 0), -ERANGE);
	assert_int_equal(apply_at(&rel_arch_i386, R_386_PC32, 0xfffffff0, 0x10, 0), 1); /* wraps */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_ld),
		cmocka_unit_test(table),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
