/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/riscv64/riscv_image.c: every field at its edges, every truncation. */
#include "kexec/arch/riscv64/riscv_image.h"
#include "parse_image.h"
#include "make_riscv_image.h"

#define VERSION 0x20

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->parse = riscv_image_parse;
	make_riscv_image(f->image);
	*state = f;
	return 0;
}

static void reads_what_counts(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_int_equal(f->parsed.image_size, MADE_IMAGE_MEMORY);
	assert_int_equal(f->parsed.kernel.size, MADE_IMAGE_SIZE);
	assert_true(f->parsed.sized);
	/* Where it would lie in an empty machine is no distance from 2 MiB. */
	put_le64(f->image + TEXT_OFFSET, UINT64_MAX);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_int_equal(f->parsed.text_offset, 0);
}

static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < 64; size++)
		expect_refused(f, size, "not a riscv Image");
	assert_int_equal(parse(f, 64), 0);
	for (size_t at = 0x38; at < 0x3c; at++) {
		f->image[at] ^= 1;
		expect_refused(f, MADE_IMAGE_SIZE, "not a riscv Image");
		f->image[at] ^= 1;
	}
	/* The other magic number is to go one day. */
	memset(f->image + 0x30, 0, 8);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
}

static void version_edges(void **state)
{
	struct fixture *f = *state;

	put_le32(f->image + VERSION, 1);
	expect_refused(f, MADE_IMAGE_SIZE, "is of version 0x1");
	put_le32(f->image + VERSION, 0x10000);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
}

static void flags(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + FLAGS, UINT64_MAX - 1);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + FLAGS, 1);
	expect_refused(f, MADE_IMAGE_SIZE, "says big endian");
}

static void of_32_bits(void **state)
{
	struct fixture *f = *state;

	sign(f, 0, 0);
	put_le16(f->image + 0x44, 0x5064);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le16(f->image + 0x44, 0x5032);
	expect_refused(f, MADE_IMAGE_SIZE, "machine 0x5032, not 0x5064");
}

static void image_size_edges(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE - 1);
	expect_refused(f, MADE_IMAGE_SIZE, "0x3ff bytes of memory, and it has 0x400");
	put_le64(f->image + IMAGE_SIZE, 0);
	expect_refused(f, MADE_IMAGE_SIZE, "has the image size 0");
	put_le64(f->image + IMAGE_SIZE, INT64_MAX);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + IMAGE_SIZE, INT64_MAX + 1ull);
	expect_refused(f, MADE_IMAGE_SIZE, "no memory can hold");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_counts), TEST(every_truncation), TEST(version_edges), TEST(flags),
		TEST(of_32_bits),	 TEST(image_size_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
