/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/machine/{machine,memmap,cmdline,cpuinfo}.c: trees that lack or garble a
 * file, and overlaps against a map of bytes.
 */
#include "machine_tree.h"

#include "kexec/machine/cpuinfo.h"
#include "kexec/machine/memmap.h"

static void put_firmware_entry(struct tree *t, const char *number, const char *start,
			       const char *end, const char *type)
{
	char name[64];

	snprintf(name, sizeof(name), "/sys/firmware/memmap/%s/start", number);
	tree_put(t, name, start);
	snprintf(name, sizeof(name), "/sys/firmware/memmap/%s/end", number);
	tree_put(t, name, end);
	snprintf(name, sizeof(name), "/sys/firmware/memmap/%s/type", number);
	tree_put(t, name, type);
}

static struct tree *small_tree(void)
{
	struct tree *t = tree_empty();

	put_firmware_entry(t, "0", "0x0\n", "0x9ffff\n", "System RAM\n");
	put_firmware_entry(t, "1", "0x100000\n", "0xffffff\n", "System RAM\n");
	tree_put(t, "/proc/iomem",
		 "00001000-0009ffff : System RAM\n"
		 "00100000-007fffff : System RAM\n");
	tree_put(t, "/proc/cmdline", "quiet\n");
	return t;
}

/* Which of the two sources was taken shows in how much memory there is. */
#define FIRMWARE_END 0x1000000
#define IOMEM_END 0x800000

static uint64_t ram_end(const struct tree *t)
{
	return t->machine.map.entry[t->machine.map.count - 1].range.end;
}

static void test_choice_of_source(void **state)
{
	static const struct {
		const char *cmdline;
		uint64_t end;
	} table[] = {
		{ "quiet", FIRMWARE_END },
		{ "add_efi_memmap", IOMEM_END },
		{ "quiet add-efi-memmap x", IOMEM_END },
		{ "add_efi_memmap_not", FIRMWARE_END },
		{ "not_add_efi_memmap", FIRMWARE_END },
		{ "x=add_efi_memmap", FIRMWARE_END },
		{ "x=\"a add_efi_memmap b\" y", FIRMWARE_END },
		{ "x -- add_efi_memmap", FIRMWARE_END },
	};
	struct tree *t = small_tree();
	char line[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		tree_put(t, "/proc/cmdline", table[i].cmdline);
		assert_int_equal(tree_read(t, true), 0);
		assert_int_equal(ram_end(t), table[i].end);
		assert_int_equal(t->machine.map.entry[0].range.start,
				 table[i].end == FIRMWARE_END ? 0x400 : 0x1000);
	}
	memset(line, 'x', sizeof(line));
	strcpy(line + 1500, " add_efi_memmap\n");
	tree_put(t, "/proc/cmdline", line);
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(ram_end(t), IOMEM_END);

	/* Only the last newline is procfs's own. */
	tree_put(t, "/proc/cmdline", "quiet\nadd_efi_memmap\n");
	assert_int_equal(tree_read(t, true), 0);
	assert_string_equal(t->machine.cmdline, "quiet\nadd_efi_memmap");
	assert_int_equal(ram_end(t), IOMEM_END);

	tree_put(t, "/proc/cmdline", "quiet");
	assert_int_equal(tree_read(t, false), 0);
	assert_int_equal(ram_end(t), IOMEM_END);
	tree_delete(t, "/proc/cmdline");
	assert_int_equal(tree_read(t, true), 0);
	assert_null(t->machine.cmdline);
	assert_int_equal(ram_end(t), FIRMWARE_END);
	tree_free(t);
}

static void test_broken_firmware_map(void **state)
{
	static const struct {
		const char *start, *end, *type, *why;
	} table[] = {
		{ "0x100000\n", "0xfffff\n", "System RAM\n", "memmap/1: the range ends" },
		{ "abc\n", "0xffffff\n", "System RAM\n", "memmap/1/start: expected a number" },
		{ "0x100000\n", "\n", "System RAM\n", "memmap/1/end: expected a number" },
		{ "0x100000\n", "0x1ffffffffffffffff\n", "System RAM\n", "memmap/1/end" },
		{ "0x100000\n", "0xffffff\n", "", "memmap/1/type: expected a memory type" },
	};
	struct tree *t = small_tree();

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		put_firmware_entry(t, "1", table[i].start, table[i].end, table[i].type);
		assert_int_equal(tree_read(t, true), 0);
		assert_contains(t->log, "warning: Parsing the /sys/firmware memory map failed. "
					"Falling back to /proc/iomem.");
		assert_contains(t->log, table[i].why);
		assert_int_equal(ram_end(t), IOMEM_END);
	}
	tree_delete(t, "/sys/firmware/memmap/1/type");
	assert_int_equal(tree_read(t, true), 0);
	assert_contains(t->log, "Falling back");
	tree_delete(t, "/sys/firmware/memmap/1");
	put_firmware_entry(t, "0", "0x0", "0xfff", "Reserved");
	assert_int_equal(tree_read(t, true), 0);
	assert_contains(t->log, "lists no System RAM");
	tree_free(t);
}

/* Every way to have no map at all: one error, with the reasons, status 255. */
static void test_no_layout(void **state)
{
	static const struct {
		const char *iomem, *why;
	} table[] = {
		{ NULL, "Cannot open " },
		{ "", "iomem is empty" },
		{ "nonsense\n", "line 1" },
		{ "00000000-00000000 : System RAM\n", "all addresses are zero" },
		{ "1000-1fff : Reserved\n", "/proc/iomem lists no System RAM" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = tree_empty();

		if (table[i].iomem)
			tree_put(t, "/proc/iomem", table[i].iomem);
		put_firmware_entry(t, "0", "0x", "0x", "x");
		assert_true(tree_read(t, true) < 0);
		assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
		assert_contains(t->ctx.err.what, "Could not get memory layout: ");
		assert_contains(t->ctx.err.what, "/sys/firmware/memmap/0/start");
		assert_contains(t->ctx.err.what, table[i].why);
		assert_true(tree_read(t, false) < 0);
		assert_lacks(t->ctx.err.what, "firmware");
		assert_contains(t->ctx.err.what, table[i].why);
		tree_free(t);
	}
}

static void test_unprivileged(void **state)
{
	struct tree *t = small_tree();

	(void)state;
	tree_put(t, "/proc/iomem",
		 "00000000-00000000 : System RAM\n"
		 "  00000000-00000000 : Crash kernel\n");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(ram_end(t), FIRMWARE_END);
	assert_int_equal(t->machine.crash.count, 0);
	assert_int_equal(t->machine.iomem.count, 0);
	assert_contains(t->log, "warning: ");
	assert_contains(t->log, "all addresses are zero: where a crash kernel");
	assert_true(tree_read(t, false) < 0);
	assert_contains(t->ctx.err.hint, "root");
	/* It is not that nothing is reserved: where it is cannot be seen. */
	t->req.crash = true;
	assert_int_equal(tree_read(t, true), -ENODATA);
	assert_contains(t->ctx.err.what, "/proc/iomem: all addresses are zero");
	assert_contains(t->ctx.err.hint, "root");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	tree_delete(t, "/proc/iomem");
	assert_int_equal(tree_read(t, true), -ENODATA);
	assert_contains(t->ctx.err.hint, "Mount procfs");
	tree_free(t);
}

static void test_iomem_ram(void **state)
{
	static const char iomem[] = "00000000-3fffffff : System RAM\n"
				    "  00000000-00000fff : reserved\n"
				    "  10000000-1fffffff : Crash kernel\n"
				    "  20000000-200fffff : Crash kernel\n"
				    "  20100000-201fffff : Crash kernel (other)\n"
				    "40000000-4fffffff : System RAM (kmem)\n"
				    "50000000-5fffffff : Persistent Memory\n"
				    "  50000000-5fffffff : namespace0.0\n"
				    "    50000000-5fffffff : System RAM (kmem)\n"
				    "60000000-6fffffff : System RAM\n"
				    "  68000000-68ffffff : System RAM (virtio_mem)\n"
				    "70000000-7fffffff : Soft Reserved\n"
				    "80000000-8fffffff : PCI Bus 0000:00\n";
	static const struct range want[] = {
		{ 0x1000, 0x10000000 },
		{ 0x20100000, 0x40000000 },
		{ 0x60000000, 0x68000000 },
		{ 0x69000000, 0x70000000 },
	};
	static const struct range crash[] = {
		{ 0x10000000, 0x20100000 },
	};
	static const struct memory_entry map[] = {
		{ { 0, 0x1000 }, MEMORY_RESERVED },
		{ { 0x1000, 0x40000000 }, MEMORY_RAM },
		{ { 0x50000000, 0x60000000 }, MEMORY_PMEM },
		{ { 0x60000000, 0x70000000 }, MEMORY_RAM },
		{ { 0x70000000, 0x80000000 }, MEMORY_SOFT_RESERVED },
	};
	struct tree *t = tree_empty();

	(void)state;
	tree_put(t, "/proc/iomem", iomem);
	assert_int_equal(tree_read(t, false), 0);
	assert_map(&t->machine.map, map, COUNT(map));
	assert_set(&t->machine.ram, want, COUNT(want));
	assert_set(&t->machine.crash, crash, COUNT(crash));
	/* The kernel manages what drivers added, too. */
	assert_int_equal(t->machine.managed, 0x70000000 - 0x10100000);
	tree_free(t);
}

/* Firmware calls it RAM; the running kernel found a table in it. */
static void test_reserved_by_the_kernel(void **state)
{
	static const struct range want[] = {
		{ 0x1000, 0xa0000 },
		{ 0x100000, 0x400000 },
		{ 0x402000, 0x500000 },
		{ 0x501000, 0x1000000 },
	};
	struct tree *t = small_tree();

	(void)state;
	tree_put(t, "/proc/iomem",
		 "00000000-00000fff : Reserved\n"
		 "00001000-0009ffff : System RAM\n"
		 "00100000-003fffff : System RAM\n"
		 "00400000-00401fff : Reserved\n"
		 "00402000-00ffffff : System RAM\n"
		 "  00500000-00500fff : ACPI Tables\n"
		 "  00600000-00600fff : Kernel code\n");
	assert_int_equal(tree_read(t, true), 0);
	assert_set(&t->machine.ram, want, COUNT(want));
	/* The next kernel finds out for itself: its map stays the firmware's. */
	assert_int_equal(t->machine.map.count, 2);
	tree_free(t);
}

static void test_low_ram(void **state)
{
	struct tree *t = small_tree();

	(void)state;
	tree_put(t, "/proc/iomem", "00000000-00ffffff : System RAM\n");
	put_firmware_entry(t, "0", "0x0", "0xff", "System RAM");
	put_firmware_entry(t, "2", "0x200", "0x4ff", "System RAM");
	put_firmware_entry(t, "3", "0x100", "0x1ff", "Reserved");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(t->machine.map.entry[0].type, MEMORY_RESERVED);
	assert_range(t->machine.map.entry[0].range, 0x100, 0x200);
	assert_range(t->machine.ram.range[0], 0x400, 0x500);
	/* Other arches own the bytes from 0 on. */
	assert_int_equal(tree_read(t, false), 0);
	assert_range(t->machine.ram.range[0], 0, 0x1000000);
	tree_free(t);
}

static void test_types(void **state)
{
	static const struct {
		const char *name;
		enum memory_type type;
	} table[] = {
		{ "System RAM", MEMORY_RAM },
		{ "Reserved", MEMORY_RESERVED },
		{ "reserved", MEMORY_RESERVED },
		{ "RESERVED", MEMORY_RESERVED },
		{ "ACPI Tables", MEMORY_ACPI },
		{ "ACPI Non-volatile Storage", MEMORY_ACPI_NVS },
		{ "Unusable memory", MEMORY_UNUSABLE },
		{ "Persistent Memory", MEMORY_PMEM },
		{ "Persistent Memory (legacy)", MEMORY_PRAM },
		{ "Soft Reserved", MEMORY_SOFT_RESERVED },
		{ "Unknown E820 type", MEMORY_OTHER },
		{ "Uncached RAM", MEMORY_OTHER },
		{ "never heard of", MEMORY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = small_tree();

		put_firmware_entry(t, "7", "0x2000000", "0x2ffffff", table[i].name);
		assert_int_equal(tree_read(t, true), 0);
		assert_int_equal(t->machine.map.entry[2].type, table[i].type);
		assert_range(t->machine.map.entry[2].range, 0x2000000, 0x3000000);
		if (strstr(t->log, "unknown memory type"))
			assert_string_equal(table[i].name, "never heard of");
		else
			assert_string_not_equal(table[i].name, "never heard of");
		tree_free(t);
	}
	assert_string_equal(memory_type_name(MEMORY_PRAM), "Persistent Memory (legacy)");
	assert_string_equal(memory_type_name(MEMORY_RAM), "System RAM");
}

/* --- overlaps against a map of bytes ------------------------------------------- */

enum { BYTES = 64, ENTRIES = 12, ROUNDS = 20000 };

/* From the least to the most restrictive, written down a second time. */
static int strictness(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return 1;
	case MEMORY_SOFT_RESERVED: return 2;
	case MEMORY_PRAM: return 3;
	case MEMORY_PMEM: return 4;
	case MEMORY_ACPI: return 5;
	case MEMORY_ACPI_NVS: return 6;
	case MEMORY_OTHER: return 7;
	case MEMORY_RESERVED: return 8;
	case MEMORY_UNUSABLE: return 9;
	}
	return 0;
}

static unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

static void check_against_bytes(const struct memory_map *map, const int want[BYTES])
{
	int got[BYTES] = { 0 };

	for (size_t i = 0; i < map->count; i++) {
		struct range r = map->entry[i].range;

		assert_true(r.start < r.end && r.end <= BYTES);
		for (uint64_t b = r.start; b < r.end; b++) {
			assert_int_equal(got[b], 0);
			got[b] = strictness(map->entry[i].type);
		}
		if (i && map->entry[i - 1].range.end == r.start)
			assert_int_not_equal(map->entry[i - 1].type, map->entry[i].type);
		if (i)
			assert_true(map->entry[i - 1].range.end <= r.start);
	}
	assert_memory_equal(got, want, sizeof(got));
}

static void test_overlaps(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct memory_entry entry[ENTRIES];
		struct tree *t = tree_at("");
		size_t count = next_random(&seed) % (ENTRIES + 1);
		int want[BYTES] = { 0 };
		struct memory_map map = { 0 };

		for (size_t i = 0; i < count; i++) {
			uint64_t start = next_random(&seed) % BYTES;
			uint64_t end = start + next_random(&seed) % (BYTES - start + 1);

			entry[i].range = (struct range){ start, end };
			entry[i].type = (enum memory_type)(next_random(&seed) % 9);
			for (uint64_t b = start; b < end; b++) {
				if (strictness(entry[i].type) > want[b])
					want[b] = strictness(entry[i].type);
			}
		}
		assert_int_equal(memory_map_resolve(&t->ctx, entry, count, &map), 0);
		check_against_bytes(&map, want);
		tree_free(t);
	}
}

static void test_end_of_address_space(void **state)
{
	struct tree *t = small_tree();

	(void)state;
	put_firmware_entry(t, "2", "0xffffffffffff0000", "0xffffffffffffffff", "System RAM");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(ram_end(t), UINT64_MAX);
	tree_put(t, "/proc/iomem", "00001000-ffffffffffffffff : System RAM\n");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(t->machine.ram.range[t->machine.ram.count - 1].end, UINT64_MAX);
	tree_free(t);
}

/* Memory that the running kernel leaves alone (mem=, offline) gets no segment. */
static void test_withheld_memory(void **state)
{
	struct tree *t = small_tree();

	(void)state;
	put_firmware_entry(t, "2", "0x1000000", "0xfffffffff", "System RAM");
	tree_put(t, "/proc/iomem",
		 "00001000-0009ffff : System RAM\n"
		 "00200000-003fffff : System RAM\n"
		 "00600000-007fffff : System RAM\n"
		 "  00600000-006fffff : Crash kernel\n");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(t->machine.ram.count, 3);
	assert_range(t->machine.ram.range[1], 0x200000, 0x400000);
	assert_range(t->machine.ram.range[2], 0x700000, 0x800000);
	assert_int_equal(ram_end(t), 0x1000000000);

	/* Without iomem nothing is known of it. */
	tree_delete(t, "/proc/iomem");
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(t->machine.ram.range[t->machine.ram.count - 1].end, 0x1000000000);
	tree_free(t);
}

static void test_clock(void **state)
{
	static const struct {
		const char *cpuinfo;
		uint32_t ticks;
	} table[] = {
		{ "flags\t\t: fpu tsc msr\nbogomips\t: 4800.02\ncpu MHz\t\t: 800.000\n", 2400010 },
		{ "cpu MHz\t\t: 1994.443\nflags\t\t: tsc\n", 1994443 },
		{ "cpu MHz\t\t: 1994\nflags\t\t: tsc", 1994000 },
		{ "cpu MHz\t\t: 1994.44375\nflags\t\t: tsc", 1994443 },
		{ "cpu MHz\t\t: 1994.443\nflags\t\t: fpu constant_tsc tscx\n", 0 },
		{ "cpu MHz\t\t: 1994.443\n", 0 },
		{ "cpu MHz\t\t: fast\nflags\t\t: tsc\n", 0 },
		{ "cpu MHz\t\t:\nflags\t\t: tsc\n", 0 },
		{ "cpu MHz\t\t: 99999999999999999999\nflags\t\t: tsc\n", 0 },
		{ "cpu MHz\t\t: 18446744073709551.716\nflags\t\t: tsc\n", 0 },
		{ "flags\t\t: tsc\n", 0 },
		{ "", 0 },
		{ ":\n::\nflags", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct bytes text = { (const uint8_t *)table[i].cpuinfo, strlen(table[i].cpuinfo) };

		assert_int_equal(cpuinfo_ticks_per_ms(text), table[i].ticks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice_of_source),
		cmocka_unit_test(test_broken_firmware_map),
		cmocka_unit_test(test_no_layout),
		cmocka_unit_test(test_unprivileged),
		cmocka_unit_test(test_iomem_ram),
		cmocka_unit_test(test_reserved_by_the_kernel),
		cmocka_unit_test(test_low_ram),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_end_of_address_space),
		cmocka_unit_test(test_withheld_memory),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
