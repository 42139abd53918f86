/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arm/zimage.c: every field at its edges, every truncation. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kexec/arch/arm/zimage.h"
#include "make_zimage.h"

struct fixture {
	uint8_t image[MADE_ZIMAGE_SIZE + 64];
	struct zimage parsed;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	make_zimage(f->image);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* Parses a copy on the heap, so that a read after its end is caught. */
static int parse(struct fixture *f, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, f->image, size);
	err_clear(&f->err);
	ret = zimage_parse((struct bytes){ copy, size }, &f->parsed, &f->err);
	if (!ret)
		assert_true(f->parsed.kernel.data == copy);
	free(copy);
	return ret;
}

static void expect_refused(struct fixture *f, size_t size, const char *words)
{
	assert_int_equal(parse(f, size), -ENOEXEC);
	if (!strstr(f->err.what, words))
		fail_msg("'%s' does not contain '%s'", f->err.what, words);
}

static void reads_every_field(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_int_equal(f->parsed.kernel.size, MADE_ZIMAGE_SIZE);
	assert_int_equal(f->parsed.appended.size, 0);
	assert_false(f->parsed.big_endian);
	assert_true(f->parsed.sized);
	assert_int_equal(f->parsed.kernel_size, 0x13a10b4);
	assert_int_equal(f->parsed.bss_size, 0x5e4d4);
	assert_int_equal(f->parsed.text_offset, 0x208000);
	assert_int_equal(f->parsed.work_size, 0x11000);
}

static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < 0x34; size++)
		expect_refused(f, size, "not a zImage");
	for (size_t size = 0x34; size < MADE_ZIMAGE_SIZE; size++)
		expect_refused(f, size, "zImage is truncated - file 0x");
	f->image[0x27] ^= 1;
	expect_refused(f, MADE_ZIMAGE_SIZE, "not a zImage");
}

static void start_and_end(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + 0x28, 0x8000);
	put_le32(f->image + 0x2c, 0x8000 + MADE_ZIMAGE_SIZE);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	put_le32(f->image + 0x2c, 0x7fff);
	expect_refused(f, MADE_ZIMAGE_SIZE, "does not fit its start");
	put_le32(f->image + 0x2c, 0x8033);
	expect_refused(f, MADE_ZIMAGE_SIZE, "does not fit its start");
	put_le32(f->image + 0x2c, 0x8034);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_false(f->parsed.sized);
}

static void what_is_appended(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE + 64), 0);
	assert_int_equal(f->parsed.kernel.size, MADE_ZIMAGE_SIZE);
	assert_int_equal(f->parsed.appended.size, 64);
}

static void byte_order(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + 0x30, 0x01020304);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_true(f->parsed.big_endian);
	assert_int_equal(f->parsed.text_offset, 0x208000);
}

static void older_kernels(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + MADE_ZIMAGE_SIZES, 4);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_true(f->parsed.sized);
	assert_int_equal(f->parsed.bss_size, 0x5e4d4);
	assert_int_equal(f->parsed.text_offset, 0x8000);
	assert_int_equal(f->parsed.work_size, 0x11000);
	put_le32(f->image + 0x34, 0);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_false(f->parsed.sized);
	assert_int_equal(f->parsed.text_offset, 0x8000);
}

static void damaged_table(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + MADE_ZIMAGE_SIZES, 3);
	expect_refused(f, MADE_ZIMAGE_SIZE, "has 3 words");
	put_le32(f->image + MADE_ZIMAGE_SIZES, 6);
	put_le32(f->image + MADE_ZIMAGE_SIZES + 8, MADE_ZIMAGE_SIZE - 4);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	put_le32(f->image + MADE_ZIMAGE_SIZES + 8, MADE_ZIMAGE_SIZE - 3);
	expect_refused(f, MADE_ZIMAGE_SIZE, "points at 0x1fd");
	put_le32(f->image + MADE_ZIMAGE_SIZES, 0x40000001);
	expect_refused(f, MADE_ZIMAGE_SIZE, "extension table at 0x80 is damaged at 0x8c");
	put_le32(f->image + MADE_ZIMAGE_TABLE, 1);
	expect_refused(f, MADE_ZIMAGE_SIZE, "damaged at 0x80");
	put_le32(f->image + 0x38, MADE_ZIMAGE_SIZE - 3);
	expect_refused(f, MADE_ZIMAGE_SIZE, "damaged at 0x1fd");
	put_le32(f->image + 0x38, UINT32_MAX);
	expect_refused(f, MADE_ZIMAGE_SIZE, "damaged at 0xffffffff");
}

static void table_without_sizes(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + MADE_ZIMAGE_SIZES, 0);
	assert_int_equal(parse(f, MADE_ZIMAGE_SIZE), 0);
	assert_false(f->parsed.sized);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_field), TEST(every_truncation),    TEST(start_and_end),
		TEST(what_is_appended),	 TEST(byte_order),	    TEST(older_kernels),
		TEST(damaged_table),	 TEST(table_without_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
