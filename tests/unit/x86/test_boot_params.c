/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/x86/boot_params.c, e820.c, efi.c: the block is read back as the
 * next kernel would, with offsets written here a second time from the kernel's
 * arch/x86/zero-page.rst and boot.rst.
 */
#include "machine_tree.h"

#include "kexec/arch/arch.h"
#include "kexec/arch/x86/x86.h"

#define BASE 0x123457000ull /* above 4 GiB: both halves of every address count */
#define HEADER_SIZE 0x7b /* of a protocol 2.15 kernel */

struct fixture {
	struct ctx ctx;
	struct request req;
	struct machine machine;
	struct machine_x86 x86;
	uint8_t running[4096];
	uint8_t header[256];
	struct linux_kernel kernel;
	struct boot_params bp;
};

/* No two neighbours alike, no zero: what leaks or is missed shows. */
static void pattern(uint8_t *p, size_t size, uint8_t seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		p[i] = (uint8_t)((i * 7 + seed) % 255 + 1);
}

static struct memory_entry small_map[] = {
	{ { 0x400, 0x9fc00 }, MEMORY_RAM },
	{ { 0xf0000, 0x100000 }, MEMORY_RESERVED },
	{ { 0x100000, 0x7ffe0000 }, MEMORY_RAM },
	{ { 0x7ffe0000, 0x7fff0000 }, MEMORY_ACPI },
	{ { 0x7fff0000, 0x80000000 }, MEMORY_ACPI_NVS },
	{ { 0x80000000, 0x80001000 }, MEMORY_UNUSABLE },
	{ { 0x80001000, 0x80002000 }, MEMORY_PMEM },
	{ { 0x80002000, 0x80003000 }, MEMORY_PRAM },
	{ { 0x80003000, 0x80004000 }, MEMORY_SOFT_RESERVED },
	{ { 0x80004000, 0x80005000 }, MEMORY_OTHER },
	{ { 0x100000000, 0x8000000000 }, MEMORY_RAM },
};
static const uint32_t small_types[] = { 1, 2, 1, 3, 4, 5, 7, 12, 0xefffffff, 2, 1 };

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->req.dry_run = true;
	f->machine.arch = &f->x86;
	f->machine.map.entry = small_map;
	f->machine.map.count = sizeof(small_map) / sizeof(*small_map);
	pattern(f->running, sizeof(f->running), 17);
	f->x86.boot_params = (struct bytes){ f->running, sizeof(f->running) };
	f->x86.acpi_rsdp = 0xf59d0;
	pattern(f->header, sizeof(f->header), 99);
	f->kernel.setup_header = (struct bytes){ f->header, HEADER_SIZE };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

static void build(struct fixture *f, const char *cmdline, struct range initrd)
{
	const struct load load = { .req = &f->req, .machine = f->machine };

	boot_params_build(&f->ctx, &load, &f->kernel, &f->machine.map, cmdline, &f->bp);
	boot_params_set_addresses(&f->bp, BASE, initrd);
}

/* --- a reader ------------------------------------------------------------- */

/* size bytes at an address, which must lie in the block. */
static const uint8_t *at(const struct fixture *f, uint64_t address, uint64_t size)
{
	assert_true(address >= BASE);
	assert_true(bytes_has((struct bytes){ f->bp.data, f->bp.size }, address - BASE, size));
	return f->bp.data + (address - BASE);
}

static uint64_t joined(const uint8_t *page, size_t low, size_t high)
{
	return get_le32(page + low) | (uint64_t)get_le32(page + high) << 32;
}

/* The only node of a type; NULL if there is none.  *others: how many of other types. */
static const uint8_t *node(const struct fixture *f, uint32_t type, uint32_t *length, int *others)
{
	uint64_t address = get_le64(f->bp.data + 0x250);
	const uint8_t *found = NULL;
	int left = 10;

	for (*others = 0; address; address = get_le64(at(f, address, 16))) {
		const uint8_t *n = at(f, address, 16);

		assert_int_equal(address % 8, 0);
		assert_true(left-- > 0);
		at(f, address + 16, get_le32(n + 12));
		if (get_le32(n + 8) != type) {
			(*others)++;
			continue;
		}
		assert_null(found);
		found = n + 16;
		*length = get_le32(n + 12);
	}
	return found;
}

static void check_record(const uint8_t *record, const struct memory_entry *entry, uint32_t type)
{
	assert_int_equal(get_le64(record), entry->range.start);
	assert_int_equal(get_le64(record + 8), entry->range.end - entry->range.start);
	assert_int_equal(get_le32(record + 16), type);
}

/* --- tests ---------------------------------------------------------------- */

/* Every byte of the page: what must be there is, and nothing else. */
static void test_whole_page(void **state)
{
	struct fixture *f = *state;
	uint8_t want[4096] = { 0 }, zeros[65] = { 0 };
	const char *line = "root=/dev/vda quiet";
	size_t i, length = strlen(line);

	pattern(f->x86.screen_info, 64, 5);
	f->x86.edd_count = 2;
	pattern(f->x86.edd[0], 82, 33);
	pattern(f->x86.edd[1], 82, 34);
	f->x86.edd_signature_count = 1;
	f->x86.edd_signature[0] = 0xcafe1234;
	build(f, line, (struct range){ 0x340001000, 0x340001000 + 0x1bcdef012 });

	memcpy(want, f->x86.screen_info, 64);
	put_le16(want + 0x02, 0xfc00); /* ext_mem_k */
	put_le32(want + 0x20, 0); /* cl_magic, cl_offset */
	memcpy(want + 0x60, f->running + 0x60, 16); /* ist_info */
	put_le64(want + 0x70, 0xf59d0); /* acpi_rsdp_addr */
	put_le32(want + 0xc0, 3); /* ext_ramdisk_image */
	put_le32(want + 0xc4, 1); /* ext_ramdisk_size */
	put_le32(want + 0xc8, 1); /* ext_cmd_line_ptr */
	memcpy(want + 0x13c, f->running + 0x13c, 4); /* cc_blob_address */
	memcpy(want + 0x140, f->running + 0x140, 0x80); /* edid_info */
	put_le32(want + 0x1e0, (0x7ffe0000 - 0x100000) / 1024); /* alt_mem_k */
	want[0x1e8] = 11;
	want[0x1e9] = 2;
	want[0x1ea] = 1;
	want[0x1eb] = f->running[0x1eb]; /* kbd_status */
	want[0x1ec] = f->running[0x1ec]; /* secure_boot */
	want[0x1ef] = 0; /* sentinel */
	memcpy(want + 0x1f1, f->header, HEADER_SIZE);
	put_le16(want + 0x1fe, 0xaa55);
	want[0x210] = 0xd0;
	want[0x211] = 0x01;
	put_le32(want + 0x218, 0x40001000);
	put_le32(want + 0x21c, 0xbcdef012);
	put_le32(want + 0x228, 0x23457000 + 0x1000);
	memcpy(want + 0x23c, f->running + 0x23c, 12); /* hardware_subarch and its data */
	/* The one setup_data node, the seed, after line and slack. */
	put_le64(want + 0x250, BASE + ((0x1000 + length + 1 + 64 + 7) & ~7ull));
	put_le32(want + 0x290, 0xcafe1234);
	for (i = 0; i < 11; i++) {
		put_le64(want + 0x2d0 + i * 20, small_map[i].range.start);
		put_le64(want + 0x2d0 + i * 20 + 8, range_size(small_map[i].range));
		put_le32(want + 0x2d0 + i * 20 + 16, small_types[i]);
	}
	memcpy(want + 0xd00, f->x86.edd, 2 * 82);

	for (i = 0; i < sizeof(want); i++)
		if (f->bp.data[i] != want[i])
			fail_msg("offset 0x%zx: 0x%02x, want 0x%02x", i, f->bp.data[i], want[i]);
	assert_string_equal((const char *)at(f, BASE + 0x1000, length + 1), line);
	assert_memory_equal(at(f, BASE + 0x1000 + length, 65), zeros, 65);
	assert_int_equal(f->bp.cmdline_end, 0x1000 + length);
}

/* Nothing known of the running kernel, no initrd, an empty line. */
static void test_bare(void **state)
{
	struct fixture *f = *state;

	f->x86.boot_params = (struct bytes){ 0 };
	f->x86.acpi_rsdp = 0;
	build(f, "", (struct range){ 0, 0 });
	assert_int_equal(get_le32(f->bp.data + 0x218), 0);
	assert_int_equal(get_le32(f->bp.data + 0x21c), 0);
	assert_int_equal(f->bp.data[0x1ec], 0);
	assert_int_equal(get_le64(f->bp.data + 0x70), 0);
	assert_int_equal(*at(f, joined(f->bp.data, 0x228, 0xc8), 1), 0);
}

static void test_header_longer_than_its_room(void **state)
{
	struct fixture *f = *state;
	uint8_t *page;

	f->kernel.setup_header.size = sizeof(f->header);
	build(f, "", (struct range){ 0, 0 });
	page = f->bp.data;
	assert_int_equal(page[0x28f], f->header[0x28f - 0x1f1]);
	assert_int_equal(page[0x290], 0);
	assert_int_equal(get_le64(page + 0x2d0), small_map[0].range.start);
}

static struct memory_entry *long_map(struct fixture *f, size_t count)
{
	struct memory_entry *map = arena_array(&f->ctx.arena, count, sizeof(*map));
	size_t i;

	for (i = 0; i < count; i++) {
		map[i].range.start = i * 0x200000 + 0x100000;
		map[i].range.end = map[i].range.start + 0x100000 + i * 0x1000;
		map[i].type = i % 2 ? MEMORY_PRAM : MEMORY_RAM;
	}
	f->machine.map.entry = map;
	f->machine.map.count = count;
	return map;
}

static void check_long_map(struct fixture *f, size_t count)
{
	struct memory_entry *map = long_map(f, count);
	size_t i, in_page = count < 128 ? count : 128;
	const uint8_t *rest;
	uint32_t length;
	int others;

	build(f, "x", (struct range){ 0, 0 });
	assert_int_equal(f->bp.data[0x1e8], in_page);
	for (i = 0; i < in_page; i++)
		check_record(f->bp.data + 0x2d0 + i * 20, &map[i], i % 2 ? 12 : 1);
	rest = node(f, 1, &length, &others);
	assert_int_equal(others, 1);
	assert_int_equal(!rest, count <= 128);
	if (!rest)
		return;
	assert_int_equal(length, (count - 128) * 20);
	for (i = 128; i < count; i++)
		check_record(rest + (i - 128) * 20, &map[i], i % 2 ? 12 : 1);
}

static void test_e820_overflows_into_setup_data(void **state)
{
	check_long_map(*state, 0);
	check_long_map(*state, 127);
	check_long_map(*state, 128);
	check_long_map(*state, 129);
	check_long_map(*state, 2000);
}

static void test_extended_memory(void **state)
{
	struct fixture *f = *state;
	struct memory_entry map[] = {
		{ { 0x400, 0x100000 }, MEMORY_RAM }, /* ends at 1 MiB: none of it */
		{ { 0x100000, 0x500400 }, MEMORY_RAM },
		{ { 0x600000, 0x700000 }, MEMORY_RAM }, /* not the first piece */
	};

	f->machine.map.entry = map;
	f->machine.map.count = 3;
	build(f, "", (struct range){ 0, 0 });
	assert_int_equal(get_le16(f->bp.data + 2), 4097);
	assert_int_equal(get_le32(f->bp.data + 0x1e0), 4097);

	map[1].range.end = 0x40000000000 + 0x100000; /* KiB beyond 32 bits */
	map[2] = map[1];
	f->machine.map.count = 2;
	build(f, "", (struct range){ 0, 0 });
	assert_int_equal(get_le16(f->bp.data + 2), 0xfc00);
	assert_int_equal(get_le32(f->bp.data + 0x1e0), 0xffffffff);
}

static struct efi_runtime_region regions[] = {
	{ 5, 0x7ea8a000, 0xfffffffeea68a000, 0x102, 0x800000000000000f },
	{ 6, 0xb0000000, 0xfffffffeda000000, 0x10000, 0x8000000000000001 },
};

static void set_efi(struct fixture *f)
{
	f->x86.efi_present = true;
	f->x86.efi_fw_vendor = 0x7f5ea018;
	f->x86.efi_runtime = 0xfffffffeefdeb018;
	f->x86.efi_config_table = 0x7f5eb018;
	f->x86.efi_smbios = 0x7f4f0000;
	f->x86.efi_map = regions;
	f->x86.efi_map_count = 2;
	memcpy(f->running + 0x1c0, "EL64", 4);
	put_le32(f->running + 0x1c8, 48);
	put_le32(f->running + 0x1cc, 1);
	f->kernel.takes_efi = true;
}

static void test_efi(void **state)
{
	struct fixture *f = *state;
	const uint8_t *setup, *info, *map;
	uint8_t zeros[64] = { 0 };
	uint32_t length;
	int others, i;

	set_efi(f);
	build(f, "x", (struct range){ 0, 0 });
	setup = node(f, 4, &length, &others);
	assert_non_null(setup);
	assert_int_equal(others, 1);
	assert_int_equal(length, 96);
	assert_int_equal(get_le64(setup), f->x86.efi_fw_vendor);
	assert_int_equal(get_le64(setup + 8), f->x86.efi_runtime);
	assert_int_equal(get_le64(setup + 16), f->x86.efi_config_table);
	assert_int_equal(get_le64(setup + 24), f->x86.efi_smbios);
	assert_memory_equal(setup + 32, zeros, 64);

	info = f->bp.data + 0x1c0;
	assert_memory_equal(info, "EL64", 4);
	assert_memory_equal(info + 4, f->running + 0x1c4, 4); /* system table, low */
	assert_memory_equal(info + 0x18, f->running + 0x1d8, 4); /* and high */
	assert_int_equal(get_le32(info + 8), 40);
	assert_int_equal(get_le32(info + 12), 1);
	assert_int_equal(get_le32(info + 0x14), 2 * 40);
	map = at(f, joined(info, 0x10, 0x1c), 2 * 40);
	for (i = 0; i < 2; i++, map += 40) {
		assert_int_equal(get_le32(map), regions[i].type);
		assert_int_equal(get_le32(map + 4), 0);
		assert_int_equal(get_le64(map + 8), regions[i].phys_addr);
		assert_int_equal(get_le64(map + 16), regions[i].virt_addr);
		assert_int_equal(get_le64(map + 24), regions[i].num_pages);
		assert_int_equal(get_le64(map + 32), regions[i].attribute);
	}
}

static void keep_line(void *data, const char *level, const char *text)
{
	(void)level;
	snprintf(data, 256, "%s", text);
}

static void check_no_efi(struct fixture *f, const char *why)
{
	uint8_t zeros[32] = { 0 };
	char said[256] = "";
	uint32_t length;
	int others;

	f->ctx.log = (struct log){ .line = keep_line, .data = said, .debug = true };
	build(f, "x", (struct range){ 0, 0 });
	assert_memory_equal(f->bp.data + 0x1c0, zeros, 32);
	assert_null(node(f, 4, &length, &others));
	if (why)
		assert_non_null(strstr(said, why));
}

static void test_efi_left_out(void **state)
{
	struct fixture *f = *state;

	set_efi(f);
	f->req.noefi = true;
	check_no_efi(f, "--noefi");
	f->req.noefi = false;
	f->kernel.takes_efi = false;
	check_no_efi(f, "xloadflags");
	f->kernel.takes_efi = true;
	memcpy(f->running + 0x1c0, "EL32", 4);
	check_no_efi(f, "64-bit");
	f->x86.efi_present = false;
	check_no_efi(f, NULL);
}

/* All three kinds at once, each once, in one block. */
static void test_all_nodes(void **state)
{
	struct fixture *f = *state;
	uint32_t type, length;
	int others;

	set_efi(f);
	long_map(f, 200);
	build(f, "an odd line", (struct range){ 0, 0 });
	for (type = 0; type < 16; type++) {
		bool wanted = type == 1 || type == 4 || type == 9;

		assert_int_equal(!!node(f, type, &length, &others), wanted);
		assert_int_equal(others, wanted ? 2 : 3);
	}
}

static void test_random_seed(void **state)
{
	struct fixture *f = *state;
	uint8_t zeros[32] = { 0 }, first[32];
	const uint8_t *seed;
	size_t size;
	uint32_t length;
	int others;

	build(f, "x", (struct range){ 0, 0 });
	size = f->bp.size;
	seed = node(f, 9, &length, &others);
	assert_non_null(seed);
	assert_int_equal(length, 32);
	assert_memory_equal(seed, zeros, 32);

	f->req.dry_run = false;
	build(f, "x", (struct range){ 0, 0 });
	assert_int_equal(f->bp.size, size);
	seed = node(f, 9, &length, &others);
	assert_non_null(seed);
	memcpy(first, seed, 32);
	assert_memory_not_equal(first, zeros, 32);
	build(f, "x", (struct range){ 0, 0 });
	assert_memory_not_equal(node(f, 9, &length, &others), first, 32);
}

static struct bytes captured(const struct tree *t)
{
	const struct machine_x86 *x86 = t->machine.arch;

	return x86->boot_params;
}

/*
 * The next kernel gets the firmware's values of a captured machine: the block built
 * from the tree is compared with the tree's own boot_params.
 */
static struct tree *build_captured(struct fixture *f, const char *name)
{
	struct tree *t = tree_fixture(name);
	struct load load;

	t->req.dry_run = true;
	assert_int_equal(tree_read(t, true), 0);
	load = (struct load){
		.req = &t->req, .arch = &arch_x86_64, .root = &t->root, .machine = t->machine
	};
	assert_int_equal(x86_look(&t->ctx, &load), 0);
	t->machine = f->machine = load.machine;
	f->kernel.setup_header = bytes_sub(captured(t), 0x1f1, HEADER_SIZE);
	f->kernel.takes_efi = true;
	build(f, "x", (struct range){ 0, 0 });
	return t;
}

static void check_captured_e820(const struct fixture *f, const uint8_t *running)
{
	const uint8_t *page = f->bp.data;

	assert_int_equal(page[0x1e8], running[0x1e8]);
	/* Only the real-mode interrupt table is kept out of the first range. */
	assert_int_equal(get_le64(page + 0x2d0), 0x400);
	assert_int_equal(get_le64(page + 0x2d8) + 0x400, get_le64(running + 0x2d8));
	assert_memory_equal(page + 0x2e0, running + 0x2e0, 20u * running[0x1e8] - 0x10);
}

static void test_captured_bios_machine(void **state)
{
	struct fixture *f = *state;
	struct tree *t = build_captured(f, "x86_64");
	const uint8_t *running = captured(t).data;
	const uint8_t *page = f->bp.data;

	check_captured_e820(f, running);
	assert_memory_equal(page, running, 0xc0);
	assert_memory_equal(page + 0xcc, running + 0xcc, 0x1e4 - 0xcc);
	assert_memory_equal(page + 0x1e8, running + 0x1e8, 0x210 - 0x1e8);
	assert_memory_equal(page + 0x22c, running + 0x22c, 0x250 - 0x22c);
	assert_memory_equal(page + 0x258, running + 0x258, 0x2d0 - 0x258);
	assert_memory_equal(page + 0xcd0, running + 0xcd0, 0x1000 - 0xcd0);
	tree_free(t);
}

static void test_captured_efi_machine(void **state)
{
	struct fixture *f = *state;
	struct tree *t = build_captured(f, "x86_64-efi");
	const uint8_t *running = captured(t).data;
	uint32_t length;
	int others;

	check_captured_e820(f, running);
	assert_int_equal(get_le64(f->bp.data + 0x70), 0x7f77d014);
	assert_int_equal(get_le32(f->bp.data + 0x1c4), 0x7f5eb018); /* EFI system table */
	assert_int_equal(get_le32(f->bp.data + 0x1c8), 40);
	assert_int_equal(get_le32(f->bp.data + 0x1d4), 6 * 40);
	assert_int_equal(get_le64(node(f, 4, &length, &others)), 0x7f52aa18);
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bare, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header_longer_than_its_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_e820_overflows_into_setup_data, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_extended_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_efi, setup, teardown),
		cmocka_unit_test_setup_teardown(test_efi_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_seed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_captured_bios_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(test_captured_efi_machine, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
