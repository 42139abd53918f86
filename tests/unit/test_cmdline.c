/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/plan/next_cmdline.c: what the next kernel's command line is made of. */
#include "machine_tree.h"

#include "kexec/plan/next_cmdline.h"

static const struct image bare = { .name = "FILE" };

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
	{ "kexec_jump_back_entry=0x1000 quiet", NULL, false, "quiet" },
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
	/* A newline inside is white space, as for the kernel. */
	{ "a\nroot=/dev/vda1 b", "c", false, "a root=/dev/vda1 b c" },
	/* Added words are the kernel's: before the words for init. */
	{ "a -- x y", "b", false, "a b -- x y" },
	{ "a -- x", "b -- y", false, "a b -- x y" },
	{ "a", "b -- y", false, "a b -- y" },
	{ "-- x", "b", false, "b -- x" },
	{ "a --", "b", false, "a b" },
	{ "a -- x", NULL, false, "a -- x" },
	{ "a -- x", "", false, "a -- x" },
};

static const char *line(struct ctx *ctx, const struct row *row)
{
	struct machine machine = { .cmdline = row->running };
	struct request req = {
		.command_line = row->added,
		.reuse_cmdline = row->running,
		.crash = row->crash,
	};
	const struct load load = { .req = &req, .machine = machine, .image = bare };
	const char *out = NULL;

	assert_int_equal(next_cmdline(ctx, &load, 2047, &out), 0);
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
	const struct load load = {
		.req = &req,
		.machine.cmdline = "BOOT_IMAGE=/a/long/path ab",
		.image = bare,
	};
	struct ctx ctx = { 0 };
	const char *out;

	(void)state;
	assert_int_equal(next_cmdline(&ctx, &load, 11, &out), 0);
	assert_string_equal(out, "ab 12345678");
	assert_int_equal(next_cmdline(&ctx, &load, 10, &out), -E2BIG);
	assert_non_null(strstr(ctx.err.what, "11 characters"));
	assert_non_null(strstr(ctx.err.what, "takes 10"));
	arena_free(&ctx.arena);
}

static void test_nothing_to_reuse(void **state)
{
	struct request req = { .reuse_cmdline = true };
	const struct load load = { .req = &req, .image = bare };
	struct ctx ctx = { 0 };
	const char *out;

	(void)state;
	assert_int_equal(next_cmdline(&ctx, &load, 2047, &out), -ENOENT);
	assert_non_null(strstr(ctx.err.what, "--reuse-cmdline"));
	arena_free(&ctx.arena);
}

static void put_secure_boot(struct tree *t, uint8_t value)
{
	const uint8_t content[] = { 6, 0, 0, 0, value };

	tree_put_bytes(t,
		       "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		       content, sizeof(content));
}

/* The command line where a UKI has one of its own and another is asked for. */
static const char *line_of_uki(struct tree *t, const char *added)
{
	struct image uki = { .name = "K", .cmdline = "own" };
	struct request req = { .command_line = added, .reuse_cmdline = !added };
	struct load load = {
		.req = &req,
		.machine.cmdline = "running",
		.image = uki,
		.lockdown = machine_lockdown(&t->ctx, &t->root),
		.secure_boot = machine_secure_boot(&t->ctx, &t->root),
	};
	const char *out = NULL;

	t->log[0] = '\0';
	load.own_cmdline = next_cmdline_of_image(&t->ctx, &load);
	assert_int_equal(next_cmdline(&t->ctx, &load, 2047, &out), 0);
	return out;
}

#define LOCKDOWN "/sys/kernel/security/lockdown"

static void test_line_of_uki(void **state)
{
	struct tree *t = tree_empty();
	struct image uki = { .name = "K", .cmdline = "own" };
	struct request nothing = { 0 };
	struct load load = { .req = &nothing, .image = uki };
	const char *out;

	(void)state;
	load.own_cmdline = next_cmdline_of_image(&t->ctx, &load);
	assert_int_equal(next_cmdline(&t->ctx, &load, 3, &out), 0);
	assert_string_equal(out, "own");
	assert_int_equal(next_cmdline(&t->ctx, &load, 2, &out), -E2BIG);
	assert_non_null(strstr(t->ctx.err.hint, "inside K"));

	assert_string_equal(line_of_uki(t, "asked"), "asked");
	assert_string_equal(line_of_uki(t, ""), "");
	assert_string_equal(line_of_uki(t, NULL), "running");
	tree_put(t, LOCKDOWN, "[none] integrity confidentiality\n");
	put_secure_boot(t, 0);
	assert_string_equal(line_of_uki(t, "asked"), "asked");
	assert_string_equal(t->log, "");
	tree_free(t);
}

/* What was signed as a whole is used as a whole. */
static void test_line_of_uki_under_lockdown(void **state)
{
	static const char warning[] = "warning: K: the command line inside it is used, not the one "
				      "that was asked for: ";
	struct tree *t = tree_empty();
	struct request req = { .command_line = "asked" };
	struct image plain = bare;
	struct load load;
	const char *out;

	(void)state;
	put_secure_boot(t, 1);
	assert_string_equal(line_of_uki(t, "asked"), "own");
	assert_ptr_equal(strstr(t->log, warning), t->log);
	assert_non_null(strstr(t->log, "Secure Boot is on"));
	assert_string_equal(line_of_uki(t, NULL), "own");
	put_secure_boot(t, 0);
	tree_put(t, LOCKDOWN, "none [integrity] confidentiality\n");
	assert_string_equal(line_of_uki(t, "asked"), "own");
	assert_ptr_equal(strstr(t->log, warning), t->log);
	assert_non_null(strstr(t->log, "the kernel is locked down, level integrity"));
	tree_put(t, LOCKDOWN, "none integrity [confidentiality]\n");
	assert_string_equal(line_of_uki(t, ""), "own");

	/* Nothing was signed with the kernel: any line is as good. */
	t->log[0] = '\0';
	load = (struct load){ .req = &req, .image = plain, .lockdown = "confidentiality" };
	load.own_cmdline = next_cmdline_of_image(&t->ctx, &load);
	assert_int_equal(next_cmdline(&t->ctx, &load, 2047, &out), 0);
	assert_string_equal(out, "asked");
	assert_string_equal(t->log, "");
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_nothing_to_reuse),
		cmocka_unit_test(test_line_of_uki),
		cmocka_unit_test(test_line_of_uki_under_lockdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
