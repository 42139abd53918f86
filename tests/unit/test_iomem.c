/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/machine/iomem.c: every line of a kernel is taken, any other line skipped. */
#include "machine_tree.h"

#include <time.h>

static int parse(struct tree *t, const char *text, size_t size, struct iomem *out)
{
	tree_rewind(t);
	return iomem_parse(&t->ctx, "iomem", (struct bytes){ (const uint8_t *)text, size }, out);
}

static void test_lines(void **state)
{
	static const char text[] = "00001000-0009fbff : System RAM\n"
				   "b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]\n"
				   "  b0000000-bfffffff : Reserved\n"
				   "    b0000000-bfffffff : pnp 00:04\n"
				   "fed00000-fed003ff : a : b\n"
				   "fed01000-fed013ff : \n"
				   "\n"
				   "100000000-FFFFFFFFFFFFFFFF : last line without newline";
	static const struct iomem_entry want[] = {
		{ { 0x1000, 0x9fc00 }, 0, "System RAM" },
		{ { 0xb0000000, 0xc0000000 }, 0, "PCI MMCONFIG 0000 [bus 00-ff]" },
		{ { 0xb0000000, 0xc0000000 }, 1, "Reserved" },
		{ { 0xb0000000, 0xc0000000 }, 2, "pnp 00:04" },
		{ { 0xfed00000, 0xfed00400 }, 0, "a : b" },
		{ { 0xfed01000, 0xfed01400 }, 0, "" },
		{ { 0x100000000, UINT64_MAX }, 0, "last line without newline" },
	};
	struct tree *t = tree_at("");
	struct iomem iomem;

	(void)state;
	assert_int_equal(parse(t, text, sizeof(text) - 1, &iomem), 0);
	assert_int_equal(iomem.count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_range(iomem.entry[i].range, want[i].range.start, want[i].range.end);
		assert_int_equal(iomem.entry[i].depth, want[i].depth);
		assert_string_equal(iomem.entry[i].name, want[i].name);
	}
	tree_free(t);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *line, *why;
	} table[] = {
		{ "System RAM", "expected" },
		{ "-1000 : x", "expected" },
		{ "1000- : x", "expected" },
		{ "1000-1fff", "expected" },
		{ "1000-1fff :", "expected" },
		{ "1000-1fff: x", "expected" },
		{ "1000 - 1fff : x", "expected" },
		{ "0x1000-0x1fff : x", "expected" },
		{ "\t1000-1fff : x", "expected" },
		{ "+1000-1fff : x", "expected" },
		{ "10000000000000000-10000000000000001 : x", "expected" },
		{ "2000-1fff : x", "ends before it starts" },
		{ " 1000-1fff : x", "two blanks" },
		{ "   1000-1fff : x", "two blanks" },
	};
	struct tree *t = tree_at("");
	struct iomem iomem;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		t->log[0] = '\0';
		snprintf(text, sizeof(text), "1000-1fff : a\n2000-2fff : b\n%s\n", table[i].line);
		assert_int_equal(parse(t, text, strlen(text), &iomem), 0);
		assert_int_equal(iomem.count, 2);
		assert_range(iomem.entry[1].range, 0x2000, 0x3000);
		assert_contains(t->log, "warning: iomem, line 3: ");

		snprintf(text, sizeof(text), "\n%s\n", table[i].line);
		assert_int_equal(parse(t, text, strlen(text), &iomem), -EINVAL);
		assert_int_equal(iomem.count, 0);
		assert_contains(t->ctx.err.what, "iomem, line 2: ");
		assert_contains(t->ctx.err.what, table[i].why);
	}
	assert_int_equal(parse(t, "1000-1fff : a\0b\n", 16, &iomem), -EINVAL);
	assert_contains(t->ctx.err.what, "NUL");
	tree_free(t);
}

static void test_hidden(void **state)
{
	static const char hidden[] = "00000000-00000000 : System RAM\n"
				     "  00000000-00000000 : Kernel code\n";
	static const char shown[] = "00000000-00000000 : odd\n00001000-00001fff : System RAM\n";
	struct tree *t = tree_at("");
	struct iomem iomem;

	(void)state;
	assert_int_equal(parse(t, hidden, sizeof(hidden) - 1, &iomem), -EPERM);
	assert_int_equal(iomem.count, 0);
	assert_contains(t->ctx.err.hint, "CAP_SYS_ADMIN");
	assert_int_equal(parse(t, shown, sizeof(shown) - 1, &iomem), 0);
	assert_int_equal(iomem.count, 2);
	tree_free(t);
}

static void test_every_truncation(void **state)
{
	static const char text[] = "1000-1fff : System RAM\n  1100-11ff : Kernel code\n";
	struct tree *t = tree_at("");
	struct iomem iomem;

	(void)state;
	for (size_t size = 0; size < sizeof(text); size++) {
		/* Exactly as long as it claims, so that a read after it is caught. */
		char *copy = malloc(size ? size : 1);
		int ret;

		memcpy(copy, text, size);
		ret = parse(t, copy, size, &iomem);
		free(copy);
		assert_true(ret == 0 || ret == -EINVAL);
		for (size_t i = 0; i < iomem.count; i++)
			assert_true(iomem.entry[i].range.start < iomem.entry[i].range.end);
	}
	tree_free(t);
}

/* Overlapping and descending, a hundred thousand of them. */
static void test_many(void **state)
{
	enum { LINES = 100000 };
	struct tree *t = tree_at("");
	struct memory_map map;
	struct iomem iomem;
	char *text = malloc(LINES * 64), *p = text;
	struct timespec begin, end;

	(void)state;
	for (unsigned int i = LINES; i-- > 0;) {
		unsigned int start = (i + 1) * 0x1000;

		p += sprintf(p, "%08x-%08x : %s\n", start, start + (i % 7 ? 0xfff : 0x17ff),
			     i % 3 ? "System RAM" : "Reserved");
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(parse(t, text, (size_t)(p - text), &iomem), 0);
	assert_int_equal(iomem.count, LINES);
	assert_int_equal(memory_map_from_iomem(&t->ctx, &iomem, &map), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* The first line's tail is reserved and lies in the second line's RAM. */
	assert_range(map.entry[0].range, 0x1000, 0x2800);
	assert_int_equal(map.entry[0].type, MEMORY_RESERVED);
	assert_true(end.tv_sec - begin.tv_sec < 5);
	for (size_t i = 1; i < map.count; i++)
		assert_true(map.entry[i - 1].range.end <= map.entry[i].range.start);
	free(text);
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_hidden), cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("iomem", tests, NULL, NULL);
}
