/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/s390x/s390_image.c: every field at its edges, every truncation. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "make_s390_image.h"

struct fixture {
	uint8_t image[MADE_S390_SIGNED_SIZE];
	uint8_t *copy;
	struct s390_image parsed;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	make_s390_image(f->image);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	free(f->copy);
	free(f);
	return 0;
}

/* Parses a copy on the heap, so that a read after its end is caught. */
static int parse(struct fixture *f, size_t size)
{
	free(f->copy);
	f->copy = malloc(size ? size : 1);
	memcpy(f->copy, f->image, size);
	err_clear(&f->err);
	return s390_image_parse((struct bytes){ f->copy, size }, &f->parsed, &f->err);
}

static void expect_refused(struct fixture *f, size_t size, const char *words)
{
	assert_int_equal(parse(f, size), -ENOEXEC);
	if (!strstr(f->err.what, words))
		fail_msg("'%s' does not contain '%s'", f->err.what, words);
}

static void expect_text(struct bytes found, const char *text)
{
	assert_int_equal(found.size, strlen(text));
	assert_memory_equal(found.data, text, found.size);
}

static void reads_every_field(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_ptr_equal(f->parsed.kernel.data, f->copy);
	assert_int_equal(f->parsed.kernel.size, MADE_S390_SIZE);
	assert_int_equal(f->parsed.cmdline_size, 0xfff);
	assert_true(f->parsed.marked);
	assert_true(f->parsed.kdump_entry);
	expect_text(f->parsed.own_cmdline, "root=/dev/ram0 ro");
	expect_text(f->parsed.version, "6.1.0 (made)");
}

static void room_for_a_command_line(void **state)
{
	static const uint64_t too_much[] = { 0x1001, 0x10000, UINT64_MAX - 0x10480, UINT64_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		put_u64(ORDER_BE, f->image + 0x10430, too_much[i]);
		expect_refused(f, MADE_S390_SIZE, "bytes for a command line at 0x10480");
	}
	put_u64(ORDER_BE, f->image + 0x10430, 1);
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_int_equal(f->parsed.cmdline_size, 0);
	assert_int_equal(f->parsed.own_cmdline.size, 0);
	put_u64(ORDER_BE, f->image + 0x10430, 0);
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_int_equal(f->parsed.cmdline_size, 895);
}

static void images_without_the_mark(void **state)
{
	struct fixture *f = *state;
	struct bytes bytes = { f->image, MADE_S390_SIZE };

	assert_true(s390_image_probe(bytes));
	f->image[0x1000f] = 0;
	assert_true(s390_image_probe(bytes));
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_false(f->parsed.kdump_entry);
	f->image[0x10008]++;
	assert_false(s390_image_probe(bytes));
	assert_true(s390_image_old_probe(bytes));
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_false(f->parsed.marked);
	assert_int_equal(f->parsed.cmdline_size, 895);
	assert_int_equal(f->parsed.version.size, 0);
	memcpy(f->image, "\177ELF", 4);
	assert_false(s390_image_old_probe(bytes));
}

static void texts_that_are_none(void **state)
{
	static const uint64_t nowhere[] = { 0, MADE_S390_SIZE - 255, MADE_S390_SIZE, UINT64_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		put_u64(ORDER_BE, f->image + 0x10428, nowhere[i]);
		f->image[0] = 0;
		assert_int_equal(parse(f, MADE_S390_SIZE), 0);
		assert_int_equal(f->parsed.version.size, 0);
	}
	f->image[S390_COMMAND_LINE + 3] = 0x1b;
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_int_equal(f->parsed.own_cmdline.size, 0);
	memset(f->image + S390_COMMAND_LINE, 'x', 0x1000);
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_int_equal(f->parsed.own_cmdline.size, 0);
	f->image[S390_COMMAND_LINE + 0xfff] = 0;
	assert_int_equal(parse(f, MADE_S390_SIZE), 0);
	assert_int_equal(f->parsed.own_cmdline.size, 0xfff);
}

static void signatures(void **state)
{
	struct fixture *f = *state;

	make_signed_s390_image(f->image, MADE_S390_SIGNATURE);
	assert_int_equal(parse(f, MADE_S390_SIGNED_SIZE), 0);
	assert_int_equal(f->parsed.kernel.size, MADE_S390_SIZE);
	make_signed_s390_image(f->image, MADE_S390_SIGNED_SIZE - 39);
	expect_refused(f, MADE_S390_SIGNED_SIZE, "the signature at the end of the file claims");
	make_signed_s390_image(f->image, UINT32_MAX);
	expect_refused(f, MADE_S390_SIGNED_SIZE, "the signature at the end of the file claims");
	make_signed_s390_image(f->image, MADE_S390_SIGNED_SIZE - 40);
	expect_refused(f, MADE_S390_SIGNED_SIZE, "this file ends at 0");
}

static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < MADE_S390_SIZE; size += size < 0x10000 ? 4093 : 7)
		expect_refused(f, size, size <= 0x11000 ? "this file ends at" : "it ends at");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_every_field, setup, teardown),
		cmocka_unit_test_setup_teardown(room_for_a_command_line, setup, teardown),
		cmocka_unit_test_setup_teardown(images_without_the_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(signatures, setup, teardown),
		cmocka_unit_test_setup_teardown(every_truncation, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
