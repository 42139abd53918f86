/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_test: its report of tables that are damaged or end too early, and the words of its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec_test.h"

static char seen[65536];
static size_t seen_size;
static uint8_t block[8192];

void console_write(char c)
{
	assert_true(seen_size + 1 < sizeof(seen));
	seen[seen_size++] = c;
	seen[seen_size] = '\0';
}

static void start(void)
{
	memset(block, 0, sizeof(block));
	memory = block;
	memory_size = sizeof(block);
	seen_size = 0;
	seen[0] = '\0';
	ending = END_HALT;
}

static void put32(size_t at, uint32_t value)
{
	memcpy(block + at, &value, sizeof(value));
}

static void put64(size_t at, uint64_t value)
{
	memcpy(block + at, &value, sizeof(value));
}

static void expect_line(const char *line)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	if (!strncmp(seen, wanted + 1, strlen(wanted + 1)) || strstr(seen, wanted))
		return;
	fail_msg("no line '%s' in:\n%s", line, seen);
}

static void test_command_line(void **state)
{
	static const struct {
		const char *line;
		enum ending ending;
	} rows[] = {
		{ "kexec_test.end=reset", END_RESET },
		{ "quiet kexec_test.end=exit ro", END_EXIT },
		{ "kexec_test.end=halt", END_HALT },
		{ "kexec_test.end=exits", END_HALT },
		{ "xkexec_test.end=exit", END_HALT },
		{ "kexec_test.end=", END_HALT },
		{ "", END_HALT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start();
		strcpy((char *)block, rows[i].line);
		print_command_line(PLACE);
		assert_int_equal(ending, rows[i].ending);
	}
	start();
	memcpy(block, "a\tb\xff", 5);
	print_command_line(PLACE);
	expect_line("command line at 0x100000: a\\x09b\\xff");
}

/* A string without an end stops at the end of memory. */
static void test_endless_string(void **state)
{
	(void)state;
	start();
	memset(block + 4096, 'x', 4096);
	print_command_line(PLACE + 4096);
	assert_non_null(strstr(seen, "cannot be read\n"));
	assert_int_equal(strspn(strchr(seen, 'x') + 8, "x"), 0);
}

static void test_setup_data(void **state)
{
	(void)state;
	start();
	memcpy(block + HDR_MAGIC, "HdrS", 4);
	put64(HDR_SETUP_DATA, PLACE + 4096);
	put64(4096, PLACE + 4096); /* the next one is itself */
	put32(4096 + SETUP_DATA_TYPE, 2);
	assert_true(print_boot_params(PLACE));
	expect_line("setup_data at 0x101000: 0x0 bytes, after 64 others: not followed");

	start();
	memcpy(block + HDR_MAGIC, "HdrS", 4);
	put64(HDR_SETUP_DATA, HIGH_PLACE + 4096);
	put32(4096 + SETUP_DATA_TYPE, 1);
	put32(4096 + SETUP_DATA_LENGTH, 20);
	put64(4096 + 16, 0x1000);
	put64(4096 + 24, 0x2000);
	put32(4096 + 32, 3);
	assert_true(print_boot_params(PLACE));
	expect_line("memory: 0000000000001000-0000000000002fff type 3");
}

static void test_boot_params(void **state)
{
	(void)state;
	start();
	assert_false(print_boot_params(PLACE));
	memcpy(block + HDR_MAGIC, "HdrS", 4);
	block[BP_E820_ENTRIES] = 255; /* more than the page has room for */
	put32(HDR_RAMDISK_IMAGE, PLACE);
	put32(HDR_RAMDISK_SIZE, 3);
	assert_true(print_boot_params(PLACE));
	expect_line("e820: 255 records");
	expect_line("initrd: 0000000000100000-0000000000100002 sha256 "
		    "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c");
	assert_false(print_boot_params(PLACE + sizeof(block) - 1000));
}

static void test_multiboot(void **state)
{
	(void)state;
	start();
	put32(0, HAS_MODULES | HAS_MMAP);
	put32(20, 3);
	put32(24, PLACE + 8192 - 16); /* room for one */
	put32(44, 48);
	put32(48, PLACE + 4096);
	put32(4096, 19);
	print_multiboot(PLACE);
	expect_line("modules: 3 at 0x101ff0");
	expect_line("cannot be read");
	expect_line("an entry of 19 bytes");
}

static void test_multiboot2(void **state)
{
	static const struct {
		uint32_t total, type, size;
		const char *line;
	} rows[] = {
		{ 16, 0, 8, "tag 0: 8 bytes" },		  { 16, 4, 0, "impossible size" },
		{ 64, 4, 12, "impossible size" },	  { 64, 4, 57, "impossible size" },
		{ 64, 6, 0xffffffff, "impossible size" }, { 24, 9, 16, "no end tag" },
		{ 9000, 0, 8, "cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start();
		put32(0, rows[i].total);
		put32(8, rows[i].type);
		put32(12, rows[i].size);
		print_multiboot2(PLACE);
		expect_line(rows[i].line);
	}
}

static void test_boot_notes(void **state)
{
	(void)state;
	start();
	assert_false(print_boot_notes(PLACE));
	put32(0, NOTES_MAGIC);
	put32(4, 12);
	put32(8, 2 << 16);
	assert_true(print_boot_notes(PLACE));
	expect_line("boot notes at 0x100000: 12 bytes, 2 notes, checksum wrong");
	expect_line("2 notes do not fit");
	put32(4, 9000);
	seen_size = 0;
	assert_true(print_boot_notes(PLACE));
	assert_non_null(strstr(seen, "impossible size\n"));
}

static void test_pvh(void **state)
{
	(void)state;
	start();
	assert_false(print_pvh(PLACE));
	put32(0, PVH_MAGIC);
	put32(12, 5000);
	put64(16, PLACE + 8192 - 32);
	assert_true(print_pvh(PLACE));
	expect_line("modules: 5000 entries at 0x101fe0");
	expect_line("module: nothing at 0x0: ");
	expect_line("cannot be read");
}

static void test_descriptors(void **state)
{
	struct state cpu = {
		.mode = 32,
		.segment = { 0x18, 0x10, 0x18, 0x18, 0x1c, 0x20 },
		.gdt = { 0x1f, PLACE },
		.reg[RSP] = PLACE,
		.reg[RBX] = 0x89abcdef,
		.a20 = A20_MARK,
	};

	(void)state;
	start();
	put64(0x10, 0x00cf9b000000ffff);
	put64(0x18, 0x00cf93000000ffff);
	report(&cpu, PLACE, ENTRY_PVH, 0);
	expect_line("entered at 0x100000 in 32-bit mode for PVH");
	expect_line("eax: 00000000 ebx: 89ABCDEF ecx: 00000000 edx: 00000000");
	expect_line("es: 0018 cs: 0010 ss: 0018 ds: 0018 fs: 001c gs: 0020");
	expect_line("gdt: 0000001F 00100000");
	expect_line("descriptor 0010: 00cf9b000000ffff");
	expect_line("descriptor 0018: 00cf93000000ffff");
	expect_line("descriptor 001c: not in the gdt");
	expect_line("descriptor 0020: not in the gdt");
	expect_line("a20: on");
	expect_line("arguments: none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_line), cmocka_unit_test(test_endless_string),
		cmocka_unit_test(test_setup_data),   cmocka_unit_test(test_boot_params),
		cmocka_unit_test(test_multiboot),    cmocka_unit_test(test_multiboot2),
		cmocka_unit_test(test_boot_notes),   cmocka_unit_test(test_pvh),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
