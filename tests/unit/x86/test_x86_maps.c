/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/machine/{machine,memmap}.c: memory maps of captured machines with BIOS and EFI. */
#include "kexec/machine/memmap.h"
#include "machine_tree.h"

struct golden {
	const char *fixture;
	const struct memory_entry *map;
	size_t map_count;
	const struct range *ram;
	size_t ram_count;
	struct range crash; /* empty: none */
	uint32_t ticks_per_ms;
};

static const struct memory_entry map_x86_64[] = {
	{ { 0x400, 0x9fc00 }, MEMORY_RAM },
	{ { 0x9fc00, 0xa0000 }, MEMORY_RESERVED },
	{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
	{ { 0x100000, 0x7ffe0000 }, MEMORY_RAM },
	{ { 0x7ffe0000, 0x80000000 }, MEMORY_RESERVED },
	{ { 0xfffc0000, 0x100000000 }, MEMORY_RESERVED },
	{ { 0xfd00000000, 0x10000000000 }, MEMORY_RESERVED },
};

static const struct range ram_x86_64[] = {
	{ 0x1000, 0x9fc00 },
	{ 0x100000, 0x6f000000 },
	{ 0x7f000000, 0x7ffe0000 },
};

static const struct memory_entry map_efi[] = {
	{ { 0x400, 0xa0000 }, MEMORY_RAM },
	{ { 0x100000, 0x806000 }, MEMORY_RAM },
	{ { 0x806000, 0x808000 }, MEMORY_ACPI_NVS },
	{ { 0x808000, 0x810000 }, MEMORY_RAM },
	{ { 0x810000, 0x900000 }, MEMORY_ACPI_NVS },
	{ { 0x900000, 0x7ea8a000 }, MEMORY_RAM },
	{ { 0x7ea8a000, 0x7eb8c000 }, MEMORY_RESERVED },
	{ { 0x7eb8c000, 0x7f4ec000 }, MEMORY_RAM },
	{ { 0x7f4ec000, 0x7f76c000 }, MEMORY_RESERVED },
	{ { 0x7f76c000, 0x7f77e000 }, MEMORY_ACPI },
	{ { 0x7f77e000, 0x7f7fe000 }, MEMORY_ACPI_NVS },
	{ { 0x7f7fe000, 0x7feec000 }, MEMORY_RAM },
	{ { 0x7feec000, 0x7ff70000 }, MEMORY_RESERVED },
	{ { 0x7ff70000, 0x80000000 }, MEMORY_ACPI_NVS },
	{ { 0xb0000000, 0xc0000000 }, MEMORY_RESERVED },
	{ { 0xffc00000, 0x100000000 }, MEMORY_RESERVED },
};

static const struct range ram_efi[] = {
	{ 0x1000, 0xa0000 },	    { 0x100000, 0x806000 },	{ 0x808000, 0x810000 },
	{ 0x900000, 0x65000000 },   { 0x75000000, 0x7ea8a000 }, { 0x7eb8c000, 0x7f4ec000 },
	{ 0x7f7fe000, 0x7feec000 },
};

/* In the capture kernel no entry of RAM starts below 0x400. */
static const struct memory_entry map_kdump[] = {
	{ { 0, 0x1000 }, MEMORY_RESERVED },
	{ { 0x1000, 0x9fc00 }, MEMORY_RAM },
	{ { 0x9fc00, 0xa0000 }, MEMORY_RESERVED },
	{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
	{ { 0x6f000000, 0x7ef5d000 }, MEMORY_RAM },
	{ { 0x7efffc00, 0x7f000000 }, MEMORY_RAM },
	{ { 0x7ffe0000, 0x80000000 }, MEMORY_RESERVED },
	{ { 0xfffc0000, 0x100000000 }, MEMORY_RESERVED },
	{ { 0xfd00000000, 0x10000000000 }, MEMORY_RESERVED },
};

static const struct range ram_kdump[] = {
	{ 0x1000, 0x9fc00 },
	{ 0x6f000000, 0x7ef5d000 },
	{ 0x7efffc00, 0x7f000000 },
};

static const struct memory_entry map_i386[] = {
	{ { 0x400, 0x9fc00 }, MEMORY_RAM },
	{ { 0x9fc00, 0xa0000 }, MEMORY_RESERVED },
	{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
	{ { 0x100000, 0x3ffdf000 }, MEMORY_RAM },
	{ { 0x3ffdf000, 0x40000000 }, MEMORY_RESERVED },
	{ { 0xb0000000, 0xc0000000 }, MEMORY_RESERVED },
	{ { 0xfed1c000, 0xfed20000 }, MEMORY_RESERVED },
	{ { 0xfffc0000, 0x100000000 }, MEMORY_RESERVED },
};

static const struct range ram_i386[] = {
	{ 0x1000, 0x9fc00 },
	{ 0x100000, 0xd000000 },
	{ 0x1d000000, 0x3ffdf000 },
};

#define GOLDEN(map, ram) map, COUNT(map), ram, COUNT(ram)

static const struct golden golden[] = {
	{ "x86_64", GOLDEN(map_x86_64, ram_x86_64), { 0x6f000000, 0x7f000000 }, 2000000 },
	{ "x86_64-efi", GOLDEN(map_efi, ram_efi), { 0x65000000, 0x75000000 }, 1999980 },
	{ "x86_64-kdump", GOLDEN(map_kdump, ram_kdump), { 0, 0 }, 2000010 },
	{ "i386", GOLDEN(map_i386, ram_i386), { 0xd000000, 0x1d000000 }, 1994440 },
};

static void test_fixtures(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(golden); i++) {
		const struct golden *g = &golden[i];
		struct tree *t = tree_fixture(g->fixture);

		assert_int_equal(tree_read(t, true), 0);
		assert_lacks(t->log, "warning");
		assert_contains(t->machine.map.source, "/sys/firmware/memmap");
		assert_map(&t->machine.map, g->map, g->map_count);
		assert_set(&t->machine.ram, g->ram, g->ram_count);
		assert_set(&t->machine.crash, &g->crash, !range_empty(g->crash));
		assert_int_equal(t->machine.ticks_per_ms, g->ticks_per_ms);
		assert_contains(t->machine.cmdline, "console=ttyS0");
		assert_null(strchr(t->machine.cmdline, '\n'));
		tree_free(t);
	}
}

/* A crash load goes into the reservation, so it stays; the firmware's map is not read. */
static void test_crash_load(void **state)
{
	static const struct range want[] = { { 0x1000, 0x9fc00 }, { 0x100000, 0x7ffe0000 } };
	struct tree *t = tree_fixture("x86_64");

	(void)state;
	t->req.crash = true;
	assert_int_equal(tree_read(t, true), 0);
	assert_string_equal(t->machine.map.source, "/proc/iomem");
	assert_set(&t->machine.ram, want, COUNT(want));
	tree_free(t);
}

/* RAM that the next kernel may not use is reserved; other entries stay. */
static void test_reserve_rest(void **state)
{
	static const struct memory_entry want[] = {
		{ { 0x400, 0x1000 }, MEMORY_RESERVED },
		{ { 0x1000, 0x9f000 }, MEMORY_RAM },
		{ { 0x9f000, 0xa0000 }, MEMORY_RESERVED },
		{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
		{ { 0x100000, 0x200000 }, MEMORY_RAM },
		{ { 0x200000, 0x80000000 }, MEMORY_RESERVED },
		{ { 0xfffc0000, 0x100000000 }, MEMORY_RESERVED },
		{ { 0xfd00000000, 0x10000000000 }, MEMORY_RESERVED },
	};
	static struct range lent[] = { { 0x1000, 0x9f000 }, { 0x100000, 0x200000 } };
	const struct range_set ram = { lent, COUNT(lent), COUNT(lent) };
	struct tree *t = tree_fixture("x86_64");

	(void)state;
	assert_int_equal(tree_read(t, true), 0);
	assert_int_equal(memory_map_reserve_rest(&t->ctx, &ram, &t->machine.map), 0);
	assert_map(&t->machine.map, want, COUNT(want));
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_crash_load),
		cmocka_unit_test(test_reserve_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
