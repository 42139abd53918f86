/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/machine/{ppc64,livetree,lmb}.c: memory out of device trees, the fixture's and small
 * ones that are whole, cut, or lie.
 */
#include "kexec/arch/arch.h"
#include "machine_tree.h"

#include "kexec/kdump/kdump.h"
#include "kexec/arch/ppc64/lmb.h"
#include "kexec/arch/ppc64/ppc64_machine.h"

#define TREE "/proc/device-tree/"
#define GIB 0x40000000ull

static void put_cells(struct tree *t, const char *name, const uint64_t *values, size_t count)
{
	uint8_t data[256];
	char path[256];

	for (size_t i = 0; i < count; i++)
		put_u64(ORDER_BE, data + 8 * i, values[i]);
	snprintf(path, sizeof(path), TREE "%s", name);
	tree_put_bytes(t, path, data, 8 * count);
}

#define PUT_CELLS(t, name, ...)                                                                    \
	put_cells(t, name, (const uint64_t[]){ __VA_ARGS__ },                                      \
		  COUNT(((const uint64_t[]){ __VA_ARGS__ })))

static void put_cell(struct tree *t, const char *name, uint32_t value)
{
	uint8_t data[4];
	char path[256];

	put_u32(ORDER_BE, data, value);
	snprintf(path, sizeof(path), TREE "%s", name);
	tree_put_bytes(t, path, data, 4);
}

/* The smallest tree of a machine that is accepted. */
static int setup(void **state)
{
	struct tree *t = tree_empty();

	put_cell(t, "#address-cells", 2);
	put_cell(t, "#size-cells", 2);
	PUT_CELLS(t, "memory@0/reg", 0, GIB);
	PUT_CELLS(t, "chosen/linux,kernel-end", 0x2880000);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	tree_free(*state);
	return 0;
}

static const struct machine_ppc64 *found(const struct tree *t)
{
	return t->machine.arch;
}

static const struct machine_ppc64 *read_tree(struct tree *t)
{
	if (tree_read_from(t, &arch_ppc64le.memory))
		fail_msg("%s", t->ctx.err.what);
	return found(t);
}

static void refused(struct tree *t, const char *words)
{
	if (!tree_read_from(t, &arch_ppc64le.memory))
		fail_msg("read, instead of '%s'", words);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "Could not get memory layout: ");
	assert_contains(t->ctx.err.what, words);
}

static void expect_ram(struct tree *t, const struct range *want, size_t count)
{
	assert_int_equal(t->machine.ram.count, count);
	for (size_t i = 0; i < count; i++)
		assert_range(t->machine.ram.range[i], want[i].start, want[i].end);
}

#define EXPECT_RAM(t, ...)                                                                         \
	expect_ram(t, (const struct range[]){ __VA_ARGS__ },                                       \
		   COUNT(((const struct range[]){ __VA_ARGS__ })))

static void test_fixture(void **state)
{
	struct tree *t = tree_fixture("ppc64le");
	const struct machine_ppc64 *ppc64 = read_tree(t);

	(void)state;
	assert_string_equal(t->machine.map.source, "/proc/device-tree");
	EXPECT_RAM(t, { 0x2880000, 0x20000000 }, { 0x40000000, 0x80000000 });
	assert_int_equal(t->machine.crash.count, 1);
	assert_range(t->machine.crash.range[0], 0x20000000, 0x40000000);
	assert_range(t->machine.reach, 0, 0x80000000);
	assert_int_equal(ppc64->firmware_count, 1);
	assert_range(ppc64->firmware[0], 0x2fff0000, 0x30000000);
	assert_int_equal(ppc64->reserved_count, 0);
	assert_range(ppc64->initrd, 0x2c90000, 0x5f0e600);
	assert_int_equal(ppc64->rtas_base, 0x2fff0000);
	assert_int_equal(ppc64->rtas_entry, 0x2fff0000);
	assert_int_equal(ppc64->rtas_reboot, 0x2004);
	assert_int_equal(ppc64->opal_base, 0);
	assert_int_equal(ppc64->ticks_per_ms, 512000);
	assert_true(ppc64->hvterm);
	assert_int_equal(ppc64->hvterm_number, 0x71000000);
	assert_int_equal(ppc64->absent_cpus, 0);
	t->req.crash = true;
	read_tree(t);
	/* The reservation without RTAS, which lies in it. */
	EXPECT_RAM(t, { 0x2880000, 0x2fff0000 }, { 0x30000000, 0x80000000 });
	tree_free(t);
}

static void test_all_pairs_and_cells(void **state)
{
	struct tree *t = *state;

	PUT_CELLS(t, "memory@0/reg", 0, GIB, 2 * GIB, GIB);
	PUT_CELLS(t, "memory@100000000/reg", 4 * GIB, GIB);
	read_tree(t);
	assert_range(t->machine.reach, 0, GIB);
	EXPECT_RAM(t, { 0x2880000, GIB }, { 2 * GIB, 3 * GIB }, { 4 * GIB, 5 * GIB });
	put_cell(t, "#size-cells", 1);
	tree_delete(t, TREE "memory@100000000");
	tree_put_bytes(t, TREE "memory@0/reg", "\0\0\0\0\0\0\0\0\x40\0\0\0", 12);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, GIB });
	/* One of each where the root does not say. */
	tree_delete(t, TREE "#size-cells");
	tree_delete(t, TREE "#address-cells");
	tree_put_bytes(t, TREE "memory@0/reg", "\0\0\0\0\x20\0\0\0", 8);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, 0x20000000 });
}

static void test_what_is_in_use(void **state)
{
	struct tree *t = *state;
	const struct machine_ppc64 *ppc64;

	PUT_CELLS(t, "reserved-ranges", 0x10000000, 0x10000, 0x3fff0000, 0x10000);
	PUT_CELLS(t, "chosen/linux,htab-base", 0x20000000);
	PUT_CELLS(t, "chosen/linux,htab-size", 0x1000000);
	PUT_CELLS(t, "ibm,opal/opal-base-address", 0x30000000);
	PUT_CELLS(t, "ibm,opal/opal-runtime-size", 0x12345);
	PUT_CELLS(t, "ibm,opal/opal-entry-address", 0x300050b0);
	PUT_CELLS(t, "pci@1/linux,tce-base", 0x38000000);
	put_cell(t, "pci@1/linux,tce-size", 0x8000);
	tree_put_bytes(t, TREE "pci@2/compatible", "x", 2);
	ppc64 = read_tree(t);
	EXPECT_RAM(t, { 0x2880000, 0x10000000 }, { 0x10010000, 0x20000000 },
		   { 0x21000000, 0x30000000 }, { 0x30020000, 0x38000000 },
		   { 0x38010000, 0x3fff0000 });
	assert_int_equal(ppc64->reserved_count, 2);
	assert_range(ppc64->reserved[1], 0x3fff0000, 0x40000000);
	assert_int_equal(ppc64->firmware_count, 2);
	assert_range(ppc64->firmware[0], 0x30000000, 0x30020000);
	assert_range(ppc64->firmware[1], 0x38000000, 0x38010000);
	assert_int_equal(ppc64->opal_base, 0x30000000);
	assert_int_equal(ppc64->opal_entry, 0x300050b0);
}

static void test_initrd_of_either_size(void **state)
{
	struct tree *t = *state;

	put_cell(t, "chosen/linux,initrd-start", 0x10000000);
	PUT_CELLS(t, "chosen/linux,initrd-end", 0x10012345);
	assert_range(read_tree(t)->initrd, 0x10000000, 0x10012345);
	EXPECT_RAM(t, { 0x2880000, GIB });
	t->req.reuse_initrd = true;
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, 0x10000000 }, { 0x10012345, GIB });
}

static void put_blocks(struct tree *t, const char *name, const char *table, size_t size)
{
	char path[256];

	PUT_CELLS(t, LMB_NODE "/" LMB_SIZE, 0x10000000);
	snprintf(path, sizeof(path), TREE LMB_NODE "/%s", name);
	tree_put_bytes(t, path, table, size);
}

/* One a block: base, DRC index, reserved, associativity, flags. */
static const char blocks[] = "\0\0\0\4"
			     "\0\0\0\0\0\0\0\0aaaabbbbcccc\0\0\0\xa0"
			     "\0\0\0\0\x50\0\0\0aaaabbbbcccc\0\0\0\x08"
			     "\0\0\0\0\x60\0\0\0aaaabbbbcccc\0\0\0\x88"
			     "\0\0\0\0\x70\0\0\0aaaabbbbcccc\0\0\0\x00";
/* One for a run: blocks, base, DRC index, associativity, flags. */
static const char runs[] = "\0\0\0\2"
			   "\0\0\0\2\0\0\0\0\x50\0\0\0aaaabbbb\0\0\0\x08"
			   "\0\0\0\1\0\0\0\0\x80\0\0\0aaaabbbb\0\0\0\x00";

static void test_blocks(void **state)
{
	struct tree *t = *state;

	put_blocks(t, LMB_MEMORY, blocks, sizeof(blocks) - 1);
	read_tree(t);
	assert_range(t->machine.reach, 0, GIB);
	EXPECT_RAM(t, { 0x2880000, GIB }, { 0x50000000, 0x60000000 });
	tree_delete(t, TREE LMB_NODE "/" LMB_MEMORY);
	put_blocks(t, LMB_MEMORY_V2, runs, sizeof(runs) - 1);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, GIB }, { 0x50000000, 0x70000000 });
}

static void test_blocks_that_lie(void **state)
{
	struct tree *t = *state;
	char table[sizeof(runs)];

	put_blocks(t, LMB_MEMORY, blocks, sizeof(blocks) - 2);
	refused(t, LMB_NODE "/" LMB_MEMORY ": 4 entries do not fit into its 99 bytes");
	put_blocks(t, LMB_MEMORY, "\0\0", 2);
	refused(t, "0 entries do not fit into its 2 bytes");
	put_blocks(t, LMB_MEMORY, "\xff\xff\xff\xff", 4);
	refused(t, "4294967295 entries do not fit into its 4 bytes");
	put_blocks(t, LMB_MEMORY, blocks, sizeof(blocks) - 1);
	PUT_CELLS(t, LMB_NODE "/" LMB_SIZE, 0);
	refused(t, "expected a size of 8 bytes, found zero");
	put_cell(t, LMB_NODE "/" LMB_SIZE, 0x10000000);
	refused(t, "expected a size of 8 bytes, found another length");
	tree_delete(t, TREE LMB_NODE "/" LMB_SIZE);
	refused(t, "expected a size of 8 bytes, found another length");
	tree_delete(t, TREE LMB_NODE "/" LMB_MEMORY);
	memcpy(table, runs, sizeof(table));
	table[4] = 0x7f;
	put_blocks(t, LMB_MEMORY_V2, table, sizeof(table) - 1);
	refused(t, LMB_MEMORY_V2 ": more than 1048576 blocks, up to entry 0");
	memcpy(table, runs, sizeof(table));
	memset(table + 8, 0xff, 8);
	put_blocks(t, LMB_MEMORY_V2, table, sizeof(table) - 1);
	refused(t, "entry 0, 2 blocks of 0x10000000 at 0xffffffffffffffff, goes past the end");
}

static void test_missing(void **state)
{
	struct tree *t = *state;

	tree_delete(t, TREE "chosen/linux,kernel-end");
	PUT_CELLS(t, "chosen/linux,crashkernel-base", 0x20000000);
	put_cell(t, "rtas/linux,rtas-base", 0x2fff0000);
	refused(t, "missing: ");
	assert_contains(t->ctx.err.what, TREE "chosen/linux,kernel-end");
	assert_contains(t->ctx.err.what, TREE "chosen/linux,crashkernel-size");
	assert_contains(t->ctx.err.what, TREE "rtas/rtas-size");
	assert_contains(t->ctx.err.hint, "CONFIG_KEXEC");
	tree_delete(t, TREE "chosen");
	tree_delete(t, TREE "rtas");
	PUT_CELLS(t, "chosen/linux,kernel-end", 0x2880000);
	tree_delete(t, TREE "memory@0");
	refused(t, "/proc/device-tree lists no System RAM");
	tree_delete(t, "/proc/device-tree");
	refused(t, "/proc/device-tree");
}

static void test_malformed(void **state)
{
	static const struct {
		const char *name;
		size_t size;
		const char *words;
	} odd[] = {
		{ "memory@0/reg", 0, "0 bytes, expected pairs of 16" },
		{ "memory@0/reg", 15, "15 bytes, expected pairs of 16" },
		{ "memory@0/reg", 17, "17 bytes, expected pairs of 16" },
		{ "reserved-ranges", 8, "8 bytes, expected pairs of 16" },
		{ "#address-cells", 3, "expected a number of 4 or 8 bytes, found 3" },
		{ "chosen/linux,kernel-end", 0, "expected a number of 4 or 8 bytes, found 0" },
		{ "chosen/linux,memory-limit", 9, "expected a number of 4 or 8 bytes, found 9" },
		{ "chosen/linux,initrd-start", 5, "expected a number of 4 or 8 bytes, found 5" },
		{ "chosen/linux,htab-base", 1, "expected a number of 4 or 8 bytes, found 1" },
		{ "chosen/stdout-path", 0, "not a string" },
		{ "rtas/linux,rtas-base", 2, "expected a number of 4 or 8 bytes, found 2" },
		{ "ibm,opal/opal-base-address", 2, "expected a number of 4 or 8 bytes, found 2" },
		{ "pci@1/linux,tce-base", 2, "expected a number of 4 or 8 bytes, found 2" },
		{ "cpus/cpu@0/timebase-frequency", 2, "expected a number of 4 or 8" },
	};
	static const char ones[32] = "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1";

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		char path[256];
		void *made;

		setup(&made);
		snprintf(path, sizeof(path), TREE "%s", odd[i].name);
		tree_put_bytes(made, path, ones, odd[i].size);
		refused(made, odd[i].words);
		assert_contains(((struct tree *)made)->ctx.err.what, path);
		tree_free(made);
	}
}

static void test_numbers_that_lie(void **state)
{
	struct tree *t = *state;

	for (uint32_t cells = 0; cells < 5; cells++) {
		put_cell(t, "#address-cells", cells);
		if (cells == 0 || cells > 2)
			refused(t, "#address-cells: ");
	}
	put_cell(t, "#address-cells", 2);
	PUT_CELLS(t, "memory@0/reg", 0x1000, UINT64_MAX);
	refused(t, "0xffffffffffffffff bytes at 0x1000 go past the end of the address space");
	PUT_CELLS(t, "memory@0/reg", 0, 0);
	refused(t, "lists no System RAM");
	PUT_CELLS(t, "memory@0/reg", 0, GIB);
	PUT_CELLS(t, "ibm,opal/opal-base-address", UINT64_MAX);
	PUT_CELLS(t, "ibm,opal/opal-runtime-size", 2);
	refused(t, "go past the end of the address space");
	tree_delete(t, TREE "ibm,opal");
	/* The whole of memory in use. */
	PUT_CELLS(t, "chosen/linux,kernel-end", UINT64_MAX);
	tree_read_from(t, &arch_ppc64le.memory);
	assert_int_equal(t->machine.ram.count, 0);
}

static void test_memory_limit(void **state)
{
	struct tree *t = *state;

	PUT_CELLS(t, "chosen/linux,memory-limit", 0x30000000);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, 0x30000000 });
	PUT_CELLS(t, "chosen/linux,memory-limit", 0);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, GIB });
}

static void test_memory_of_devices(void **state)
{
	struct tree *t = *state;

	PUT_CELLS(t, "memory@100000000/reg", 4 * GIB, GIB);
	tree_put_bytes(t, TREE "memory@100000000/compatible", "ibm,coherent-device-memory-v1", 30);
	read_tree(t);
	EXPECT_RAM(t, { 0x2880000, GIB });
}

static void test_console(void **state)
{
	struct tree *t = *state;

	assert_false(read_tree(t)->hvterm);
	tree_put_bytes(t, TREE "chosen/linux,stdout-path", "/vdevice/vty@30", 16);
	assert_false(read_tree(t)->hvterm);
	tree_put_bytes(t, TREE "vdevice/vty@30/compatible", "hvterm-protocol", 16);
	put_cell(t, "vdevice/vty@30/reg", 0x30);
	assert_true(read_tree(t)->hvterm);
	assert_int_equal(found(t)->hvterm_number, 0x30);
	tree_put_bytes(t, TREE "chosen/stdout-path", "/vdevice/vty@31:9600", 21);
	assert_false(read_tree(t)->hvterm);
	tree_put_bytes(t, TREE "vdevice/vty@31/compatible", "ns16550", 8);
	assert_false(read_tree(t)->hvterm);
	tree_put_bytes(t, TREE "vdevice/vty@31/compatible", "hvterm1", 8);
	tree_put_bytes(t, TREE "vdevice/vty@31/reg", "\0\0\0\x31", 4);
	assert_true(read_tree(t)->hvterm);
	assert_int_equal(found(t)->hvterm_number, 0x31);
	tree_put_bytes(t, TREE "chosen/stdout-path", "/vdevice/../vdevice/vty@31", 27);
	assert_false(read_tree(t)->hvterm);
}

static void test_absent_cpus(void **state)
{
	static const struct {
		const char *possible, *present;
		uint32_t absent;
	} lists[] = {
		{ "0-7\n", "0-1\n", 6 },
		{ "0-7,16-23\n", "0\n", 15 },
		{ "0\n", "0-3\n", 0 },
		{ "7-0\n", "0\n", 0 },
		{ "x\n", "0\n", 0 },
		{ "\n", "\n", 0 },
		{ "0-99999999999\n", "0\n", 0 },
		{ "0-3\n", "", 0 },
		{ "0-3,2-7\n", "0\n", 0 },
	};
	struct tree *t = *state;

	for (size_t i = 0; i < COUNT(lists); i++) {
		tree_put(t, "/sys/devices/system/cpu/possible", lists[i].possible);
		tree_put(t, "/sys/devices/system/cpu/present", lists[i].present);
		assert_int_equal(read_tree(t)->absent_cpus, lists[i].absent);
	}
}

static void test_online_cpus(void **state)
{
	struct tree *t = *state;
	const struct machine_ppc64 *ppc64;

	tree_put(t, "/sys/devices/system/cpu/online", "0,2-3\n");
	tree_put(t, "/sys/devices/system/cpu/cpu0/physical_id", "8\n");
	tree_put(t, "/sys/devices/system/cpu/cpu1/physical_id", "9\n");
	tree_put(t, "/sys/devices/system/cpu/cpu3/physical_id", "2147483650\n");
	tree_put(t, "/sys/kernel/reboot/cpu", "3\n");
	assert_int_equal(read_tree(t)->cpus, 0);
	t->req.dtb = "tree.dtb";
	ppc64 = read_tree(t);
	assert_int_equal(ppc64->reboot_cpu, 3);
	assert_int_equal(ppc64->cpus, 2);
	assert_int_equal(ppc64->cpu[0].number, 0);
	assert_int_equal(ppc64->cpu[0].hardware, 8);
	assert_int_equal(ppc64->cpu[1].number, 3);
	assert_int_equal(ppc64->cpu[1].hardware, 0x80000002);
}

/* RTAS in the reservation is dumped: it is none of the crash kernel's. */
static void test_firmware_is_dumped(void **state)
{
	struct tree *t = tree_fixture("ppc64le");
	struct range_set set;

	(void)state;
	t->req.crash = true;
	read_tree(t);
	set = kdump_dump_ranges(&t->ctx, &t->machine);
	assert_int_equal(set.count, 3);
	assert_range(set.range[0], 0, 0x20000000);
	assert_range(set.range[1], 0x2fff0000, 0x30000000);
	assert_range(set.range[2], 0x40000000, 0x80000000);
	tree_free(t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixture),
		TEST(test_all_pairs_and_cells),
		TEST(test_what_is_in_use),
		TEST(test_initrd_of_either_size),
		TEST(test_blocks),
		TEST(test_blocks_that_lie),
		TEST(test_missing),
		cmocka_unit_test(test_malformed),
		TEST(test_numbers_that_lie),
		TEST(test_memory_limit),
		TEST(test_memory_of_devices),
		TEST(test_console),
		TEST(test_absent_cpus),
		TEST(test_online_cpus),
		cmocka_unit_test(test_firmware_is_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
