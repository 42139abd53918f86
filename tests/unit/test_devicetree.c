/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/devicetree/tree_{source,check,query}.c, live_flatten.c: where a tree is taken from, that damaged
 * ones are refused, and what is read of them.
 */
#include <fcntl.h>

#include "make_devicetree.h"
#include "purgatory_abi.h"

#define LIVE_TREE "/sys/firmware/devicetree/base"

static int setup(void **state)
{
	*state = tree_empty();
	return 0;
}

static int teardown(void **state)
{
	tree_free(*state);
	return 0;
}

static int check(struct tree *t, struct bytes bytes)
{
	struct devicetree tree;

	err_clear(&t->ctx.err);
	return devicetree_check(&t->ctx, "TREE", bytes, &tree);
}

static void expect_refused(struct tree *t, struct bytes bytes, const char *words)
{
	assert_int_equal(check(t, bytes), -ENOEXEC);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "TREE: ");
	assert_contains(t->ctx.err.what, words);
}

static void *sample(struct tree *t)
{
	void *fdt = make_devicetree(&t->ctx, 2);
	int node, cpu;

	fdt_ok(fdt_setprop(fdt, 0, "compatible", "maker,board\0maker,chip", 23));
	node = fdt_add_subnode(fdt, 0, "cpus");
	fdt_ok(fdt_setprop_u32(fdt, node, "#address-cells", 1));
	for (int i = 17; i >= 0; i--) {
		char name[16];

		snprintf(name, sizeof(name), "cpu@%x", i);
		cpu = fdt_add_subnode(fdt, node, name);
		fdt_ok(fdt_setprop_u32(fdt, cpu, "reg", (uint32_t)i));
		fdt_ok(fdt_setprop_empty(fdt, cpu, "online"));
	}
	node = fdt_add_subnode(fdt, 0, "uart");
	fdt_ok(fdt_setprop_string(fdt, node, "compatible", "ns16550a"));
	fdt_ok(fdt_setprop(fdt, node, "reg", "\0\0\0\0\1\0\0\0\0\0\0\0\0\0\1", 16));
	fdt_ok(fdt_setprop_string(fdt, made_chosen(fdt), "stdout-path", "/uart"));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x1000, 0x2000));
	return fdt;
}

static struct bytes copy(struct tree *t, struct bytes bytes, size_t more)
{
	uint8_t *data = arena_alloc(&t->ctx.arena, bytes.size + more);

	memcpy(data, bytes.data, bytes.size);
	memset(data + bytes.size, 0xa5, more);
	return (struct bytes){ data, bytes.size + more };
}

static void cuts_bytes_after_the_tree(void **state)
{
	struct tree *t = *state;
	struct bytes tree = made_tree_bytes(&t->ctx, sample(t));
	struct devicetree got = expect_tree(&t->ctx, copy(t, tree, 4097));

	assert_int_equal(got.blob.size, tree.size);
	assert_memory_equal(got.blob.data, tree.data, tree.size);
	assert_string_equal(got.name, "TREE");
}

static void any_alignment(void **state)
{
	struct tree *t = *state;
	struct bytes tree = made_tree_bytes(&t->ctx, sample(t));
	uint8_t *room = arena_alloc(&t->ctx.arena, tree.size + 8);

	for (size_t i = 0; i < 8; i++) {
		struct devicetree got;

		memcpy(room + i, tree.data, tree.size);
		got = expect_tree(&t->ctx, (struct bytes){ room + i, tree.size });
		assert_int_equal((uintptr_t)got.blob.data % 8, 0);
		assert_memory_equal(got.blob.data, tree.data, tree.size);
	}
}

static void truncated_anywhere(void **state)
{
	struct tree *t = *state;
	struct bytes tree = made_tree_bytes(&t->ctx, sample(t));

	for (size_t size = 0; size < tree.size; size++) {
		struct guarded cut = guard(bytes_sub(tree, 0, size));

		expect_refused(t, cut.bytes, size < 24 ? "not a device tree: only" : "cut off");
		unguard(cut);
	}
}

/* The same with a header that says so: then it is the inside that does not fit. */
static void totalsize_says_less(void **state)
{
	struct tree *t = *state;
	struct bytes tree = made_tree_bytes(&t->ctx, sample(t));

	for (size_t size = 24; size < tree.size; size++) {
		struct guarded cut = guard(bytes_sub(tree, 0, size));

		put_cell(cut.bytes, 4, (uint32_t)size);
		expect_refused(t, cut.bytes, "damaged device tree: FDT_ERR_");
		unguard(cut);
	}
}

static void totalsize_says_more(void **state)
{
	struct tree *t = *state;
	struct bytes tree = copy(t, made_tree_bytes(&t->ctx, sample(t)), 0);

	put_cell(tree, 4, (uint32_t)tree.size + 1);
	expect_refused(t, tree, "cut off");
	put_cell(tree, 4, UINT32_MAX);
	expect_refused(t, tree, "cut off: the header says 4294967295 bytes");
}

static void not_a_tree(void **state)
{
	struct tree *t = *state;
	struct bytes tree = copy(t, made_tree_bytes(&t->ctx, sample(t)), 0);
	struct bytes large = { map_anonymous(&t->ctx, 17u << 20), 17u << 20 };

	memcpy((uint8_t *)large.data, tree.data, tree.size);
	put_cell(large, 4, 17u << 20);
	expect_refused(t, large, "17825792 bytes, at most 16777216 make sense");
	put_cell(tree, 0, 0x7f454c46);
	expect_refused(t, tree, "begins with 0x7f454c46 instead of 0xd00dfeed");
}

/* Every number of the header, set to what cannot be. */
static void header_lies(void **state)
{
	static const uint32_t lies[] = { 0x7fffffff, 0x80000000, UINT32_MAX };
	/* off_dt_struct, off_dt_strings, off_mem_rsvmap, last_comp_version, the sizes */
	static const size_t places[] = { 8, 12, 16, 24, 32, 36 };
	struct tree *t = *state;
	struct bytes tree = made_tree_bytes(&t->ctx, sample(t));

	for (size_t i = 0; i < COUNT(places); i++)
		for (size_t j = 0; j < COUNT(lies); j++) {
			struct bytes lie = copy(t, tree, 0);

			put_cell(lie, places[i], lies[j]);
			expect_refused(t, lie, "damaged device tree: FDT_ERR_");
		}
}

/* A structure that ends where the root should begin. */
static void no_root(void **state)
{
	struct tree *t = *state;
	struct bytes tree = copy(t, made_tree_bytes(&t->ctx, sample(t)), 0);

	put_cell(tree, get_be32(tree.data + 8), FDT_END);
	expect_refused(t, tree, "damaged device tree: FDT_ERR_BADOFFSET");
}

static void old_version(void **state)
{
	struct tree *t = *state;
	struct bytes tree = copy(t, made_tree_bytes(&t->ctx, sample(t)), 0);

	put_cell(tree, 20, 16);
	assert_int_equal(check(t, tree), 0);
	/* of version 3, with what that one has */
	put_cell(tree, 20, 3);
	put_cell(tree, 24, 2);
	expect_refused(t, tree, "version 3, the oldest known is 16");
}

/* Refused, or good for all that is done with a tree. */
static bool survives(struct tree *t, struct bytes bytes)
{
	struct devicetree_changes changes = { .bootargs = "quiet", .initrd = { 4096, 8192 } };
	struct range_set reserved;
	struct devicetree tree;
	struct bytes out;
	struct tty tty;

	err_clear(&t->ctx.err);
	if (devicetree_check(&t->ctx, "TREE", bytes, &tree))
		return false;
	devicetree_psci(&tree);
	devicetree_same_board(&tree, &tree);
	devicetree_check_memory(&t->ctx, &tree, NULL);
	devicetree_reserved(&t->ctx, &tree, &reserved);
	devicetree_stdout(&t->ctx, &tree, &tty);
	if (!devicetree_change(&t->ctx, &tree, &changes, &out))
		expect_tree(&t->ctx, out);
	return true;
}

/*
 * Any word turned into others; version 16 has no size of the structure to go by.
 * 0xfffffff4: as length, the property that follows is the property itself.
 */
static void damaged_anywhere(void **state)
{
	static const uint32_t words[] = { 0, 1, 2, 3, 4, 9, 0x7ffffffc, 0xfffffff4, UINT32_MAX };
	struct tree *t = *state;
	size_t refused = 0, survived = 0;

	for (uint32_t version = 16; version <= 17; version++) {
		struct guarded g = guard(made_tree_bytes(&t->ctx, sample(t)));

		put_cell(g.bytes, 20, version);
		for (size_t at = 0; at + 4 <= g.bytes.size; at += 4) {
			uint32_t kept = get_be32(g.bytes.data + at);

			for (size_t i = 0; i < COUNT(words); i++) {
				put_cell(g.bytes, at, words[i]);
				if (survives(t, g.bytes))
					survived++;
				else
					refused++;
			}
			put_cell(g.bytes, at, kept);
		}
		unguard(g);
	}
	assert_in_range(refused, 1000, SIZE_MAX);
	assert_in_range(survived, 1000, SIZE_MAX);
}

static void strings_without_end(void **state)
{
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	struct bytes tree;
	struct devicetree one, other;

	/* a value that is no string */
	fdt_ok(fdt_setprop(fdt, 0, "compatible", "maker,board", 11));
	one = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	other = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, sample(t)));
	assert_false(devicetree_same_board(&one, &other));
	assert_false(devicetree_same_board(&other, &one));
	/* the last property's name */
	tree = copy(t, made_tree_bytes(&t->ctx, fdt), 0);
	((uint8_t *)tree.data)[tree.size - 1] = 'x';
	expect_refused(t, tree, "damaged device tree: FDT_ERR_");
}

static void same_board(void **state)
{
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	struct devicetree board = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, sample(t)));
	struct devicetree other = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));

	assert_true(devicetree_same_board(&board, &board));
	assert_false(devicetree_same_board(&board, &other));
	assert_false(devicetree_same_board(&other, &board));
	fdt_ok(fdt_setprop(fdt, 0, "compatible", "maker,boar\0maker,chip", 22));
	other = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	assert_true(devicetree_same_board(&board, &other));
	fdt_ok(fdt_setprop_string(fdt, 0, "compatible", "maker,boar"));
	other = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	assert_false(devicetree_same_board(&board, &other));
}

static bool tells_memory(struct tree *t, const void *fdt)
{
	struct devicetree tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));

	return !devicetree_check_memory(&t->ctx, &tree, NULL);
}

static void memory(void **state)
{
	static const uint8_t zeros[16], reg[16] = { [4] = 0x40, [12] = 0x40 };
	struct tree *t = *state;
	void *fdt = sample(t);
	int node = fdt_add_subnode(fdt, 0, "memory@40000000");
	struct devicetree tree;

	assert_false(tells_memory(t, fdt));
	tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	assert_int_equal(devicetree_check_memory(&t->ctx, &tree, "quiet mem=1G"), 0);
	fdt_ok(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)));
	assert_false(tells_memory(t, fdt));
	fdt_ok(fdt_setprop_string(fdt, node, "device_type", "memory"));
	assert_true(tells_memory(t, fdt));
	fdt_ok(fdt_setprop(fdt, node, "reg", zeros, sizeof(zeros)));
	assert_false(tells_memory(t, fdt));
	fdt_ok(fdt_delprop(fdt, node, "reg"));
	assert_false(tells_memory(t, fdt));
	fdt_ok(fdt_setprop_u64(fdt, made_chosen(fdt), "linux,uefi-system-table", 0x7c000000));
	assert_true(tells_memory(t, fdt));
}

static struct range_set reserved_of(struct tree *t, const void *fdt)
{
	struct devicetree tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	struct range_set set;

	devicetree_reserved(&t->ctx, &tree, &set);
	return set;
}

static void expect_reserved(struct tree *t, const void *fdt, const struct range *ranges,
			    size_t count)
{
	struct range_set set = reserved_of(t, fdt);

	assert_int_equal(set.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(set.range[i].start, ranges[i].start);
		assert_int_equal(set.range[i].end, ranges[i].end);
	}
}

/* The reservation block: all but the initrd, reserved by bytes or by pages. */
static void reservations(void **state)
{
	const struct range ranges[] = { { 0, 0x1000 },
					{ 0x48000000, 0x48100000 },
					{ UINT64_MAX - 0xfff, UINT64_MAX } };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	int chosen = made_chosen(fdt);

	expect_reserved(t, fdt, NULL, 0);
	fdt_ok(fdt_add_mem_rsv(fdt, 0x48000000, 0x100000));
	fdt_ok(fdt_add_mem_rsv(fdt, 0, 0x1000));
	fdt_ok(fdt_add_mem_rsv(fdt, UINT64_MAX - 0xfff, 0x2000));
	expect_reserved(t, fdt, ranges, 3);
	fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0x48000000));
	for (uint64_t end = 0x480f0001; end <= 0x48100000; end += 0xffff) {
		fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-end", end));
		fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0x48000000));
		assert_int_equal(reserved_of(t, fdt).count, 2);
	}
	fdt_ok(fdt_setprop_u64(fdt, chosen, "linux,initrd-end", 0x480f0000));
	expect_reserved(t, fdt, ranges, 3);
}

/* In the node's own cells; what is disabled, or without a place yet, is not. */
static void reserved_memory(void **state)
{
	static const uint8_t reg[] = { 0x48, 0, 0, 0, 0, 0, 0x10, 0, 0x50, 0, 0, 0, 0, 1, 0, 0 };
	const struct range one_cell[] = { { 0x48000000, 0x48001000 }, { 0x50000000, 0x50010000 } };
	const struct range two_cells = { 0x4800000000001000, 0x9800000000011000 };
	struct tree *t = *state;
	void *fdt = make_devicetree(&t->ctx, 2);
	int parent = fdt_add_subnode(fdt, 0, "reserved-memory"), node;

	fdt_ok(fdt_setprop_u32(fdt, parent, "#address-cells", 1));
	fdt_ok(fdt_setprop_u32(fdt, parent, "#size-cells", 1));
	node = fdt_add_subnode(fdt, parent, "pool");
	fdt_ok(fdt_setprop_u64(fdt, node, "size", 0x1000));
	expect_reserved(t, fdt, NULL, 0);
	fdt_ok(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)));
	expect_reserved(t, fdt, one_cell, 2);
	fdt_ok(fdt_setprop(fdt, node, "reg", reg, sizeof(reg) - 1));
	expect_reserved(t, fdt, one_cell, 1);
	fdt_ok(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)));
	fdt_ok(fdt_setprop_string(fdt, node, "status", "disabled"));
	expect_reserved(t, fdt, NULL, 0);
	fdt_ok(fdt_setprop_string(fdt, node, "status", "okay"));
	expect_reserved(t, fdt, one_cell, 2);
	fdt_ok(fdt_setprop_u32(fdt, parent, "#address-cells", 2));
	fdt_ok(fdt_setprop_u32(fdt, parent, "#size-cells", 2));
	expect_reserved(t, fdt, &two_cells, 1);
	fdt_ok(fdt_setprop_u32(fdt, parent, "#size-cells", 3));
	expect_reserved(t, fdt, NULL, 0);
}

static unsigned int psci_of(struct tree *t, const char *compatible, const char *method)
{
	void *fdt = make_devicetree(&t->ctx, 2);
	int node = fdt_add_subnode(fdt, fdt_add_subnode(fdt, 0, "firmware"), "psci");
	struct devicetree tree;

	fdt_ok(fdt_setprop(fdt, node, "compatible", compatible, (int)strlen(compatible) + 1));
	if (method)
		fdt_ok(fdt_setprop(fdt, node, "method", method, (int)strlen(method) + 1));
	tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));
	return devicetree_psci(&tree);
}

static void psci(void **state)
{
	struct tree *t = *state;
	struct devicetree tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, sample(t)));

	assert_int_equal(devicetree_psci(&tree), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(t, "arm,psci-0.2", "smc"), PURGATORY_PSCI_SMC);
	assert_int_equal(psci_of(t, "arm,psci-1.0", "hvc"), PURGATORY_PSCI_HVC);
	assert_int_equal(psci_of(t, "arm,psci-1.0", "other"), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(t, "arm,psci-1.0", NULL), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(t, "arm,psci", "smc"), PURGATORY_PSCI_NONE);
}

static int find(struct tree *t, struct devicetree *tree)
{
	tree_rewind(t);
	return devicetree_find(&t->ctx, t->req.dtb, &t->root, tree);
}

static void finds_the_first(void **state)
{
	struct tree *t = *state;
	struct bytes bytes = made_tree_bytes(&t->ctx, sample(t));
	struct devicetree tree;
	char file[512];

	assert_int_equal(find(t, &tree), -ENOENT);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.hint, "--dtb=FILE");
	unpack_devicetree(t, bytes.data, "/proc/device-tree");
	assert_int_equal(find(t, &tree), 0);
	assert_contains(tree.name, "/proc/device-tree");
	assert_int_equal(fdt_num_mem_rsv(tree.blob.data), 0);
	unpack_devicetree(t, bytes.data, LIVE_TREE);
	assert_int_equal(find(t, &tree), 0);
	assert_contains(tree.name, LIVE_TREE);
	tree_put_bytes(t, LIVE_BLOB, bytes.data, bytes.size);
	assert_int_equal(find(t, &tree), 0);
	assert_contains(tree.name, LIVE_BLOB);
	assert_int_equal(fdt_num_mem_rsv(tree.blob.data), 1);
	assert_lacks(t->log, "warn");
	tree_put_bytes(t, "/own.dtb", bytes.data, bytes.size);
	snprintf(file, sizeof(file), "%s/own.dtb", t->path);
	t->req.dtb = file;
	assert_int_equal(find(t, &tree), 0);
	assert_string_equal(tree.name, file);
}

static void no_way_round_a_bad_file(void **state)
{
	struct tree *t = *state;
	struct bytes bytes = made_tree_bytes(&t->ctx, sample(t));
	struct devicetree tree;

	unpack_devicetree(t, bytes.data, LIVE_TREE);
	tree_put_bytes(t, LIVE_BLOB, bytes.data, bytes.size - 1);
	assert_int_equal(find(t, &tree), -ENOEXEC);
	assert_contains(t->ctx.err.what, "/sys/firmware/fdt: cut off");
	tree_put_bytes(t, LIVE_BLOB, bytes.data, bytes.size);
	t->req.dtb = "/no such/file";
	assert_int_equal(find(t, &tree), -ENOENT);
	assert_contains(t->ctx.err.what, "/no such/file");
	/* a blob that cannot be read: said, and the directory taken */
	t->req.dtb = NULL;
	tree_delete(t, LIVE_BLOB);
	tree_put(t, LIVE_BLOB "/directory", "");
	assert_int_equal(find(t, &tree), 0);
	assert_contains(t->log, "Is a directory: the next kernel's device tree is put together");
}

static int flatten(struct tree *t, struct devicetree *tree)
{
	tree_rewind(t);
	return devicetree_flatten(&t->ctx, &t->root, tree);
}

/* The machine's blob, unpacked as its kernel shows it, and put together again. */
static void flattens(struct tree *t, struct tree *machine)
{
	struct devicetree in, out;

	fdt_ok(devicetree_find(&t->ctx, t->req.dtb, &machine->root, &in));
	unpack_devicetree(t, in.blob.data, LIVE_TREE);
	if (flatten(t, &out))
		fail_msg("%s", t->ctx.err.what);
	assert_same_tree(in.blob.data, out.blob.data, NULL);
	tree_delete(t, LIVE_TREE);
}

static void flattens_machines(void **state)
{
	for_each_tree_machine(*state, flattens);
}

static void flattens_in_order(void **state)
{
	struct tree *t = *state;
	struct devicetree tree;
	const void *fdt;
	int node, next = 0;

	unpack_devicetree(t, sample(t), LIVE_TREE);
	assert_int_equal(flatten(t, &tree), 0);
	fdt = tree.blob.data;
	fdt_for_each_subnode(node, fdt, fdt_path_offset(fdt, "/cpus"))
	{
		char name[16];

		snprintf(name, sizeof(name), "cpu@%x", next++);
		assert_string_equal(fdt_get_name(fdt, node, NULL), name);
	}
	assert_int_equal(next, 18);
}

/* A property and a node of one name cannot both be files of that name. */
static void flattens_suffixed_names(void **state)
{
	struct tree *t = *state;
	struct devicetree tree;
	const void *fdt;

	tree_put_bytes(t, LIVE_TREE "/l2-cache", "\0\0\0\1", 4);
	tree_put_bytes(t, LIVE_TREE "/l2-cache#1/reg", "\0\0\0\2", 4);
	tree_put_bytes(t, LIVE_TREE "/clock#2/#clock-cells", "\0\0\0\0", 4);
	assert_int_equal(flatten(t, &tree), 0);
	fdt = tree.blob.data;
	assert_non_null(fdt_getprop(fdt, 0, "l2-cache", NULL));
	assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/l2-cache"), "reg", NULL));
	assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/clock#2"), "#clock-cells", NULL));
}

static void deep(struct tree *t, size_t nodes, char *path, size_t size)
{
	size_t used = (size_t)snprintf(path, size, LIVE_TREE);

	for (size_t i = 0; i < nodes; i++)
		used += (size_t)snprintf(path + used, size - used, "/n");
	snprintf(path + used, size - used, "/reg");
	tree_put(t, path, "reg");
}

static void flattens_to_a_depth(void **state)
{
	struct tree *t = *state;
	struct devicetree tree;
	char path[256];

	deep(t, 63, path, sizeof(path));
	assert_int_equal(flatten(t, &tree), 0);
	path[strlen(path) - 4] = '\0';
	assert_true(fdt_path_offset(tree.blob.data, path + strlen(LIVE_TREE)) > 0);
	deep(t, 64, path, sizeof(path));
	assert_int_equal(flatten(t, &tree), -ELOOP);
	assert_contains(t->ctx.err.what, "more than 64 nodes deep");
}

/* 40 directories of 200 characters: twice what a path may have. */
static void flattens_long_paths(void **state)
{
	struct tree *t = *state;
	struct devicetree tree;
	char name[201];
	int here = open(".", O_RDONLY | O_DIRECTORY), node = 0, depth = 0;

	memset(name, 'd', 200);
	name[200] = '\0';
	tree_put(t, LIVE_TREE "/first", "1");
	assert_int_equal(chdir(t->path), 0);
	assert_int_equal(chdir(&LIVE_TREE[1]), 0);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(mkdir(name, 0755), 0);
		assert_int_equal(chdir(name), 0);
	}
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(flatten(t, &tree), 0);
	while ((node = fdt_next_node(tree.blob.data, node, &depth)) >= 0 && depth < 40)
		;
	assert_int_equal(depth, 40);
	/* nftw() of the clean-up cannot go so deep */
	for (int i = 40; i > 0; i--) {
		assert_int_equal(chdir(t->path), 0);
		assert_int_equal(chdir(&LIVE_TREE[1]), 0);
		for (int j = 1; j < i; j++)
			assert_int_equal(chdir(name), 0);
		assert_int_equal(rmdir(name), 0);
	}
	assert_int_equal(fchdir(here), 0);
	close(here);
}

static void flattening_refuses(void **state)
{
	struct tree *t = *state;
	struct devicetree tree;
	char path[512];

	assert_int_equal(flatten(t, &tree), -ENOENT);
	tree_put(t, "/proc/device-tree", "a file");
	assert_int_equal(flatten(t, &tree), -ENOENT);
	tree_put(t, LIVE_TREE "/model", "board");
	snprintf(path, sizeof(path), "%s%s/link", t->path, LIVE_TREE);
	assert_int_equal(symlink("model", path), 0);
	assert_int_equal(flatten(t, &tree), 0);
	assert_null(fdt_getprop(tree.blob.data, 0, "link", NULL));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(flatten(t, &tree), -ENOEXEC);
	assert_contains(t->ctx.err.what, "/link: neither a file nor a directory");
	assert_int_equal(unlink(path), 0);
	tree_put(t, LIVE_TREE "/large", "");
	snprintf(path, sizeof(path), "%s%s/large", t->path, LIVE_TREE);
	assert_int_equal(truncate(path, 16 << 20), 0);
	assert_int_equal(flatten(t, &tree), -EFBIG);
	assert_contains(t->ctx.err.what, "/large: more than the 16777216 bytes");
	assert_int_equal(truncate(path, INT64_C(1) << 40), 0);
	assert_int_equal(flatten(t, &tree), -EFBIG);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(flatten(t, &tree), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(cuts_bytes_after_the_tree),
		TEST(any_alignment),
		TEST(truncated_anywhere),
		TEST(totalsize_says_less),
		TEST(totalsize_says_more),
		TEST(not_a_tree),
		TEST(header_lies),
		TEST(no_root),
		TEST(old_version),
		TEST(damaged_anywhere),
		TEST(strings_without_end),
		TEST(same_board),
		TEST(memory),
		TEST(reservations),
		TEST(reserved_memory),
		TEST(psci),
		TEST(finds_the_first),
		TEST(no_way_round_a_bad_file),
		TEST(flattens_machines),
		TEST(flattens_in_order),
		TEST(flattens_suffixed_names),
		TEST(flattens_to_a_depth),
		TEST(flattens_long_paths),
		TEST(flattening_refuses),
	};

	return cmocka_run_group_tests_name("devicetree", tests, NULL, NULL);
}
