/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/kdump/crash_cmdline.c: the words, their place, and how many characters there may be. */
#include "kexec/kdump/kdump.h"
#include "machine_tree.h"

static struct memory_entry entries[] = {
	{ { 0x1000, 0x9fc00 }, MEMORY_RAM },
	{ { 0x9fc00, 0xa0000 }, MEMORY_RESERVED },
	{ { 0x33000000, 0x3ef5d000 }, MEMORY_RAM },
	{ { 0x3efffc00, 0x3f000000 }, MEMORY_RAM }, /* too small */
	{ { 0x3ffe0200, 0x3ffe0800 }, MEMORY_ACPI },
	{ { 0x3ffe0800, 0x3ffe2001 }, MEMORY_ACPI_NVS },
	{ { 0x100000200, 0x140000200 }, MEMORY_PRAM },
	{ { 0x200000000, 0x240000000 }, MEMORY_PMEM },
};
static const struct memory_map map = { entries, COUNT(entries), "test" };

static const char *line(struct ctx *ctx, const char *cmdline, struct kdump_words words)
{
	const char *out = NULL;

	assert_int_equal(kdump_command_line(ctx, cmdline, 2047, &words, &out), 0);
	return out;
}

static void test_words(void **state)
{
	const struct kdump_words words = { .elfcorehdr = 0x7ef5d000 };
	const struct kdump_words rsdp = { .elfcorehdr = 0x3ef5d000, .acpi_rsdp = 0xf59d0 };
	struct ctx ctx = { 0 };

	(void)state;
	assert_string_equal(line(&ctx, "quiet", words), "quiet elfcorehdr=2080116K");
	assert_string_equal(line(&ctx, "", words), "elfcorehdr=2080116K");
	assert_string_equal(line(&ctx, "quiet", rsdp),
			    "quiet acpi_rsdp=0xf59d0 elfcorehdr=1031540K");
	arena_free(&ctx.arena);
}

/* Everything after "--" is for init: the kernel would not see its words there. */
static void test_before_init_arguments(void **state)
{
	const struct kdump_words words = { .elfcorehdr = 0x400 };
	struct ctx ctx = { 0 };

	(void)state;
	assert_string_equal(line(&ctx, "quiet -- single", words), "quiet elfcorehdr=1K -- single");
	assert_string_equal(line(&ctx, "quiet  --", words), "quiet elfcorehdr=1K");
	assert_string_equal(line(&ctx, "-- single", words), "elfcorehdr=1K -- single");
	assert_string_equal(line(&ctx, " --", words), "elfcorehdr=1K");
	assert_string_equal(line(&ctx, "a=\"x -- y\" --z", words),
			    "a=\"x -- y\" --z elfcorehdr=1K");
	arena_free(&ctx.arena);
}

static void test_memmap(void **state)
{
	const struct kdump_words words = { .elfcorehdr = 0x3ef5d000, .memmap = &map };
	struct ctx ctx = { 0 };

	(void)state;
	assert_string_equal(line(&ctx, "quiet", words),
			    "quiet elfcorehdr=1031540K memmap=exactmap memmap=635K@4K "
			    "memmap=195956K@835584K memmap=2K#1048448K memmap=7K#1048450K "
			    "memmap=1048575K!4194305K");
	arena_free(&ctx.arena);
}

/* Room for the longest words, and for many of them. */
static void test_many_long_words(void **state)
{
	static struct memory_entry longest[3000];
	const struct memory_map many = { longest, COUNT(longest), "test" };
	const struct kdump_words words = { .acpi_rsdp = UINT64_MAX,
					   .elfcorehdr = UINT64_MAX,
					   .mem = UINT64_MAX,
					   .memmap = &many };
	const char *out, *end = " memmap=9007199254740991K@9007199254740992K";
	struct ctx ctx = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(longest); i++)
		longest[i] = (struct memory_entry){ { UINT64_C(1) << 63, UINT64_MAX }, MEMORY_RAM };
	assert_int_equal(kdump_command_line(&ctx, "", 1 << 20, &words, &out), 0);
	assert_int_equal(strlen(out), strlen("acpi_rsdp=0xffffffffffffffff"
					     " elfcorehdr=18014398509481983K"
					     " mem=18014398509481983K memmap=exactmap") +
					      COUNT(longest) * strlen(end));
	assert_string_equal(out + strlen(out) - strlen(end), end);
	arena_free(&ctx.arena);
}

static void test_length(void **state)
{
	struct kdump_words words = { .elfcorehdr = 0x7ef5d000 };
	struct ctx ctx = { 0 };
	const char *out;
	char cmdline[2100];

	(void)state;
	memset(cmdline, 'x', sizeof(cmdline));
	cmdline[2047 - strlen(" elfcorehdr=2080116K")] = '\0';
	assert_int_equal(kdump_command_line(&ctx, cmdline, 2047, &words, &out), 0);
	assert_int_equal(strlen(out), 2047);
	assert_int_equal(kdump_command_line(&ctx, cmdline, 2046, &words, &out), -E2BIG);
	assert_string_equal(ctx.err.what,
			    "Command line overflow: it has 2047 characters with the 20 that a "
			    "crash kernel needs, the kernel takes 2046");
	words.memmap = &map;
	assert_int_equal(kdump_command_line(&ctx, cmdline, 2047, &words, &out), -E2BIG);
	assert_contains(ctx.err.hint, "--pass-memmap-cmdline");
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),  cmocka_unit_test(test_before_init_arguments),
		cmocka_unit_test(test_memmap), cmocka_unit_test(test_many_long_words),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
