/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/cmdline.c: what the next kernel's command line is made of. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"

struct row {
	const char *running; /* NULL: without --reuse-cmdline */
	const char *added;
	bool crash;
	const char *want;
};

static const struct row rows[] = {
	{ NULL, NULL, false, "" },
	{ NULL, "a b", false, "a b" },
	/* What the user writes is passed on as it is. */
	{ NULL, " a   BOOT_IMAGE=x ", false, " a   BOOT_IMAGE=x " },
	{ "quiet root=/dev/sda1", NULL, false, "quiet root=/dev/sda1" },
	{ "quiet", "", false, "quiet" },
	{ "quiet", "debug", false, "quiet debug" },
	{ "", "debug", false, "debug" },
	{ "", NULL, false, "" },
	{ "BOOT_IMAGE=/vmlinuz", "debug", false, "debug" },
	{ "BOOT_IMAGE=/vmlinuz quiet", NULL, false, "quiet" },
	{ "a BOOT_IMAGE=/x b BOOT_IMAGE=/y", NULL, false, "a b" },
	{ "  a \t b  ", "c", false, "a b c" },
	/* Only whole names count. */
	{ "MY_BOOT_IMAGE=x BOOT_IMAGES=y BOOT_IMAGE", NULL, false,
	  "MY_BOOT_IMAGE=x BOOT_IMAGES=y BOOT_IMAGE" },
	{ "foo.crashkernel=1 crashkernel=256M", NULL, true, "foo.crashkernel=1" },
	{ "crashkernel=256M a crashkernel=1G,high crashkernel=64M,low", "b", true, "a b" },
	{ "crashkernel=256M a", NULL, false, "crashkernel=256M a" },
	/* Quotes hold a parameter together, wherever they stand in it. */
	{ "a=\"x crashkernel=1 y\" b", NULL, true, "a=\"x crashkernel=1 y\" b" },
	{ "\"a=x  BOOT_IMAGE=1\" b", NULL, false, "\"a=x  BOOT_IMAGE=1\" b" },
	{ "\"BOOT_IMAGE=/my kernel\" b", NULL, false, "b" },
	{ "BOOT_IMAGE=\"/my kernel\" b", NULL, false, "b" },
	{ "a=\"open BOOT_IMAGE=1", NULL, false, "a=\"open BOOT_IMAGE=1" },
	{ "\"", NULL, true, "\"" },
};

static const char *line(struct ctx *ctx, const struct row *row)
{
	struct machine machine = { .cmdline = row->running };
	struct request req = {
		.command_line = row->added,
		.reuse_cmdline = row->running,
		.crash = row->crash,
	};
	const char *out = NULL;

	assert_int_equal(arch_command_line(ctx, &req, &machine, 2047, &out), 0);
	return out;
}

static void test_lines(void **state)
{
	struct ctx ctx = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(line(&ctx, &rows[i]), rows[i].want);
	arena_free(&ctx.arena);
}

static void test_limit_is_exact(void **state)
{
	struct request req = { .command_line = "12345678", .reuse_cmdline = true };
	struct machine machine = { .cmdline = "BOOT_IMAGE=/a/long/path ab" };
	struct ctx ctx = { 0 };
	const char *out;

	(void)state;
	assert_int_equal(arch_command_line(&ctx, &req, &machine, 11, &out), 0);
	assert_string_equal(out, "ab 12345678");
	assert_int_equal(arch_command_line(&ctx, &req, &machine, 10, &out), -E2BIG);
	assert_non_null(strstr(ctx.err.what, "11 characters"));
	assert_non_null(strstr(ctx.err.what, "takes 10"));
	arena_free(&ctx.arena);
}

static void test_nothing_to_reuse(void **state)
{
	struct request req = { .reuse_cmdline = true };
	struct machine machine = { 0 };
	struct ctx ctx = { 0 };
	const char *out;

	(void)state;
	assert_int_equal(arch_command_line(&ctx, &req, &machine, 2047, &out), -ENOENT);
	assert_non_null(strstr(ctx.err.what, "--reuse-cmdline"));
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_nothing_to_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
