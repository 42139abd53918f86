/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/x86/x86_*.c: captured machines, and trees that lack or garble one
 * file each, which must cost that subject only and leave a sentence.
 */
#include "machine_tree.h"

#include "kexec/arch/arch.h"
#include "kexec/arch/x86/x86_machine.h"
#include "kexec/plan/plan.h"

static struct load load;
static const struct arch *running_arch = &arch_x86_64;

static int look(struct tree *t)
{
	int ret;

	load = (struct load){
		.req = &t->req, .arch = running_arch, .root = &t->root, .machine = t->machine
	};
	ret = x86_look(&t->ctx, &load);
	t->machine.arch = load.machine.arch;
	return ret;
}

static const struct machine_x86 *found(const struct tree *t)
{
	return t->machine.arch;
}

static const struct machine_x86 *read_x86(struct tree *t)
{
	tree_rewind(t);
	assert_int_equal(look(t), 0);
	assert_int_equal(t->ctx.err.code, 0);
	return found(t);
}

static const struct machine_x86 *read_fixture(struct tree *t)
{
	assert_int_equal(tree_read(t, true), 0);
	return read_x86(t);
}

static void test_bios_fixture(void **state)
{
	struct tree *t = tree_fixture("x86_64");
	const struct machine_x86 *x86 = read_fixture(t);

	(void)state;
	assert_int_equal(x86->boot_params.size, 4096);
	assert_false(x86->efi_present);
	assert_contains(t->log, "not started by EFI");
	assert_int_equal(x86->acpi_rsdp, 0xf59d0);
	assert_int_equal(x86->edd_count, 0);
	assert_int_equal(x86->edd_signature_count, 0);
	assert_int_equal(x86->screen_info[7], 80);
	assert_int_equal(x86->screen_info[0xe], 25);
	assert_false(x86->la57);
	assert_lacks(t->log, "warning");
	tree_free(t);
}

static void test_efi_fixture(void **state)
{
	static const struct efi_runtime_region want[] = {
		{ 0xb, 0xffc00000, 0xfffffffeffc00000, 0x400, 0x8000000000000001 },
		{ 6, 0x7feec000, 0xfffffffeffaec000, 0x84, 0x800000000000000f },
		{ 5, 0x7f5ec000, 0xfffffffeff1ec000, 0x100, 0x800000000000000f },
		{ 6, 0x7f4ec000, 0xfffffffeff0ec000, 0x100, 0x800000000000000f },
		{ 6, 0x7ea8a000, 0xfffffffefe68a000, 0x102, 0x800000000000000f },
		{ 4, 0x7d76f000, 0xfffffffefd36f000, 0x1, 0x800000000000000f },
	};
	struct tree *t = tree_fixture("x86_64-efi");
	const struct machine_x86 *x86 = read_fixture(t);

	(void)state;
	assert_true(x86->efi_present);
	assert_int_equal(x86->efi_fw_vendor, 0x7f52aa18);
	assert_int_equal(x86->efi_runtime, 0x7f5ebb98);
	assert_int_equal(x86->efi_config_table, 0x7f5ebc98);
	assert_int_equal(x86->efi_smbios, 0x7f520000);
	assert_int_equal(x86->efi_map_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(x86->efi_map[i].type, want[i].type);
		assert_int_equal(x86->efi_map[i].phys_addr, want[i].phys_addr);
		assert_int_equal(x86->efi_map[i].virt_addr, want[i].virt_addr);
		assert_int_equal(x86->efi_map[i].num_pages, want[i].num_pages);
		assert_int_equal(x86->efi_map[i].attribute, want[i].attribute);
	}
	/* boot_params have none here: systab knows. */
	assert_int_equal(x86->acpi_rsdp, 0x7f77d014);
	for (size_t i = 0; i < sizeof(x86->screen_info); i++)
		assert_int_equal(x86->screen_info[i], 0);
	assert_lacks(t->log, "warning");
	tree_free(t);
}

static void test_other_fixtures(void **state)
{
	static const struct {
		const char *name;
		uint64_t rsdp;
	} table[] = { { "x86_64-kdump", 0xf59d0 }, { "i386", 0xf59e0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = tree_fixture(table[i].name);
		const struct machine_x86 *x86 = read_fixture(t);

		assert_int_equal(x86->acpi_rsdp, table[i].rsdp);
		assert_int_equal(x86->screen_info[7], 80);
		assert_false(x86->efi_present);
		assert_lacks(t->log, "warning");
		tree_free(t);
	}
}

/* --- one file at a time --------------------------------------------------------- */

#define BOOT_PARAMS "/sys/kernel/boot_params/data"

/* boot_params of a machine that EFI started, with a framebuffer of EFI's. */
static void fill_boot_params(uint8_t bp[4096])
{
	memset(bp, 0, 4096);
	bp[0x07] = 80;
	bp[0x0f] = 0x70;
	put_le16(bp + 0x12, 1024);
	put_le32(bp + 0x18, 0xc0000000);
	put_le32(bp + 0x36, 2);
	put_le32(bp + 0x3a, 0x1);
	put_le64(bp + 0x70, 0x7f77d014);
	memcpy(bp + 0x1c0, "EL64", 4);
	put_le32(bp + 0x1c0 + 8, 48);
	put_le32(bp + 0x1c0 + 12, 1);
	put_le32(bp + 0x1c0 + 20, 0x1000);
}

static void put_region(struct tree *t, int number, const char *phys)
{
	static const char *const names[] = {
		"type", "phys_addr", "virt_addr", "num_pages", "attribute",
	};
	const char *values[] = { "0x6\n", phys, "0xfffffffe00000000\n", "0x2\n", "0xf\n" };
	char name[80];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(name, sizeof(name), "/sys/firmware/efi/runtime-map/%d/%s", number,
			 names[i]);
		tree_put(t, name, values[i]);
	}
}

static struct tree *efi_tree(void)
{
	struct tree *t = tree_empty();
	uint8_t bp[4096];

	fill_boot_params(bp);
	tree_put_bytes(t, BOOT_PARAMS, bp, sizeof(bp));
	tree_put(t, "/sys/firmware/efi/fw_vendor", "0x1000\n");
	tree_put(t, "/sys/firmware/efi/runtime", "0x2000\n");
	tree_put(t, "/sys/firmware/efi/config_table", "0x3000\n");
	tree_put(t, "/sys/firmware/efi/systab",
		 "ACPI20=0x5000\nACPI=0x6000\nSMBIOS3=0x1\n"
		 "SMBIOS=0x4000\n");
	put_region(t, 0, "0x10000\n");
	tree_put(t, "/proc/cpuinfo", "flags\t\t: fpu tsc\n");
	t->machine.root = &t->root;
	return t;
}

static void test_boot_params_files(void **state)
{
	struct tree *t = efi_tree();
	uint8_t bp[4096];

	(void)state;
	assert_true(read_x86(t)->efi_present);
	fill_boot_params(bp);
	tree_put_bytes(t, BOOT_PARAMS, bp, 4095);
	assert_int_equal(read_x86(t)->boot_params.size, 0);
	assert_false(found(t)->efi_present);
	assert_contains(t->log, "EFI is not passed on: the running kernel's boot_params");
	assert_contains(t->log, "warning: ");
	assert_contains(t->log, "found 4095 bytes, expected 4096");
	/* A text screen is the best guess, and systab still knows the RSDP. */
	assert_int_equal(found(t)->screen_info[0xf], 1);
	assert_int_equal(found(t)->acpi_rsdp, 0x5000);

	tree_put_bytes(t, "/sys/kernel/debug/boot_params/data", bp, sizeof(bp));
	assert_int_equal(read_x86(t)->boot_params.size, 4096);
	tree_delete(t, BOOT_PARAMS);
	assert_int_equal(read_x86(t)->boot_params.size, 4096);
	assert_true(found(t)->efi_present);
	assert_lacks(t->log, "warning");
	tree_delete(t, "/sys/kernel/debug/boot_params/data");
	assert_int_equal(read_x86(t)->boot_params.size, 0);
	assert_contains(t->log, "boot parameters of the running kernel cannot be read");
	tree_free(t);
}

/* --- tables of firmware ----------------------------------------------------------- */

#define RSDP_AT 0x1234

static void put_rsdp(struct tree *t, uint8_t revision, size_t size)
{
	uint8_t memory[RSDP_AT + 36] = { 0 }, *rsdp = memory + RSDP_AT;

	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	rsdp[20] = 36;
	for (size_t i = 0; i < 20; i++)
		rsdp[8] = (uint8_t)(rsdp[8] - (i == 8 ? 0 : rsdp[i]));
	for (size_t i = 0; i < 36; i++)
		rsdp[32] = (uint8_t)(rsdp[32] - (i == 32 ? 0 : rsdp[i]));
	tree_put_bytes(t, "/dev/mem", memory, RSDP_AT + size);
}

static bool on_efi;

static const struct machine_x86 *read_tables(struct tree *t, uint64_t acpi_rsdp)
{
	static struct machine_x86 x86;

	tree_rewind(t);
	x86 = (struct machine_x86){ .acpi_rsdp = acpi_rsdp, .efi_present = on_efi };
	x86_read_tables(&t->ctx, &t->root, &x86);
	assert_int_equal(t->ctx.err.code, 0);
	return &x86;
}

static void test_rsdp(void **state)
{
	static const struct {
		uint8_t revision;
		size_t file, size;
	} table[] = { { 0, 36, 20 }, { 0, 20, 20 }, { 2, 36, 36 }, { 2, 35, 20 }, { 2, 19, 0 } };
	struct tree *t = tree_empty();

	(void)state;
	assert_int_equal(read_tables(t, RSDP_AT)->rsdp.size, 0); /* no /dev/mem */
	assert_contains(t->log, "debug: no ACPI RSDP at 0x1234 of /dev/mem");
	assert_lacks(t->log, "warning");
	on_efi = true; /* where a kernel cannot search for the table */
	read_tables(t, RSDP_AT);
	on_efi = false;
	assert_contains(t->log, "/dev/mem (No such file or directory): the next kernel gets no ");
	for (size_t i = 0; i < COUNT(table); i++) {
		put_rsdp(t, table[i].revision, table[i].file);
		assert_int_equal(read_tables(t, RSDP_AT)->rsdp.size, table[i].size);
	}
	put_rsdp(t, 2, 36);
	assert_memory_equal(read_tables(t, RSDP_AT)->rsdp.data, "RSD PTR ", 8);
	assert_int_equal(read_tables(t, 0)->rsdp.size, 0);
	assert_int_equal(read_tables(t, RSDP_AT - 1)->rsdp.size, 0);
	assert_int_equal(read_tables(t, UINT64_MAX)->rsdp.size, 0);
	tree_free(t);
}

/* Both checksums count, the second only for a table that has it. */
static void test_rsdp_damage(void **state)
{
	struct tree *t = tree_empty();
	char path[300];

	(void)state;
	for (uint8_t revision = 0; revision <= 2; revision += 2)
		for (long byte = 0; byte < 36; byte++) {
			FILE *f;

			put_rsdp(t, revision, 36);
			snprintf(path, sizeof(path), "%s/dev/mem", t->path);
			f = fopen(path, "r+");
			assert_non_null(f);
			assert_int_equal(fseek(f, RSDP_AT + byte, SEEK_SET), 0);
			assert_int_equal(fputc(0x55, f), 0x55);
			fclose(f);
			assert_int_equal(read_tables(t, RSDP_AT)->rsdp.size,
					 revision || byte < 20 ? 0 : 20);
		}
	tree_free(t);
}

#define TABLES "/sys/firmware/dmi/tables/"

static void test_smbios(void **state)
{
	static const uint8_t old[31] = { '_', 'S', 'M', '_', 0, 31, 2, 8 };
	static const uint8_t new[24] = { '_', 'S', 'M', '3', '_', 0, 24, 3, 5 };
	static const uint8_t legacy[15] = { '_', 'D', 'M', 'I', '_' };
	struct tree *t = tree_empty();
	const struct machine_x86 *x86;

	(void)state;
	assert_int_equal(read_tables(t, 0)->smbios.size, 0);
	assert_lacks(t->log, "warning");
	tree_put(t, TABLES "DMI", "structures");
	tree_put_bytes(t, TABLES "smbios_entry_point", old, sizeof(old));
	x86 = read_tables(t, 0);
	assert_int_equal(x86->smbios.size, 10);
	assert_memory_equal(x86->smbios.data, "structures", 10);
	assert_int_equal(x86->smbios_version[0], 2);
	assert_int_equal(x86->smbios_version[1], 8);
	tree_put_bytes(t, TABLES "smbios_entry_point", new, sizeof(new));
	x86 = read_tables(t, 0);
	assert_int_equal(x86->smbios.size, 10);
	assert_int_equal(x86->smbios_version[0], 3);
	assert_int_equal(x86->smbios_version[1], 5);
	tree_put_bytes(t, TABLES "smbios_entry_point", new, 8);
	assert_int_equal(read_tables(t, 0)->smbios.size, 0);
	tree_put_bytes(t, TABLES "smbios_entry_point", old, 7);
	assert_int_equal(read_tables(t, 0)->smbios.size, 0);
	tree_put_bytes(t, TABLES "smbios_entry_point", legacy, sizeof(legacy));
	assert_int_equal(read_tables(t, 0)->smbios.size, 0);
	assert_contains(t->log, "debug: no version of SMBIOS");
	tree_free(t);
}

static void test_efi_info(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *why;
	} table[] = {
		{ 0x1c0, 0, "not started by EFI" },
		{ 0x1cc, 2, "efi memory descriptor version 2 is not supported!" },
		{ 0x1d4, 0, "no EFI memory map" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = efi_tree();
		uint8_t bp[4096];

		fill_boot_params(bp);
		put_le32(bp + table[i].offset, table[i].value);
		tree_put_bytes(t, BOOT_PARAMS, bp, sizeof(bp));
		assert_false(read_x86(t)->efi_present);
		assert_contains(t->log, table[i].why);
		tree_free(t);
	}
}

static void test_efi_files(void **state)
{
	static const struct {
		const char *name, *text, *why; /* text NULL: deleted */
	} table[] = {
		{ "fw_vendor", NULL, "fw_vendor: " },
		{ "runtime", "x\n", "runtime: expected a number" },
		{ "config_table", "", "config_table: expected a number" },
		{ "runtime-map/0/type", NULL, "runtime-map/0/type: " },
		{ "runtime-map/0/type", "0x100000000\n", "expected 32 bits" },
		{ "runtime-map/0/num_pages", "0x10000000000000\n", "pages below 2^64" },
		{ "runtime-map/0/phys_addr", "0xfffffffffffff000\n", "pages below 2^64" },
		{ "runtime-map/0/attribute", "0x\n", "attribute: expected a number" },
		{ "runtime-map/0", NULL, "runtime-map is empty" },
		{ "runtime-map", NULL, "Cannot open" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = efi_tree();
		char name[80];

		snprintf(name, sizeof(name), "/sys/firmware/efi/%s", table[i].name);
		if (table[i].text)
			tree_put(t, name, table[i].text);
		else
			tree_delete(t, name);
		assert_false(read_x86(t)->efi_present);
		assert_contains(t->log, table[i].why);
		assert_contains(t->log, "warning: EFI is not passed on");
		tree_free(t);
	}
}

static void test_runtime_map_order(void **state)
{
	struct tree *t = efi_tree();

	(void)state;
	for (int i = 0; i < 12; i++) {
		char phys[32];

		snprintf(phys, sizeof(phys), "0x%x\n", 0x10000 * i);
		put_region(t, i, phys);
	}
	assert_int_equal(read_x86(t)->efi_map_count, 12);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(found(t)->efi_map[i].phys_addr, 0x10000 * i);
	tree_free(t);
}

static void test_systab(void **state)
{
	static const struct {
		const char *text; /* NULL: deleted */
		uint64_t rsdp, smbios;
	} table[] = {
		{ "SMBIOS=0x4000\nACPI=0x6000\nACPI20=0x5000", 0x5000, 0x4000 },
		{ "ACPI=0x6000\n", 0x6000, 0 },
		{ "ACPI20=here\nACPI=0x6000\n", 0x6000, 0 },
		{ "XACPI=0x6000\nSMBIOS=\n", 0, 0 },
		{ "", 0, 0 },
		{ NULL, 0, 0 },
	};
	struct tree *t = efi_tree();
	uint8_t bp[4096];

	(void)state;
	fill_boot_params(bp);
	put_le64(bp + 0x70, 0);
	tree_put_bytes(t, BOOT_PARAMS, bp, sizeof(bp));
	for (size_t i = 0; i < COUNT(table); i++) {
		if (table[i].text)
			tree_put(t, "/sys/firmware/efi/systab", table[i].text);
		else
			tree_delete(t, "/sys/firmware/efi/systab");
		assert_true(read_x86(t)->efi_present);
		assert_int_equal(found(t)->acpi_rsdp, table[i].rsdp);
		assert_int_equal(found(t)->efi_smbios, table[i].smbios);
	}
	tree_free(t);
}

static void test_la57(void **state)
{
	static const struct {
		const char *cpuinfo, *cmdline;
		bool used;
	} table[] = {
		{ "flags\t\t: fpu la57 nx\n", "quiet", true },
		{ "flags\t\t: fpu la57\n", "quiet no5lvl", false },
		{ "flags\t\t: la57\n", "quiet no5lvlx", true },
		{ "flags\t\t: la57\n", NULL, true },
		{ "flags\t\t: la577 xla57\n", "quiet", false },
		{ "model name\t: la57\nflags\t\t: fpu\n", "quiet", false },
		{ NULL, "quiet", false },
	};
	struct tree *t = efi_tree();

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *text = table[i].cpuinfo ? table[i].cpuinfo : "";

		t->machine.cpuinfo = (struct bytes){ (const uint8_t *)text, strlen(text) };
		t->machine.cmdline = table[i].cmdline;
		assert_int_equal(read_x86(t)->la57, table[i].used);
		if (table[i].used)
			assert_contains(t->log, "5-level paging is assumed");
	}
	tree_free(t);
}

/* All that an engine of purgatory uses, or the next engine. */
static void test_hash_method(void **state)
{
	static const struct {
		const char *cpuinfo;
		const char *name;
		const struct arch *arch;
	} table[] = {
		{ "flags\t\t: ssse3 sse4_1 avx2 sha_ni\n", "SHA instructions, 2 streams",
		  &arch_x86_64 },
		{ "flags\t\t: sse4_1 sha_ni\n", NULL, &arch_x86_64 },
		{ "flags\t\t: ssse3 sha_ni\n", "SSSE3 instructions, 4 streams", &arch_x86_64 },
		{ "flags\t\t: ssse3 sse4_1\n", "SSSE3 instructions, 4 streams", &arch_x86_64 },
		{ "flags\t\t: ssse3 avx avx2\n", "AVX2 instructions, 8 streams", &arch_x86_64 },
		{ "flags\t\t: fpu avx2x ssse\n", NULL, &arch_x86_64 },
		{ "flags\t\t: ssse3 sse4_1 sha_ni\n", "SHA instructions, 2 streams", &arch_i386 },
		{ "flags\t\t: ssse3 avx avx2\n", "SSSE3 instructions, 4 streams", &arch_i386 },
	};
	const struct hash_method *hash;
	struct tree *t = efi_tree();

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		t->machine.cpuinfo = (struct bytes){ (const uint8_t *)table[i].cpuinfo,
						     strlen(table[i].cpuinfo) };
		running_arch = table[i].arch;
		hash = read_x86(t)->hash;
		if (table[i].name)
			assert_string_equal(hash->name, table[i].name);
		else
			assert_null(hash);
	}
	running_arch = &arch_x86_64;
	tree_free(t);
}

/* --- EDD -------------------------------------------------------------------------- */

#define EDD "/sys/firmware/edd/"

static struct tree *edd_tree(void)
{
	struct tree *t = efi_tree();
	uint8_t raw[74];

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(i + 1);
	put_le16(raw, 0x1e);
	tree_put(t, EDD "int13_dev80/mbr_signature", "0x12345678\n");
	tree_put(t, EDD "int13_dev80/version", "0x30\n");
	tree_put(t, EDD "int13_dev80/legacy_max_cylinder", "1023\n");
	tree_put(t, EDD "int13_dev80/legacy_max_head", "254\n");
	tree_put(t, EDD "int13_dev80/legacy_sectors_per_track", "63\n");
	tree_put(t, EDD "int13_dev80/extensions", "Fixed disk access\n64-bit extensions\n");
	tree_put_bytes(t, EDD "int13_dev80/raw_data", raw, sizeof(raw));
	/* Signature alone; and a record alone without geometry. */
	tree_put(t, EDD "int13_dev81/mbr_signature", "0x9abcdef0\n");
	tree_put(t, EDD "int13_dev82/version", "0x21\n");
	tree_put(t, EDD "int13_dev82/extensions", "");
	tree_put_bytes(t, EDD "int13_dev82/raw_data", raw, 0x1e);
	return t;
}

static void test_edd(void **state)
{
	static const uint8_t head80[] = { 0x80, 0x30, 9, 0, 0xff, 0x03, 254, 63, 0x1e, 0, 3 };
	static const uint8_t head82[] = { 0x82, 0x21, 0, 0, 0, 0, 0, 0, 0x1e, 0, 3 };
	struct tree *t = edd_tree();
	const struct machine_x86 *x86 = read_x86(t);

	(void)state;
	assert_int_equal(x86->edd_count, 2);
	assert_memory_equal(x86->edd[0], head80, sizeof(head80));
	assert_int_equal(x86->edd[0][81], 74);
	assert_memory_equal(x86->edd[1], head82, sizeof(head82));
	assert_int_equal(x86->edd[1][8 + 0x1d], 0x1e);
	assert_int_equal(x86->edd[1][8 + 0x1e], 0);
	assert_int_equal(x86->edd_signature_count, 2);
	assert_int_equal(x86->edd_signature[0], 0x12345678);
	assert_int_equal(x86->edd_signature[1], 0x9abcdef0);
	assert_lacks(t->log, "warning");
	tree_free(t);
}

static void test_edd_malformed(void **state)
{
	static const struct {
		const char *name, *text, *why;
	} table[] = {
		{ "int13_dev82/version", "new\n", "version: expected a number" },
		{ "int13_dev82/version", "0x100\n", "version: 256 is more than 255" },
		{ "int13_dev82/legacy_max_cylinder", "65536\n", "more than 65535" },
		{ "int13_dev82/legacy_max_head", "256\n", "more than 255" },
		{ "int13_dev82/mbr_signature", "0x100000000\n", "more than 4294967295" },
		{ "int13_dev82/mbr_signature", "", "mbr_signature: expected a number" },
		{ "int13_dev82/extensions", NULL, "Cannot open" },
		{ "int13_dev82/raw_data", NULL, "Cannot open" },
		{ "int13_dev82/raw_data", "", "found 0 bytes, expected 2 to 74" },
		{ "int13_dev82/raw_data", "\x1e", "found 1 bytes, expected 2 to 74" },
		{ "int13_dev82/raw_data", "\x1e\x01 too short", "found 12 bytes, expected 74" },
		{ "int13_dev8g/version", "0x30\n", "expected a name such as int13_dev80" },
		{ "int13_dev/version", "0x30\n", "expected a name such as int13_dev80" },
		{ "int13_dev182/version", "0x30\n", "expected a name such as int13_dev80" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = edd_tree();
		char name[80];

		snprintf(name, sizeof(name), EDD "%s", table[i].name);
		if (table[i].text)
			tree_put(t, name, table[i].text);
		else
			tree_delete(t, name);
		assert_int_equal(read_x86(t)->edd_count, 0);
		assert_int_equal(found(t)->edd_signature_count, 0);
		assert_int_equal(found(t)->edd_signature[0], 0);
		assert_int_equal(found(t)->edd[0][0], 0);
		assert_contains(t->log, "warning: The BIOS disk records are not passed on: ");
		assert_contains(t->log, table[i].why);
		tree_free(t);
	}
}

static void test_edd_many(void **state)
{
	struct tree *t = efi_tree();
	char name[80];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), EDD "int13_dev%x/mbr_signature", 0x80 + i);
		tree_put(t, name, "0x1\n");
		snprintf(name, sizeof(name), EDD "int13_dev%x/version", 0x80 + i);
		tree_put(t, name, "0x30\n");
		snprintf(name, sizeof(name), EDD "int13_dev%x/extensions", 0x80 + i);
		tree_put(t, name, "Enhanced Disk Drive support\n");
		snprintf(name, sizeof(name), EDD "int13_dev%x/raw_data", 0x80 + i);
		tree_put_bytes(t, name, "\2", 2);
	}
	tree_put(t, EDD "uevent", "");
	assert_int_equal(read_x86(t)->edd_count, EDD_MAX_DRIVES);
	assert_int_equal(found(t)->edd_signature_count, EDD_MAX_SIGNATURES);
	for (uint8_t i = 0; i < EDD_MAX_DRIVES; i++)
		assert_int_equal(found(t)->edd[i][0], 0x80 + i);
	assert_int_equal(found(t)->edd[0][2], 4);
	tree_free(t);
}

/* --- screen ----------------------------------------------------------------------- */

static void test_native_driver(void **state)
{
	/* The framebuffer of fill_boot_params() is at 0x1c0000000. */
	static const char bus[] = "180000000-1ffffffff : PCI Bus 0000:00\n"
				  "  1c0000000-1cfffffff : 0000:00:02.0\n";
	static const struct {
		const char *child, *fb;
		bool text;
	} table[] = {
		{ "", NULL, false },
		{ "", "0 EFI VGA\n", false },
		{ "", "0 simpledrmdrmfb\n1 other\n", false },
		{ "", "0 i915drmfb\n", true },
		{ "", "1 i915drmfb\n", false },
		{ "    1c0000000-1c0ffffff : BOOTFB\n", NULL, false },
		{ "    1c0000000-1c0ffffff : BOOTFB\n      1c0000000-1c0ffffff : simpledrm\n",
		  "0 simpledrmdrmfb\n", false },
		{ "    1c0000000-1c0ffffff : efifb\n", "0 EFI VGA\n", false },
		{ "    1c0000000-1cfffffff : bochs-drm\n", "0 bochs-drmdrmfb\n", true },
		{ "    1c0000000-1cfffffff : nvidia\n", NULL, true },
		{ "    1c1000000-1cfffffff : nvidia\n", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = efi_tree();
		char text[512];

		snprintf(text, sizeof(text), "%s%s", bus, table[i].child);
		assert_int_equal(iomem_parse(&t->ctx, "iomem",
					     (struct bytes){ (const uint8_t *)text, strlen(text) },
					     &t->machine.iomem),
				 0);
		if (table[i].fb)
			tree_put(t, "/proc/fb", table[i].fb);
		read_x86(t);
		assert_int_equal(found(t)->screen_info[0xf], table[i].text ? 1 : 0x70);
		assert_int_equal(get_le32(found(t)->screen_info + 0x18),
				 table[i].text ? 0 : 0xc0000000);
		if (table[i].text)
			assert_contains(t->log, "debug: screen: '");
		t->req.reuse_video_type = true;
		assert_int_equal(read_x86(t)->screen_info[0xf], 0x70);
		tree_free(t);
	}
}

/* A regular file is no framebuffer. */
static void test_framebuffer_file(void **state)
{
	struct tree *t = efi_tree();
	uint8_t bp[4096];

	(void)state;
	fill_boot_params(bp);
	tree_put(t, "/dev/fb0", "EFI VGA");
	read_x86(t);
	assert_memory_equal(found(t)->screen_info, bp, 64);
	tree_free(t);
}

static void test_framebuffer(void **state)
{
	static const struct framebuffer efi = {
		.id = "EFI VGA",
		.base = 0x4000000000,
		.size = 0x300001,
		.line_length = 4096,
		.width = 1024,
		.height = 768,
		.depth = 32,
		.color = { { 8, 16 }, { 8, 8 }, { 8, 0 }, { 8, 24 } },
	};
	static const uint8_t colors[] = { 8, 16, 8, 8, 8, 0, 8, 24 };
	struct framebuffer fb = efi;
	uint8_t screen[64] = { 0 }, before[64];

	(void)state;
	put_le16(screen + 0x2e, 0xc000);
	screen[0x36] = 1;
	memcpy(before, screen, sizeof(before));
	strcpy(fb.id, "i915drmfb");
	assert_false(x86_screen_from_framebuffer(&fb, screen));
	fb = efi;
	fb.width = 65536;
	assert_false(x86_screen_from_framebuffer(&fb, screen));
	assert_memory_equal(screen, before, sizeof(before));

	assert_true(x86_screen_from_framebuffer(&efi, screen));
	assert_int_equal(screen[0xf], 0x70);
	assert_int_equal(get_le16(screen + 0x12), 1024);
	assert_int_equal(get_le16(screen + 0x14), 768);
	assert_int_equal(get_le16(screen + 0x16), 32);
	assert_int_equal(get_le32(screen + 0x18), 0);
	assert_int_equal(get_le32(screen + 0x1c), 0x300001);
	assert_int_equal(get_le16(screen + 0x24), 4096);
	assert_memory_equal(screen + 0x26, colors, sizeof(colors));
	assert_int_equal(get_le16(screen + 0x2e), 0);
	assert_int_equal(get_le32(screen + 0x36), 3);
	assert_int_equal(get_le32(screen + 0x3a), 0x40);

	fb = efi;
	strcpy(fb.id, "VESA VGA");
	fb.base = 0xe0000000;
	fb.depth = 8;
	memset(fb.color, 6, sizeof(fb.color));
	assert_true(x86_screen_from_framebuffer(&fb, screen));
	assert_int_equal(screen[0xf], 0x23);
	assert_int_equal(get_le32(screen + 0x18), 0xe0000000);
	assert_int_equal(get_le32(screen + 0x1c), 0x31);
	assert_memory_equal(screen + 0x26, colors, sizeof(colors));
	assert_int_equal(get_le32(screen + 0x36), 1);
	assert_int_equal(get_le32(screen + 0x3a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bios_fixture),
		cmocka_unit_test(test_efi_fixture),
		cmocka_unit_test(test_other_fixtures),
		cmocka_unit_test(test_boot_params_files),
		cmocka_unit_test(test_efi_info),
		cmocka_unit_test(test_efi_files),
		cmocka_unit_test(test_runtime_map_order),
		cmocka_unit_test(test_systab),
		cmocka_unit_test(test_la57),
		cmocka_unit_test(test_hash_method),
		cmocka_unit_test(test_edd),
		cmocka_unit_test(test_edd_malformed),
		cmocka_unit_test(test_edd_many),
		cmocka_unit_test(test_native_driver),
		cmocka_unit_test(test_framebuffer_file),
		cmocka_unit_test(test_framebuffer),
		cmocka_unit_test(test_rsdp),
		cmocka_unit_test(test_rsdp_damage),
		cmocka_unit_test(test_smbios),
	};

	return cmocka_run_group_tests_name("x86_machine", tests, NULL, NULL);
}
