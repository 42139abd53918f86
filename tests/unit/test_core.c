/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, JSON, errors, and files of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/core/file.h"
#include "kexec/core/json.h"
#include "kexec/core/number.h"
#include "kexec/core/print.h"

static char directory[] = "/tmp/test_core.XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int remove_directory(void **state)
{
	static const char *const names[] = { "empty",  "file",	      "fifo", "dir/3",
					     "dir/20", "dir/.hidden", "dir",  "number" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(names[i]);
	return rmdir(directory);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	fclose(f);
}

static void test_arrays_grow(void **state)
{
	struct arena arena = { NULL };
	size_t *array = NULL, copies = 0;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		const size_t *old = array;

		array = arena_grow(&arena, array, count, sizeof(*array));
		copies += array != old;
		assert_int_equal(array[count], 0);
		array[count] = count + 1;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(array[i], i + 1);
	assert_int_equal(copies, 7); /* 16, 32 ... 1024 */
	arena_free(&arena);
}

static void test_texts_are_joined(void **state)
{
	static const char *const cases[][3] = {
		{ "a", "b", "a, b" }, { "a", "", "a" }, { "", "b", "b" }, { NULL, "b", "b" },
		{ "a", NULL, "a" },   { "", NULL, "" }, { NULL, "", "" },
	};
	struct arena arena = { NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(arena_join(&arena, cases[i][0], ", ", cases[i][1]),
				    cases[i][2]);
	assert_null(arena_join(&arena, NULL, ", ", NULL));
	arena_free(&arena);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		int base;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0", 0, true, 0 },
		{ "0x10", 0, true, 16 },
		{ "010", 0, true, 8 },
		{ "18446744073709551615", 0, true, UINT64_MAX },
		{ "18446744073709551616", 0, false, 0 },
		{ "", 0, false, 0 },
		{ " 1", 0, false, 0 },
		{ "1 ", 0, false, 0 },
		{ "-1", 0, false, 0 },
		{ "+1", 0, false, 0 },
		{ "1M", 0, false, 0 },
		{ "0x", 0, false, 0 },
		{ "08", 0, false, 0 },
		{ "7dc39400", 16, true, 0x7dc39400 },
	};
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = parse_number(cases[i].text, cases[i].base, &value);

		if (good != cases[i].good || (good && value != cases[i].value))
			fail_msg("'%s' gives %d", cases[i].text, good);
	}
}

static void test_json(void **state)
{
	static const char want[] =
		"{\n  \"a\": \"\\\"\\\\\\u000a\\u00ff\xc3\xa9\",\n  \"b\": [\n    1,\n"
		"    \"0xff\",\n    \"05fa\"\n  ],\n  \"c\": {},\n  \"d\": null\n}\n";
	char *text;
	size_t size;
	struct json json = { .out = open_memstream(&text, &size) };

	(void)state;
	json_begin_object(&json, NULL);
	json_string(&json, "a", "\"\\\n\xff\xc3\xa9");
	json_begin_array(&json, "b");
	json_u64(&json, NULL, 1);
	json_hex(&json, NULL, 255);
	json_hex_bytes(&json, NULL, (const uint8_t *)"\x05\xfa", 2);
	json_end_array(&json);
	json_begin_object(&json, "c");
	json_end_object(&json);
	json_string(&json, "d", NULL);
	json_end_object(&json);
	json_end(&json);
	fclose(json.out);
	assert_string_equal(text, want);
	free(text);
}

static void test_clean_text(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	print_clean(out, "a\033[0m\177 \xc2\x9b"
			 "2J \xc3\xa4 \xc2\xa0\n\xc2");
	/* C1 control characters of a terminal of 8 bits; the byte 0x9b in a character is none. */
	print_clean(out, " \x80\x9b"
			 "2J \xe4\x9f \xe2\x98\x9b \xc0\x9b \xed\xa0\x9b");
	fclose(out);
	assert_string_equal(text, "a?[0m? ?2J \xc3\xa4 \xc2\xa0?? ??2J ?? \xe2\x98\x9b ?? ???");
	free(text);
}

static void test_errors(void **state)
{
	struct err err = { 0 };
	char path[4096];

	(void)state;
	/* The longest path leaves room for what is wrong with it. */
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	err_set(&err, -ENOENT, "Cannot open `%s': No such file", path);
	assert_non_null(strstr(err.what, "No such file"));
	assert_int_equal(err_set(&err, -ENOENT, "no %s", "file"), -ENOENT);
	err_hint(&err, "look");
	assert_int_equal(err_prefix(&err, "kernel"), -ENOENT);
	assert_string_equal(err.what, "kernel: no file");
	assert_string_equal(err.hint, "look");
	assert_int_equal(err.status, 1);
	err_status(&err, 255);
	assert_int_equal(err.status, 255);
}

static void expect_refused(const char *name, uint64_t limit, int code, const char *text)
{
	struct ctx ctx = { 0 };
	struct file file;

	assert_int_equal(file_open(&ctx, name, limit, &file), code);
	assert_non_null(strstr(ctx.err.what, name));
	if (!strstr(ctx.err.what, text))
		fail_msg("'%s' lacks '%s'", ctx.err.what, text);
	arena_free(&ctx.arena);
}

static void test_files_refused(void **state)
{
	struct ctx ctx = { 0 };
	struct file file;

	(void)state;
	write_file("empty", "");
	write_file("file", "12345");
	expect_refused("missing", 0, -ENOENT, "Cannot open `missing'");
	expect_refused("empty", 0, -ENODATA, "empty");
	expect_refused("/tmp", 0, -EISDIR, "directory");
	expect_refused("/dev/zero", 1 << 20, -EINVAL, "no end");
	expect_refused("/dev/null", 0, -EINVAL, "no end");
	/* A file that is mapped takes no memory: its size matters only if all of it is loaded. */
	assert_int_equal(file_open(&ctx, "file", 4, &file), 0);
	assert_int_equal(file_check_size(&ctx, &file, 5), 0);
	assert_int_equal(file_check_size(&ctx, &file, 4), -EFBIG);
	assert_non_null(strstr(ctx.err.what, "file: longer than 4 bytes"));
	file_close(&file);
	arena_free(&ctx.arena);
}

static void test_file_that_changes(void **state)
{
	const struct timespec later = { 0, 20000000 };
	struct ctx ctx = { 0 };
	struct file file;

	(void)state;
	write_file("file", "12345");
	assert_int_equal(file_open(&ctx, "file", 5, &file), 0);
	assert_int_equal(file.bytes.size, 5);
	assert_memory_equal(file.bytes.data, "12345", 5);
	assert_int_equal(files_unchanged(&ctx), 0);
	/* Rights and links are not the bytes. */
	nanosleep(&later, NULL);
	assert_int_equal(chmod("file", 0600), 0);
	assert_int_equal(files_unchanged(&ctx), 0);
	assert_int_equal(chmod("file", 0644), 0);
	assert_int_equal(files_unchanged(&ctx), -ESTALE);
	assert_int_equal(link("file", "link"), 0);
	assert_int_equal(files_unchanged(&ctx), 0);
	assert_int_equal(unlink("link"), 0);
	err_clear(&ctx.err);
	write_file("file", "123456");
	assert_int_equal(files_unchanged(&ctx), -EBUSY);
	assert_non_null(strstr(ctx.err.what, "changed"));
	file_close(&file);
	arena_free(&ctx.arena);
}

/* A pipe has no size and can be read once. */
static void test_fifo(void **state)
{
	enum { SIZE = 3 << 20 };
	struct ctx ctx = { 0 };
	struct file file;
	pid_t child;
	size_t i;
	int status;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	child = fork();
	if (!child) {
		int fd = open("fifo", O_WRONLY);
		unsigned char block[4096];

		memset(block, 0x5a, sizeof(block));
		for (i = 0; i < SIZE / sizeof(block); i++)
			if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
				_exit(1);
		_exit(0);
	}
	assert_int_equal(file_open(&ctx, "fifo", SIZE, &file), 0);
	assert_int_equal(file.bytes.size, SIZE);
	for (i = 0; i < SIZE; i++)
		assert_int_equal(file.bytes.data[i], 0x5a);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	file_close(&file);
	arena_free(&ctx.arena);
}

/* The kernel's build ID: a file that has a size and cannot be mapped, as /sys/firmware/fdt. */
static void test_blob_of_sysfs(void **state)
{
	struct ctx ctx = { 0 };
	struct file file;
	struct stat stat_of;
	const char *name = "/sys/kernel/notes";

	(void)state;
	if (stat(name, &stat_of) || !stat_of.st_size)
		skip();
	assert_int_equal(file_open(&ctx, name, 0, &file), 0);
	assert_int_equal(file.bytes.size, stat_of.st_size);
	assert_non_null(memmem(file.bytes.data, file.bytes.size, "GNU", 4));
	file_close(&file);
	assert_int_equal(file_open(&ctx, name, 4, &file), -EFBIG);
	arena_free(&ctx.arena);
}

static void test_sysroot(void **state)
{
	struct ctx ctx = { 0 };
	struct sysroot root = { .path = directory };
	char **names;
	uint64_t value;

	(void)state;
	write_file("number", " 0x1f \n");
	assert_int_equal(sysroot_read_number(&ctx, &root, "/number", 0, &value), 0);
	assert_int_equal(value, 0x1f);
	write_file("number", "12 monkeys");
	assert_int_equal(sysroot_read_number(&ctx, &root, "/number", 0, &value), 0);
	write_file("number", "monkeys");
	assert_int_equal(sysroot_read_number(&ctx, &root, "/number", 0, &value), -EINVAL);
	assert_int_equal(sysroot_read_number(&ctx, &root, "/missing", 0, &value), -ENOENT);
	assert_int_equal(mkdir("dir", 0700), 0);
	write_file("dir/20", "x");
	write_file("dir/3", "x");
	write_file("dir/.hidden", "x");
	assert_int_equal(sysroot_list(&ctx, &root, "/dir", &names), 0);
	assert_string_equal(names[0], "3");
	assert_string_equal(names[1], "20");
	assert_null(names[2]);
	arena_free(&ctx.arena);
}

/* The mark may lie across two reads; the text after the mark is left out. */
static void test_read_until(void **state)
{
	enum { SIZE = 20000, MARK_SIZE = 7 };
	struct ctx ctx = { 0 };
	struct sysroot root = { .path = directory };
	char text[SIZE + 1] = { 0 };
	struct bytes out;

	(void)state;
	for (size_t at = 4080; at < 4100; at++) {
		memset(text, 'x', SIZE);
		memcpy(text + at, "_marked", MARK_SIZE);
		write_file("number", text);
		assert_int_equal(sysroot_read_until(&ctx, &root, "/number", "_marked", &out), 0);
		assert_int_equal(out.size, at + MARK_SIZE);
		assert_memory_equal(out.data, text, out.size);
		assert_int_equal(sysroot_read_until(&ctx, &root, "/number", "_other", &out), 0);
		assert_int_equal(out.size, SIZE);
	}
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrays_grow),   cmocka_unit_test(test_texts_are_joined),
		cmocka_unit_test(test_numbers),	      cmocka_unit_test(test_json),
		cmocka_unit_test(test_clean_text),    cmocka_unit_test(test_errors),
		cmocka_unit_test(test_files_refused), cmocka_unit_test(test_file_that_changes),
		cmocka_unit_test(test_fifo),	      cmocka_unit_test(test_blob_of_sysfs),
		cmocka_unit_test(test_sysroot),	      cmocka_unit_test(test_read_until),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
