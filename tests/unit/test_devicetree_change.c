/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/devicetree/tree_change.c: each edit on captured and made-up trees, and what it leaves alone. */
#include <sys/random.h>
#include <sys/syscall.h>

#include "make_devicetree.h"

static bool pool_is_ready = true;

/* Comes before libc's: the state of the kernel's pool cannot be chosen. */
ssize_t getrandom(void *data, size_t size, unsigned int flags)
{
	if (pool_is_ready)
		return syscall(SYS_getrandom, data, size, flags);
	assert_int_equal(flags, GRND_NONBLOCK);
	errno = EAGAIN;
	return -1;
}

static int setup(void **state)
{
	*state = tree_at("");
	return 0;
}

static int teardown(void **state)
{
	tree_free(*state);
	return 0;
}

static const void *change(struct tree *t, const struct devicetree *in,
			  const struct devicetree_changes *changes)
{
	struct devicetree again;
	struct bytes out;

	err_clear(&t->ctx.err);
	if (devicetree_change(&t->ctx, in, changes, &out))
		fail_msg("%s", t->ctx.err.what);
	if (devicetree_check(&t->ctx, "RESULT", out, &again))
		fail_msg("%s", t->ctx.err.what);
	assert_int_equal(out.size, again.blob.size);
	return out.data;
}

static const void *change_made(struct tree *t, void *fdt, const struct devicetree_changes *changes)
{
	struct devicetree in = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));

	return change(t, &in, changes);
}

static void expect_refused(struct tree *t, void *fdt, const struct devicetree_changes *changes,
			   int code, const char *words)
{
	struct devicetree in = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	struct bytes out;

	assert_int_equal(devicetree_change(&t->ctx, &in, changes, &out), code);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "TREE: ");
	assert_contains(t->ctx.err.what, words);
}

static const void *chosen_value(const void *fdt, const char *property, int *size)
{
	return fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), property, size);
}

static void expect_property(const void *fdt, const char *property, const void *want,
			    size_t want_size)
{
	int size;
	const void *value = chosen_value(fdt, property, &size);

	if (!value)
		fail_msg("no %s", property);
	assert_int_equal(size, want_size);
	assert_memory_equal(value, want, want_size);
}

static void expect_none(const void *fdt, const char *property)
{
	int size;

	if (chosen_value(fdt, property, &size))
		fail_msg("%s is still there, with %d bytes", property, size);
}

static void captured(struct tree *t, struct tree *machine)
{
	static const uint8_t initrd[2][8] = { { 0, 0, 0, 1, 0, 0x20, 0, 0 },
					      { 0, 0, 0, 1, 0, 0x30, 0, 1 } };
	struct devicetree_changes changes = { .bootargs = "root=/dev/vda quiet",
					      .initrd = { 0x100200000, 0x100300001 } };
	struct devicetree in;
	const void *out;

	fdt_ok(devicetree_find(&t->ctx, t->req.dtb, &machine->root, &in));
	out = change(t, &in, &changes);
	assert_same_tree(in.blob.data, out, "/chosen");
	expect_property(out, "bootargs", "root=/dev/vda quiet", 20);
	expect_property(out, "linux,initrd-start", initrd[0], 8);
	expect_property(out, "linux,initrd-end", initrd[1], 8);
	expect_property(out, "linux,booted-from-kexec", "", 0);
	assert_int_equal(fdt_num_mem_rsv(out), 1);
	assert_true(has_reservation(out, 0x100200000, 0x100001));
	assert_non_null(chosen_value(out, "stdout-path", NULL));
	assert_in_range(fdt_totalsize(out), 1, 16384);
}

static void captured_machines(void **state)
{
	for_each_tree_machine(*state, captured);
}

static void makes_chosen(void **state)
{
	struct tree *t = *state;
	struct devicetree_changes changes = { .bootargs = "quiet" };
	const void *out = change_made(t, make_devicetree(&t->ctx, 0), &changes);

	expect_property(out, "bootargs", "quiet", 6);
	expect_none(out, "linux,initrd-start");
	assert_int_equal(fdt_num_mem_rsv(out), 0);
}

static void chosen_with_unit_address(void **state)
{
	struct tree *t = *state;
	struct devicetree_changes changes = { .bootargs = "quiet" };
	void *fdt = make_devicetree(&t->ctx, 2);
	const void *out;
	int node = fdt_add_subnode(fdt, 0, "chosen@0");

	fdt_ok(fdt_setprop_string(fdt, node, "bootargs", "old"));
	out = change_made(t, fdt, &changes);
	assert_string_equal(fdt_get_name(out, fdt_path_offset(out, "/chosen"), NULL), "chosen@0");
	expect_property(out, "bootargs", "quiet", 6);
	assert_true(fdt_next_subnode(out, fdt_first_subnode(out, 0)) < 0);
}

static void bootargs(void **state)
{
	struct tree *t = *state;
	struct devicetree_changes changes = { 0 };
	void *fdt = make_devicetree(&t->ctx, 2);
	char *longer = arena_alloc(&t->ctx.arena, 70000);

	fdt_ok(fdt_setprop_string(fdt, made_chosen(fdt), "bootargs", "old"));
	expect_property(change_made(t, fdt, &changes), "bootargs", "old", 4);
	changes.bootargs = "";
	expect_none(change_made(t, fdt, &changes), "bootargs");
	memset(longer, 'x', 69999);
	changes.bootargs = longer;
	expect_property(change_made(t, fdt, &changes), "bootargs", longer, 70000);
}

/* What was reserved for the old initrd goes; all other reservations stay. */
static void old_initrd(struct tree *t, bool wide, uint64_t reserved, bool goes)
{
	struct devicetree_changes changes = { 0 };
	void *fdt = make_devicetree(&t->ctx, 2);
	int chosen = made_chosen(fdt);
	const void *out;

	fdt_ok(fdt_add_mem_rsv(fdt, 0x1000, 0x1000));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x80000000, reserved));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x90000000, 0x12345));
	if (wide) {
		fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0x80000000));
		fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-end", 0x80012345));
	} else {
		fdt_ok(fdt_setprop_u32(fdt, chosen, "linux,initrd-start", 0x80000000));
		fdt_ok(fdt_setprop_u32(fdt, chosen, "linux,initrd-end", 0x80012345));
	}
	out = change_made(t, fdt, &changes);
	expect_none(out, "linux,initrd-start");
	expect_none(out, "linux,initrd-end");
	assert_int_equal(has_reservation(out, 0x80000000, reserved), !goes);
	assert_true(has_reservation(out, 0x1000, 0x1000));
	assert_true(has_reservation(out, 0x90000000, 0x12345));
}

static void old_initrds(void **state)
{
	old_initrd(*state, true, 0x12345, true);
	old_initrd(*state, false, 0x12345, true);
	old_initrd(*state, true, 0x13000, true);
	old_initrd(*state, true, 0x14000, true);
	old_initrd(*state, true, 0x20000, true);
	old_initrd(*state, true, 0x12344, false);
	old_initrd(*state, true, 0x15000, false);
}

static void odd_initrd_properties(void **state)
{
	struct tree *t = *state;
	struct devicetree_changes changes = { 0 };
	void *fdt = make_devicetree(&t->ctx, 2);
	int chosen = made_chosen(fdt);

	fdt_ok(fdt_add_mem_rsv(fdt, 0, 0x1000));
	fdt_ok(fdt_setprop(fdt, chosen, "linux,initrd-start", "\0\0\0", 3));
	fdt_ok(fdt_setprop_u32(fdt, chosen, "linux,initrd-end", 0x1000));
	assert_int_equal(fdt_num_mem_rsv(change_made(t, fdt, &changes)), 1);
	fdt_ok(fdt_delprop(fdt, chosen, "linux,initrd-end"));
	fdt_ok(fdt_setprop_u32(fdt, chosen, "linux,initrd-start", 0));
	assert_int_equal(fdt_num_mem_rsv(change_made(t, fdt, &changes)), 1);
}

static void add_pair(void *fdt, const char *property, uint64_t start, uint64_t size)
{
	int chosen = made_chosen(fdt);

	fdt_ok(fdt_appendprop_u64(fdt, chosen, property, start));
	fdt_ok(fdt_appendprop_u64(fdt, chosen, property, size));
}

static void last_boot(void **state)
{
	static const char *const names[] = { "linux,elfcorehdr", "linux,usable-memory-range",
					     "linux,ima-kexec-buffer", "linux,kho-fdt",
					     "linux,kho-scratch" };
	struct tree *t = *state;
	struct devicetree_changes changes = { 0 };
	void *fdt = make_devicetree(&t->ctx, 2);
	const void *out;

	for (size_t i = 0; i < COUNT(names); i++)
		add_pair(fdt, names[i], 0x200000000 + i * 0x100000, 0x1234);
	fdt_ok(fdt_add_mem_rsv(fdt, 0x200000000, 0x1234));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x200200000, 0x1234));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x200200000, 0x1235));
	fdt_ok(fdt_setprop_u64(fdt, made_chosen(fdt), "linux,uefi-system-table", 42));
	out = change_made(t, fdt, &changes);
	for (size_t i = 0; i < COUNT(names); i++)
		expect_none(out, names[i]);
	assert_int_equal(fdt_num_mem_rsv(out), 1);
	assert_true(has_reservation(out, 0x200200000, 0x1235));
	expect_property(out, "linux,uefi-system-table", "\0\0\0\0\0\0\0*", 8);
}

static void crash(void **state)
{
	static const uint8_t header[] = { 0, 0, 0, 1, 0xb9, 0x9f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 4, 0 };
	static const uint8_t usable[] = {
		0, 0, 0, 1, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, /* high */
		0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x08, 0, 0, 0,
	};
	struct range ranges[] = { { 0x1a0000000, 0x1b0000000 }, { 0x40000000, 0x48000000 } };
	struct devicetree_changes changes = { .elfcorehdr = { 0x1b99ff000, 0x1b99ff400 },
					      .usable = ranges,
					      .usable_count = 2 };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	const void *out;

	add_pair(fdt, "linux,elfcorehdr", 1, 2);
	add_pair(fdt, "linux,usable-memory-range", 1, 2);
	out = change_made(t, fdt, &changes);
	expect_property(out, "linux,elfcorehdr", header, sizeof(header));
	expect_property(out, "linux,usable-memory-range", usable, sizeof(usable));
	assert_int_equal(fdt_num_mem_rsv(out), 1);
	assert_true(has_reservation(out, 0x1b99ff000, 0x400));
}

static void crash_in_one_cell(void **state)
{
	static const uint8_t header[] = { 0x6b, 0xf0, 0, 0, 0, 0, 4, 0 };
	static const uint8_t usable[] = { 0xf0, 0, 0, 0, 0x10, 0, 0, 0 };
	struct range range = { 0xf0000000, 0x100000000 };
	struct devicetree_changes changes = { .elfcorehdr = { 0x6bf00000, 0x6bf00400 },
					      .usable = &range,
					      .usable_count = 1 };
	struct tree *t = *state;

	for (uint32_t cells = 0; cells <= 1; cells++) {
		const void *out = change_made(t, make_devicetree(&t->ctx, cells), &changes);

		expect_property(out, "linux,elfcorehdr", header, sizeof(header));
		expect_property(out, "linux,usable-memory-range", usable, sizeof(usable));
	}
	changes.elfcorehdr = (struct range){ 0x100000000, 0x100000400 };
	expect_refused(t, make_devicetree(&t->ctx, 1), &changes, -EOVERFLOW,
		       "linux,elfcorehdr: 0x100000000 with 0x400 bytes does not fit into the "
		       "root's 1 address and 1 size cells");
	changes.elfcorehdr = (struct range){ 0 };
	range.start = 0;
	expect_refused(t, make_devicetree(&t->ctx, 1), &changes, -EOVERFLOW,
		       "linux,usable-memory-range: 0x0 with 0x100000000 bytes");
}

/* Two cells of address, one of size. */
static void mixed_cells(void **state)
{
	static const uint8_t header[] = { 0, 0, 0, 1, 0xb9, 0x9f, 0xf0, 0, 0, 0, 4, 0 };
	struct devicetree_changes changes = { .elfcorehdr = { 0x1b99ff000, 0x1b99ff400 } };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);

	fdt_ok(fdt_setprop_u32(fdt, 0, "#size-cells", 1));
	expect_property(change_made(t, fdt, &changes), "linux,elfcorehdr", header, sizeof(header));
}

static void bad_cells(void **state)
{
	struct devicetree_changes changes = { 0 };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);

	expect_refused(t, make_devicetree(&t->ctx, 3), &changes, -ENOEXEC,
		       "the root's #address-cells is 3, not 1 or 2");
	fdt_ok(fdt_setprop_u32(fdt, 0, "#size-cells", 0));
	expect_refused(t, fdt, &changes, -ENOEXEC, "the root's #size-cells is 0, not 1 or 2");
	fdt_ok(fdt_setprop_u64(fdt, 0, "#size-cells", 2));
	expect_refused(t, fdt, &changes, -ENOEXEC, "the root's #size-cells has 8 bytes, not 4");
}

static void seeds(void **state)
{
	struct devicetree_changes changes = { .dry_run = true };
	static const uint8_t zeros[128];
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	int chosen = made_chosen(fdt), size;
	const void *dry, *again, *real;

	fdt_ok(fdt_setprop_u64(fdt, chosen, "kaslr-seed", 42));
	fdt_ok(fdt_setprop(fdt, chosen, "rng-seed", "0123456789abcdef", 16));
	dry = change_made(t, fdt, &changes);
	expect_property(dry, "kaslr-seed", zeros, 8);
	expect_property(dry, "rng-seed", zeros, 128);
	again = change_made(t, fdt, &changes);
	assert_memory_equal(dry, again, fdt_totalsize(dry));
	changes.dry_run = false;
	real = change_made(t, fdt, &changes);
	assert_int_equal(fdt_totalsize(real), fdt_totalsize(dry));
	/* 2^-64 of a wrong verdict */
	assert_memory_not_equal(chosen_value(real, "kaslr-seed", &size), zeros, 8);
	assert_memory_not_equal(chosen_value(real, "rng-seed", &size), zeros, 128);
	again = change_made(t, fdt, &changes);
	assert_memory_not_equal(chosen_value(real, "rng-seed", &size),
				chosen_value(again, "rng-seed", &size), 128);
}

static void no_seeds(void **state)
{
	struct devicetree_changes changes = { 0 };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	const void *out;

	fdt_ok(fdt_setprop_u64(fdt, made_chosen(fdt), "kaslr-seed", 42));
	fdt_ok(fdt_setprop(fdt, made_chosen(fdt), "rng-seed", "0123456789abcdef", 16));
	pool_is_ready = false;
	out = change_made(t, fdt, &changes);
	pool_is_ready = true;
	expect_none(out, "kaslr-seed");
	expect_none(out, "rng-seed");
	assert_contains(t->log, "warning: no random seed for the next kernel");
}

static void many_reservations(void **state)
{
	struct devicetree_changes changes = { .initrd = { 0x48000000, 0x48001000 } };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	const void *out;

	for (uint64_t i = 1; i <= 64; i++)
		fdt_ok(fdt_add_mem_rsv(fdt, i << 20, i));
	out = change_made(t, fdt, &changes);
	assert_int_equal(fdt_num_mem_rsv(out), 65);
	for (uint64_t i = 1; i <= 64; i++)
		assert_true(has_reservation(out, i << 20, i));
	assert_true(has_reservation(out, 0x48000000, 0x1000));
}

/* All at once, and more of it than machines have. */
static void many_ranges(void **state)
{
	struct range ranges[300];
	struct devicetree_changes changes = { .bootargs = "",
					      .initrd = { 0x48000000, 0x48001000 },
					      .elfcorehdr = { 0x47f00000, 0x47f00400 },
					      .usable = ranges,
					      .usable_count = COUNT(ranges) };
	struct tree *t = *state;
	const uint8_t *value;
	int size;

	for (size_t i = 0; i < COUNT(ranges); i++)
		ranges[i] = (struct range){ i << 20, (i << 20) + 4096 };
	value = chosen_value(change_made(t, make_devicetree(&t->ctx, 2), &changes),
			     "linux,usable-memory-range", &size);
	assert_int_equal(size, 16 * COUNT(ranges));
	assert_int_equal(get_be64(value + size - 16), 299 << 20);
}

/* A tree that has been changed is changed again: nothing piles up. */
static void changes_again(void **state)
{
	struct range usable = { 0x40000000, 0x50000000 };
	struct devicetree_changes changes = { .bootargs = "quiet",
					      .initrd = { 0x48000000, 0x48012345 },
					      .elfcorehdr = { 0x4ff00000, 0x4ff00400 },
					      .usable = &usable,
					      .usable_count = 1,
					      .dry_run = true };
	struct tree *t = *state;
	const void *first = change_made(t, make_devicetree(&t->ctx, 2), &changes), *second;
	struct devicetree in = expect_tree(&t->ctx, (struct bytes){ first, fdt_totalsize(first) });

	second = change(t, &in, &changes);
	assert_int_equal(fdt_num_mem_rsv(second), 2);
	assert_int_equal(fdt_totalsize(second), fdt_totalsize(first));
	assert_same_tree(first, second, NULL);
}

static void too_long(void **state)
{
	struct devicetree_changes changes = { 0 };
	struct tree *t = *state;
	size_t size = (2u << 20) + 4096;
	void *fdt = arena_alloc(&t->ctx.arena, size);

	fdt_ok(fdt_create_empty_tree(fdt, (int)size));
	fdt_ok(fdt_setprop_placeholder(fdt, 0, "large", 2 << 20, &(void *){ NULL }));
	expect_refused(t, fdt, &changes, -EFBIG, "kernels take at most 2097152");
	fdt_ok(fdt_setprop_placeholder(fdt, 0, "large", (2 << 20) - 1024, &(void *){ NULL }));
	change_made(t, fdt, &changes);
}

/* Version 16 reads names wherever they are; what is copied is as much as the header says. */
static void strings_after_their_end(void **state)
{
	static const size_t version = 20, strings = 32;
	struct tree *t = *state;
	struct devicetree_changes changes = { .dry_run = true };
	struct bytes made = made_tree_bytes(&t->ctx, make_devicetree(&t->ctx, 2)), out;
	struct devicetree in;
	uint32_t size = get_be32(made.data + strings);

	put_cell(made, version, 16);
	in = expect_tree(&t->ctx, made);
	change(t, &in, &changes);
	for (uint32_t less = 1; less <= size; less++) {
		put_cell(made, strings, size - less);
		in = expect_tree(&t->ctx, made);
		assert_int_equal(devicetree_change(&t->ctx, &in, &changes, &out), -ENOEXEC);
		assert_contains(t->ctx.err.what, "TREE: cannot change it: FDT_ERR_");
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(captured_machines),
		TEST(makes_chosen),
		TEST(chosen_with_unit_address),
		TEST(bootargs),
		TEST(old_initrds),
		TEST(odd_initrd_properties),
		TEST(last_boot),
		TEST(crash),
		TEST(crash_in_one_cell),
		TEST(mixed_cells),
		TEST(bad_cells),
		TEST(seeds),
		TEST(no_seeds),
		TEST(many_reservations),
		TEST(many_ranges),
		TEST(changes_again),
		TEST(too_long),
		TEST(strings_after_their_end),
	};

	return cmocka_run_group_tests_name("devicetree_change", tests, NULL, NULL);
}
