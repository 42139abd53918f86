/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/machine/crash_files.c, kexec/kdump/{crash_notes,vmcoreinfo}.c: where the notes lie. */
#include "kexec/kdump/kdump.h"
#include "machine_tree.h"

#define CPUS "/sys/devices/system/cpu"

struct notes_test {
	struct tree *tree;
	struct machine_crash crash;
	struct range *notes;
	size_t count;
};

static struct notes_test setup(void)
{
	struct notes_test t = { .tree = tree_empty() };

	tree_put(t.tree, CPUS "/online", "0\n");
	t.tree->machine.root = &t.tree->root;
	return t;
}

static void put_cpu(struct notes_test *t, unsigned int cpu, const char *notes, const char *size)
{
	char name[64];

	snprintf(name, sizeof(name), CPUS "/cpu%u/crash_notes", cpu);
	if (notes)
		tree_put(t->tree, name, notes);
	snprintf(name, sizeof(name), CPUS "/cpu%u/crash_notes_size", cpu);
	if (size)
		tree_put(t->tree, name, size);
}

static int read_notes(struct notes_test *t)
{
	struct ctx *ctx = &t->tree->ctx;
	int ret;

	tree_rewind(t->tree);
	ret = machine_read_crash(ctx, &t->tree->machine, &t->crash);
	return ret ? ret : kdump_cpu_notes(ctx, &t->crash, &t->notes, &t->count);
}

/* Numbers with gaps, in the order of numbers and not of text; a CPU that is not there. */
static void test_sparse_cpus(void **state)
{
	struct notes_test t = setup();

	(void)state;
	put_cpu(&t, 0, "1000\n", "368\n");
	put_cpu(&t, 10, "3000\n", NULL);
	put_cpu(&t, 2, "2000\n", "176\n");
	put_cpu(&t, 4095, "7dc39400\n", "368\n");
	put_cpu(&t, 3, NULL, "368\n");
	tree_put(t.tree, CPUS "/cpuidle/crash_notes", "bad\n");
	tree_put(t.tree, CPUS "/cpu1x/crash_notes", "bad\n");
	assert_int_equal(read_notes(&t), 0);
	assert_int_equal(t.count, 4);
	assert_range(t.notes[0], 0x1000, 0x1000 + 368);
	assert_range(t.notes[1], 0x2000, 0x2000 + 176);
	assert_range(t.notes[2], 0x3000, 0x3000 + 1024);
	assert_range(t.notes[3], 0x7dc39400, 0x7dc39400 + 368);
	tree_free(t.tree);
}

static void test_malformed_notes(void **state)
{
	static const struct {
		const char *notes, *size;
	} bad[] = {
		{ "", "368\n" },
		{ "\n", "368\n" },
		{ "xyz\n", "368\n" },
		{ "1000 1\n", "368\n" },
		{ "-1\n", "368\n" },
		{ "0\n", "368\n" },
		{ "11112222333344445\n", "368\n" },
		{ "000000000000000000000000001000\n", "368\n" },
		{ "1000\n", "" },
		{ "1000\n", "0\n" },
		{ "1000\n", "0x170\n" },
		{ "1000\n", "many\n" },
		{ "fffffffffffffff0\n", "368\n" },
	};
	struct notes_test t = setup();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		put_cpu(&t, 7, bad[i].notes, bad[i].size);
		if (read_notes(&t) != -EINVAL)
			fail_msg("'%s', '%s' were taken", bad[i].notes, bad[i].size);
		assert_contains(t.tree->ctx.err.what, "cpu7/crash_notes");
		assert_null(strchr(t.tree->ctx.err.what, '\n'));
	}
	put_cpu(&t, 7, "0x1000", "368");
	assert_int_equal(read_notes(&t), 0);
	tree_free(t.tree);
}

static void test_no_sysfs(void **state)
{
	struct notes_test t = setup();

	(void)state;
	assert_int_equal(read_notes(&t), 0);
	assert_int_equal(t.count, 0);
	assert_contains(t.tree->log, "no CPU has crash notes");
	tree_delete(t.tree, CPUS);
	assert_int_equal(read_notes(&t), -ENOENT);
	assert_contains(t.tree->ctx.err.hint, "mount sysfs");
	assert_int_equal(t.tree->ctx.err.status, EXIT_STATUS_USAGE);
	tree_free(t.tree);
}

/* A file that is there and cannot be read is no missing CPU. */
static void test_unreadable_notes(void **state)
{
	struct notes_test t = setup();

	(void)state;
	put_cpu(&t, 0, "1000\n", NULL);
	tree_put(t.tree, CPUS "/cpu1/crash_notes/x", "");
	assert_int_equal(read_notes(&t), -EISDIR);
	assert_contains(t.tree->ctx.err.what, "cpu1/crash_notes");
	tree_free(t.tree);
}

static int parse_vmcoreinfo(struct notes_test *t, const char *text, struct range *note)
{
	t->crash.vmcoreinfo = text;
	tree_rewind(t->tree);
	return kdump_vmcoreinfo(&t->tree->ctx, &t->crash, note);
}

static void test_vmcoreinfo(void **state)
{
	static const char *const bad[] = {
		"",
		"1000",
		"1000 ",
		"1000 0",
		"0 1000",
		"0x 1000",
		"1000 1000 x",
		"a b g",
		"1000,400",
		"ffffffffffffffff 2",
		"-1 -1000",
		"1000 10000000000000000",
		"\n",
	};
	struct notes_test t = setup();
	struct range note;

	(void)state;
	assert_int_equal(parse_vmcoreinfo(&t, "0x00000000011f8000 1024", &note), 0);
	assert_range(note, 0x11f8000, 0x11f8000 + 0x1024);
	assert_int_equal(parse_vmcoreinfo(&t, "158e000 1024\n", &note), 0);
	assert_range(note, 0x158e000, 0x158e000 + 0x1024);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (parse_vmcoreinfo(&t, bad[i], &note) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_contains(t.tree->ctx.err.what, "/sys/kernel/vmcoreinfo");
	}
	assert_int_equal(parse_vmcoreinfo(&t, NULL, &note), 0);
	assert_true(range_empty(note));
	assert_contains(t.tree->log, "debug symbols");
	tree_free(t.tree);
}

static void test_read(void **state)
{
	struct notes_test t = setup();

	(void)state;
	tree_put(t.tree, "/sys/kernel/vmcoreinfo", "0x00000000011f8000 1024\n");
	tree_put(t.tree, "/sys/kernel/crash_elfcorehdr_size", "917616\n");
	assert_int_equal(read_notes(&t), 0);
	assert_string_equal(t.crash.vmcoreinfo, "0x00000000011f8000 1024");
	assert_string_equal(machine_elfcorehdr_size(&t.tree->ctx, &t.tree->root), "917616");
	tree_delete(t.tree, "/sys/kernel/vmcoreinfo");
	tree_delete(t.tree, "/sys/kernel/crash_elfcorehdr_size");
	assert_int_equal(read_notes(&t), 0);
	assert_null(t.crash.vmcoreinfo);
	assert_null(machine_elfcorehdr_size(&t.tree->ctx, &t.tree->root));
	/* Nobody asked for it. */
	tree_put(t.tree, "/sys/kernel/crash_elfcorehdr_size/x", "");
	assert_int_equal(read_notes(&t), 0);
	assert_null(machine_elfcorehdr_size(&t.tree->ctx, &t.tree->root));
	tree_free(t.tree);
}

/* What follows a NUL would be lost, and another address be left. */
static void test_nul_bytes(void **state)
{
	static const char *const names[] = { CPUS "/cpu7/crash_notes",
					     CPUS "/cpu7/crash_notes_size",
					     "/sys/kernel/vmcoreinfo" };
	struct notes_test t = setup();

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		put_cpu(&t, 7, "1000\n", "368\n");
		tree_put_bytes(t.tree, names[i], "10\00000\n", 7);
		assert_int_equal(read_notes(&t), -EINVAL);
		assert_contains(t.tree->ctx.err.what, names[i]);
		assert_contains(t.tree->ctx.err.what, "NUL byte");
	}
	tree_free(t.tree);
}

/* A 32-bit header has no room for the address or the size of a note above 4 GiB. */
static void test_notes_above_4g(void **state)
{
	static const struct kdump_arch arch = { .order = ORDER_LE };
	static const struct range note = { 0x426f0400, 0x10200000000000 };
	struct range_set ram = { 0 };
	struct core_header in = { .arch = &arch, .cpu_notes = &note, .cpus = 1, .ram = &ram };
	struct ctx ctx = { 0 };
	struct bytes header;

	(void)state;
	assert_int_equal(kdump_core_header(&ctx, &in, &header), -ERANGE);
	assert_contains(ctx.err.what, "memory up to 0x101fffffffffff does not fit");
	in.cpus = 0;
	in.vmcoreinfo = note;
	assert_int_equal(kdump_core_header(&ctx, &in, &header), -ERANGE);
	in.vmcoreinfo.end = 0x100000000;
	assert_int_equal(kdump_core_header(&ctx, &in, &header), 0);
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sparse_cpus), cmocka_unit_test(test_malformed_notes),
		cmocka_unit_test(test_no_sysfs),    cmocka_unit_test(test_unreadable_notes),
		cmocka_unit_test(test_vmcoreinfo),  cmocka_unit_test(test_read),
		cmocka_unit_test(test_nul_bytes),   cmocka_unit_test(test_notes_above_4g),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
