/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/image/android.c: the parts of every version, and that no size leads out of the file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kexec/image/android.h"
#include "peel.h"

#define PAGE 2048
#define KERNEL_SIZE 100
#define RAMDISK_SIZE (PAGE + 1)
#define DTB_SIZE 50

/* Each part has bytes of its own. */
enum { KERNEL = 'k', RAMDISK = 'r', SECOND = 's', RECOVERY = 'o', DTB = 'd' };

struct fixture {
	struct ctx ctx;
	uint8_t file[16 * PAGE];
	size_t size;
	size_t end; /* of the last part, without its padding */
	struct android_image parsed;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

static void add(struct fixture *f, size_t size_at, uint32_t size, int content, size_t page)
{
	put_le32(f->file + size_at, size);
	memset(f->file + f->size, content, size);
	f->end = f->size + size;
	f->size += (size + page - 1) / page * page;
}

static void make(struct fixture *f, uint32_t version)
{
	size_t page = version < 3 ? PAGE : 4096;

	memset(f->file, 0, sizeof(f->file));
	memcpy(f->file, "ANDROID!", 8);
	put_le32(f->file + 40, version);
	f->size = page;
	add(f, 8, KERNEL_SIZE, KERNEL, page);
	if (version >= 3) {
		memset(f->file + 44, 'c', 1536);
		add(f, 12, RAMDISK_SIZE, RAMDISK, page);
		return;
	}
	put_le32(f->file + 36, PAGE);
	memcpy(f->file + 64, "quiet", 5);
	add(f, 16, RAMDISK_SIZE, RAMDISK, page);
	add(f, 24, 10, SECOND, page);
	if (version == 1 || version == 2)
		add(f, 1632, 20, RECOVERY, page);
	if (version == 2)
		add(f, 1648, DTB_SIZE, DTB, page);
}

/* Parses a copy on the heap, so that a read after its end is caught. */
static int parse(struct fixture *f, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, f->file, size);
	err_clear(&f->ctx.err);
	ret = android_parse((struct bytes){ copy, size }, &f->parsed, &f->ctx.err);
	free(copy);
	return ret;
}

static void expect_part(struct fixture *f, struct bytes part, uint32_t size, int content)
{
	assert_int_equal(part.size, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(part.data[i], content);
	assert_true(!size || (part.data - f->file) % PAGE == 0);
}

static void parts_of_every_version(void **state)
{
	struct fixture *f = *state;
	const struct bytes file = { f->file, sizeof(f->file) };

	for (uint32_t version = 0; version <= 4; version++) {
		make(f, version);
		assert_int_equal(android_parse(file, &f->parsed, &f->ctx.err), 0);
		expect_part(f, f->parsed.kernel, KERNEL_SIZE, KERNEL);
		expect_part(f, f->parsed.ramdisk, RAMDISK_SIZE, RAMDISK);
		expect_part(f, f->parsed.dtb, version == 2 ? DTB_SIZE : 0, DTB);
	}
	/* Some that have no version have the size of a list of device trees there. */
	make(f, 0);
	put_le32(f->file + 40, 0x40000);
	assert_int_equal(android_parse(file, &f->parsed, &f->ctx.err), 0);
	expect_part(f, f->parsed.ramdisk, RAMDISK_SIZE, RAMDISK);
}

static void expect_refused(struct fixture *f, size_t size, const char *words)
{
	assert_int_equal(parse(f, size), -ENOEXEC);
	if (!strstr(f->ctx.err.what, words))
		fail_msg("'%s' does not contain '%s'", f->ctx.err.what, words);
}

/* The last page may lack its padding, and what nobody uses may be missing. */
static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (uint32_t version = 0; version <= 4; version++) {
		size_t needed;

		make(f, version);
		needed = version < 2 ? 2 * PAGE + RAMDISK_SIZE : f->end;
		for (size_t size = 0; size < PAGE; size++)
			expect_refused(f, size, "not an Android image");
		for (size_t size = PAGE; size < needed; size += 7)
			expect_refused(f, size, "Android image size is incorrect: its ");
		expect_refused(f, needed - 1, "Android image size is incorrect: its ");
		assert_int_equal(parse(f, needed), 0);
	}
}

static void impossible_pages(void **state)
{
	static const uint32_t pages[] = { 0, 1, 1024, 2047, 2049, 6144, UINT32_MAX };
	struct fixture *f = *state;

	make(f, 0);
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		put_le32(f->file + 36, pages[i]);
		expect_refused(f, f->size, "a power of two from 2048 on is expected");
	}
	put_le32(f->file + 36, 0x80000000);
	expect_refused(f, f->size, "its kernel, [0x80000000, 0x80000064), is not inside its");
}

static void lying_sizes(void **state)
{
	static const struct {
		size_t at;
		const char *what;
	} sizes[] = { { 8, "kernel" },
		      { 16, "ramdisk" },
		      { 24, "second stage" },
		      { 1632, "recovery dtbo" },
		      { 1648, "dtb" } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		make(f, 2);
		put_le32(f->file + sizes[i].at, UINT32_MAX);
		expect_refused(f, f->size, sizes[i].what);
	}
	make(f, 2);
	put_le32(f->file + 8, 0);
	expect_refused(f, f->size, "has no kernel");
}

static int peel(struct fixture *f, struct image *image)
{
	err_clear(&f->ctx.err);
	return peel_file(&f->ctx, (struct bytes){ f->file, f->size }, 1 << 20, image);
}

static void brings_its_command_line(void **state)
{
	struct fixture *f = *state;
	struct image image;
	char long_line[1536 + 1] = { 0 };

	make(f, 0);
	assert_int_equal(peel(f, &image), 0);
	assert_true(image_was_in(&image, "android"));
	assert_string_equal(image.cmdline, "quiet");
	assert_int_equal(image.initrd.size, RAMDISK_SIZE);
	/* A field that is full goes on in the other. */
	memset(f->file + 64, 'a', 512);
	memset(f->file + 608, 'a', 1024);
	memset(long_line, 'a', 1536);
	assert_int_equal(peel(f, &image), 0);
	assert_string_equal(image.cmdline, long_line);
	memset(f->file + 64, 0, 512);
	assert_int_equal(peel(f, &image), 0);
	assert_null(image.cmdline);
	make(f, 4);
	memset(long_line, 'c', 1536);
	assert_int_equal(peel(f, &image), 0);
	assert_string_equal(image.cmdline, long_line);
}

static void only_one_may_bring_an_initrd(void **state)
{
	struct fixture *f = *state, *inner = calloc(1, sizeof(*inner));
	struct image image;

	make(inner, 0);
	make(f, 0);
	f->size = PAGE;
	put_le32(f->file + 16, 0);
	put_le32(f->file + 8, (uint32_t)inner->size);
	memcpy(f->file + PAGE, inner->file, inner->size);
	f->size += inner->size;
	free(inner);
	assert_int_equal(peel(f, &image), -ENOEXEC);
	assert_string_equal(f->ctx.err.what, "FILE: inside its android data: an Android image in "
					     "an Android image: it is not clear whose initrd is "
					     "meant");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parts_of_every_version),  TEST(every_truncation),
		TEST(impossible_pages),	       TEST(lying_sizes),
		TEST(brings_its_command_line), TEST(only_one_may_bring_an_initrd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
