/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of every arch whose kernel reads its initrd, command line and memory from a device tree.
 * The test of an arch defines expected, setup() and the list of its tests, with TREE_TESTS and, if
 * the arch has crash loads, TREE_CRASH_TESTS in it.
 */
#ifndef TESTS_TREE_PLAN_H
#define TESTS_TREE_PLAN_H

#include "image_plan.h"
#include "kexec/boot/tree_boot.h"

struct tree_expected {
	const char *console; /* part of the running kernel's command line */
	size_t cmdline_size; /* longest command line, without the NUL */
	/* Crash loads. */
	uint64_t elfcorehdr;
	uint64_t usable[2]; /* linux,usable-memory-range */
	const char *two_reservations; /* /proc/iomem */
	uint64_t two_usable[4];
};

static const struct tree_expected expected;

static inline void test_purgatory_is_wanted(void **state)
{
	struct fixture *f = *state;

	planned(f);
	assert_true(f->plan.wants_purgatory);
	assert_int_equal(f->plan.kernel_entry, segment(f, "kernel")->range.start);
	assert_int_equal(f->plan.params.flags, PURGATORY_VERIFY);
	f->tree->req.no_checks = true;
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	planned(f);
	assert_int_equal(f->plan.params.flags, PURGATORY_REBOOT);
	assert_lacks(f->tree->log, "warning");
}

static inline void test_initrd_in_the_tree(void **state)
{
	struct fixture *f = *state;
	uint64_t start, end;
	int size;

	/* The running kernel's initrd is gone. */
	planned(f);
	assert_null(chosen(f, "linux,initrd-start", &size));
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	start = segment(f, "initrd")->range.start;
	end = start + 6;
	chosen_holds(f, "linux,initrd-start", &start, 1);
	chosen_holds(f, "linux,initrd-end", &end, 1);
}

static inline void test_command_line(void **state)
{
	struct fixture *f = *state;
	char *line = arena_alloc(&f->tree->ctx.arena, expected.cmdline_size + 2);
	char words[100];
	int size;

	planned(f);
	assert_contains(f->plan.cmdline, expected.console);
	assert_string_equal(chosen(f, "bootargs", &size), f->plan.cmdline);
	f->tree->req.command_line = "quiet";
	planned(f);
	assert_string_equal(f->plan.cmdline, "quiet");
	assert_string_equal(chosen(f, "bootargs", &size), "quiet");
	f->tree->req.command_line = "";
	planned(f);
	assert_string_equal(f->plan.cmdline, "");
	assert_null(chosen(f, "bootargs", &size));
	memset(line, 'x', expected.cmdline_size + 1);
	line[expected.cmdline_size + 1] = '\0';
	f->tree->req.command_line = line;
	snprintf(words, sizeof(words), "%zu characters, the kernel takes %zu",
		 expected.cmdline_size + 1, expected.cmdline_size);
	refused(f, -E2BIG, words);
	line[expected.cmdline_size] = '\0';
	planned(f);
	assert_string_equal(chosen(f, "bootargs", &size), line);
	assert_int_equal(size, expected.cmdline_size + 1);
}

static inline void test_uimage_machine(void **state)
{
	struct fixture *f = *state;
	uint8_t own = f->arch->uimage, other = own == 22 ? 2 : 22;
	char words[100];

	f->image.uimage_machine = other;
	snprintf(words, sizeof(words), "uImage arch %u unsupported: %s is %u", other, f->arch->name,
		 own);
	refused(f, -ENOEXEC, words);
	f->image.uimage_machine = own;
	planned(f);
}

static inline void test_kept_command_line(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->tree;
	const struct sysroot nowhere = { .path = "/nowhere" };

	t->req.dtb = "/nowhere"; /* kexec_file_load does not use it */
	assert_contains(f->arch->kept_cmdline(&t->ctx, &t->root), expected.console);
	assert_null(f->arch->kept_cmdline(&t->ctx, &nowhere));
	assert_int_equal(t->ctx.err.code, 0);
}

static inline void test_crash_kernel_in_the_tree(void **state)
{
	struct fixture *f = *state;
	const struct segment *header;
	int size;

	crash_machine(f, NULL);
	planned(f);
	header = segment(f, "elfcorehdr");
	assert_int_equal(header->range.start, expected.elfcorehdr);
	chosen_holds(f, "linux,elfcorehdr",
		     (const uint64_t[]){ expected.elfcorehdr, header->bytes.size }, 2);
	chosen_holds(f, "linux,usable-memory-range", expected.usable, 2);
	assert_contains(chosen(f, "bootargs", &size), expected.console);
	assert_lacks(f->plan.cmdline, "elfcorehdr");
	assert_int_equal(f->plan.kexec_flags, KEXEC_ON_CRASH);
}

static inline void test_crash_two_reservations(void **state)
{
	struct fixture *f = *state;

	crash_machine(f, expected.two_reservations);
	planned(f);
	chosen_holds(f, "linux,usable-memory-range", expected.two_usable, 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* clang-format off */
#define TREE_TESTS \
	TEST(test_purgatory_is_wanted), \
	TEST(test_initrd_in_the_tree), \
	TEST(test_command_line), \
	TEST(test_uimage_machine)
#define TREE_CRASH_TESTS \
	TEST(test_kept_command_line), \
	TEST(test_crash_kernel_in_the_tree), \
	TEST(test_crash_two_reservations)
/* clang-format on */

#endif
