/* SPDX-License-Identifier: GPL-2.0-or-later */
/* purgatory/bake_tree.c: results read back with libfdt, and damaged trees. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#define BAKE_PSCI
#include "purgatory/bake_tree.c"

#include "kexec/devicetree/devicetree.h"

#define ROOM 4096
#define LARGE_ROOM 16384 /* for a tree of a fixture */

static const struct bake_chosen both = { "console=ttyS0 token=1", 0x123456000, 0x123789abc };

/* A tree with memory, a CPU and, if wanted, a /chosen of its own with the same properties. */
static void make_tree(uint8_t *tree, bool with_chosen)
{
	fdt_create(tree, ROOM);
	fdt_add_reservemap_entry(tree, 0x80000000, 0x1000);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_property_string(tree, "model", "a board");
	fdt_begin_node(tree, "aliases");
	fdt_begin_node(tree, "chosen"); /* not at the top */
	fdt_end_node(tree);
	fdt_end_node(tree);
	if (with_chosen) {
		fdt_begin_node(tree, "chosen");
		fdt_property_string(tree, "stdout-path", "/serial");
		fdt_property_string(tree, "bootargs", "of the boot loader");
		fdt_property_u64(tree, "linux,initrd-start", 1);
		fdt_property_u64(tree, "linux,initrd-end", 2);
		fdt_end_node(tree);
	}
	fdt_begin_node(tree, "memory@0");
	fdt_property_string(tree, "device_type", "memory");
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
}

static const char *text_of(const void *tree, const char *node, const char *name)
{
	return fdt_getprop(tree, fdt_path_offset(tree, node), name, NULL);
}

static uint64_t number_of(const void *tree, const char *name)
{
	const void *p = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), name, NULL);
	fdt64_t value;

	assert_non_null(p);
	memcpy(&value, p, sizeof(value));
	return fdt64_to_cpu(value);
}

static void copy(const void *from, const struct bake_chosen *chosen, void *to, size_t room)
{
	size_t size = 0;

	assert_null(bake_tree(from, chosen, to, room, &size));
	assert_true(size <= room);
	assert_int_equal(fdt_check_full(to, size), 0);
	assert_int_equal(fdt_totalsize(to), size);
}

static void test_properties_come_first(void **state)
{
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));
	uint64_t address, size;

	(void)state;
	for (int with_chosen = 0; with_chosen < 2; with_chosen++) {
		make_tree(tree, with_chosen);
		copy(tree, &both, out, sizeof(out));
		assert_string_equal(text_of(out, "/chosen", "bootargs"), both.bootargs);
		assert_int_equal(number_of(out, "linux,initrd-start"), both.initrd_start);
		assert_int_equal(number_of(out, "linux,initrd-end"), both.initrd_end);
		assert_string_equal(text_of(out, "/", "model"), "a board");
		assert_string_equal(text_of(out, "/memory@0", "device_type"), "memory");
		assert_null(text_of(out, "/aliases/chosen", "bootargs"));
		if (with_chosen)
			assert_string_equal(text_of(out, "/chosen", "stdout-path"), "/serial");
		assert_int_equal(fdt_num_mem_rsv(out), 1);
		assert_int_equal(fdt_get_mem_rsv(out, 0, &address, &size), 0);
		assert_int_equal(address, 0x80000000);
	}
}

static void test_boot_loaders_properties_stay(void **state)
{
	static const struct bake_chosen nothing = { NULL, 0, 0 };
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));

	(void)state;
	make_tree(tree, true);
	copy(tree, &nothing, out, sizeof(out));
	assert_string_equal(text_of(out, "/chosen", "bootargs"), "of the boot loader");
	assert_int_equal(number_of(out, "linux,initrd-start"), 1);
}

/* libfdt, and so Linux, finds /chosen@0 as /chosen. */
static void test_unit_address(void **state)
{
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));

	(void)state;
	fdt_create(tree, ROOM);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_begin_node(tree, "chosenmost");
	fdt_end_node(tree);
	fdt_begin_node(tree, "chosen@0");
	fdt_property_string(tree, "bootargs", "of the boot loader");
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	copy(tree, &both, out, sizeof(out));
	assert_string_equal(text_of(out, "/chosen", "bootargs"), both.bootargs);
	assert_null(text_of(out, "/chosenmost", "bootargs"));
}

static void test_twice(void **state)
{
	static const struct bake_chosen second = { "second", 1, 5 };
	uint8_t tree[ROOM] __attribute__((aligned(8))), once[ROOM] __attribute__((aligned(8)));
	uint8_t out[ROOM] __attribute__((aligned(8)));

	(void)state;
	make_tree(tree, false);
	copy(tree, &both, once, sizeof(once));
	copy(once, &second, out, sizeof(out));
	assert_string_equal(text_of(out, "/chosen", "bootargs"), "second");
	assert_int_equal(number_of(out, "linux,initrd-end"), 5);
}

/* Rooms of every size: an exact one suffices, and a smaller one is refused. */
static void test_room(void **state)
{
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));
	size_t needed, size;

	(void)state;
	make_tree(tree, true);
	copy(tree, &both, out, sizeof(out));
	needed = fdt_totalsize(out);
	for (size_t room = 0; room <= needed; room++) {
		void *exact = malloc(room + 1);

		if (room < needed)
			assert_non_null(bake_tree(tree, &both, exact, room, &size));
		else
			assert_null(bake_tree(tree, &both, exact, room, &size));
		free(exact);
	}
}

/*
 * The tree with the given totalsize in a block of exactly that size: the sanitizer finds reads
 * after it.  A result is whole if libfdt accepts the input.
 */
static void try_damaged(const uint8_t *tree, size_t size)
{
	uint8_t *exact = malloc(size), *out = malloc(LARGE_ROOM);
	size_t result;
	const char *error;

	memcpy(exact, tree, size);
	if (fdt_totalsize(exact) > size)
		fdt_set_totalsize(exact, (uint32_t)size);
	error = bake_tree(exact, &both, out, LARGE_ROOM, &result);
	if (!error) {
		out = realloc(out, result);
		bake_tree_psci(out);
		if (!fdt_check_full(exact, size))
			assert_int_equal(fdt_check_full(out, result), 0);
	}
	free(out);
	free(exact);
}

static void test_truncations(void **state)
{
	uint8_t tree[ROOM] __attribute__((aligned(8)));

	(void)state;
	make_tree(tree, true);
	for (size_t size = HEADER_SIZE; size < fdt_totalsize(tree); size++)
		try_damaged(tree, size);
}

static void test_changed_bytes(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xfc, 0xff };
	uint8_t tree[ROOM] __attribute__((aligned(8)));
	size_t size;

	(void)state;
	make_tree(tree, true);
	size = fdt_totalsize(tree);
	for (size_t at = 0; at < size; at++) {
		uint8_t before = tree[at];

		for (size_t i = 0; i < sizeof(values); i++) {
			tree[at] = values[i];
			try_damaged(tree, size);
		}
		for (unsigned int bit = 0; bit < 8; bit++) {
			tree[at] = (uint8_t)(before ^ 1u << bit);
			try_damaged(tree, size);
		}
		tree[at] = before;
	}
}

/* A captured tree without the padding after it.  Returns its size. */
static size_t read_fixture(const char *path, uint8_t *tree)
{
	FILE *file = fopen(path, "rb");
	size_t size, end;

	assert_non_null(file);
	size = fread(tree, 1, LARGE_ROOM, file);
	fclose(file);
	assert_true(size > HEADER_SIZE);
	end = fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree);
	if (end < (size_t)fdt_off_dt_struct(tree) + fdt_size_dt_struct(tree))
		end = (size_t)fdt_off_dt_struct(tree) + fdt_size_dt_struct(tree);
	assert_true(end <= size);
	fdt_set_totalsize(tree, (uint32_t)end);
	return end;
}

static void try_all_damages(uint8_t *tree, size_t size)
{
	for (size_t cut = HEADER_SIZE; cut < size; cut++)
		try_damaged(tree, cut);
	for (size_t at = 0; at < size; at++) {
		tree[at] ^= 0x80;
		try_damaged(tree, size);
		tree[at] ^= 0x81;
		try_damaged(tree, size);
		tree[at] ^= 1;
	}
}

static void test_captured_trees(void **state)
{
	uint8_t *tree = malloc(LARGE_ROOM), *out = malloc(LARGE_ROOM);
	const char *build = getenv("BUILD");
	unsigned int resets = 0;
	char pattern[256];
	glob_t found;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/tests/fixtures/*/sys/firmware/fdt",
		 build ? build : "build");
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t size = read_fixture(found.gl_pathv[i], tree);
		struct devicetree whole = { found.gl_pathv[i], { tree, size } };

		copy(tree, &both, out, LARGE_ROOM);
		assert_string_equal(text_of(out, "/chosen", "bootargs"), both.bootargs);
		assert_int_equal(number_of(out, "linux,initrd-end"), both.initrd_end);
		assert_int_equal(bake_tree_psci(out), devicetree_psci(&whole));
		resets += bake_tree_psci(out) != PURGATORY_PSCI_NONE;
		try_all_damages(tree, size);
	}
	assert_true(resets && resets < found.gl_pathc);
	globfree(&found);
	free(tree);
	free(out);
}

/* A tree with a node that contains these properties, before another with a method. */
static unsigned int psci_of(const char *compatible, int size, const char *method)
{
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));
	struct devicetree whole = { "tree", { tree, ROOM } };
	unsigned int found;

	fdt_create(tree, ROOM);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_begin_node(tree, "firmware");
	fdt_begin_node(tree, "psci");
	if (method)
		fdt_property(tree, "method", method, (int)strlen(method) + 1);
	fdt_property(tree, "compatible", compatible, size);
	fdt_end_node(tree);
	fdt_end_node(tree);
	fdt_begin_node(tree, "other");
	fdt_property_string(tree, "method", "smc");
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	copy(tree, &both, out, sizeof(out));
	found = bake_tree_psci(out);
	assert_int_equal(devicetree_psci(&whole), found);
	return found;
}

static void test_psci(void **state)
{
	static const char young[] = "arm,psci-1.1\0arm,psci-0.2", only_young[] = "arm,psci-1.0";
	static const char old[] = "arm,psci", other[] = "arm,psci-0.25";

	(void)state;
	assert_int_equal(psci_of(young, sizeof(young), "hvc"), PURGATORY_PSCI_HVC);
	assert_int_equal(psci_of(young, sizeof(young), "smc"), PURGATORY_PSCI_SMC);
	assert_int_equal(psci_of(only_young, sizeof(only_young), "smc"), PURGATORY_PSCI_SMC);
	assert_int_equal(psci_of(young, sizeof(young), "hvcall"), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(young, sizeof(young), NULL), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(old, sizeof(old), "hvc"), PURGATORY_PSCI_NONE);
	assert_int_equal(psci_of(other, sizeof(other), "hvc"), PURGATORY_PSCI_NONE);
}

static void test_refusals(void **state)
{
	uint8_t tree[ROOM] __attribute__((aligned(8))), out[ROOM] __attribute__((aligned(8)));
	size_t size;

	(void)state;
	make_tree(tree, true);
	assert_string_equal(bake_tree(NULL, &both, out, ROOM, &size),
			    "the boot loader passed no device tree");
	assert_string_equal(bake_tree(tree + 2, &both, out, ROOM, &size),
			    "the boot loader passed no device tree");
	assert_string_equal(bake_tree(tree, &both, out, 200, &size),
			    "the device tree is larger than the room for it");
	fdt_set_size_dt_struct(tree, 4);
	memcpy(tree + fdt_off_dt_struct(tree), "\0\0\0\x09", 4);
	assert_string_equal(bake_tree(tree, &both, out, ROOM, &size),
			    "the device tree has no root node");
	fdt_set_version(tree, 16);
	assert_string_equal(bake_tree(tree, &both, out, ROOM, &size),
			    "the device tree has an unknown version");
	tree[0] ^= 1;
	assert_string_equal(bake_tree(tree, &both, out, ROOM, &size),
			    "the boot loader's device tree has a wrong magic number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties_come_first),
		cmocka_unit_test(test_boot_loaders_properties_stay),
		cmocka_unit_test(test_unit_address),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_changed_bytes),
		cmocka_unit_test(test_captured_trees),
		cmocka_unit_test(test_psci),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
