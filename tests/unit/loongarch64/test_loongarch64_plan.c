/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/loongarch64: the values that purgatory and the next kernel get, the memory that each
 * segment may have, and whether a refusal names the obstacle.  tests/plan checks the rest.
 */
#include "tree_load.h"

#include "kexec/arch/loongarch64/loongarch64.h"
#include "kexec/core/kexec_flags.h"
#include "kexec/load.h"
#include "make_elf.h"
#include "make_loongarch64_image.h"

#define WINDOW 0x9000000000000000
#define BASE 0xe0000000ull /* of the reservation */
#define END 0xf0000000ull
#define MIB (1ull << 20)

struct fixture {
	struct tree *tree;
	uint8_t file[MADE_IMAGE_SIZE];
	struct image image;
	struct load load;
	struct plan plan;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->tree = tree_fixture("loongarch64");
	f->tree->req.mem_max = UINT64_MAX;
	make_loongarch64_image(f->file);
	f->image = (struct image){ .name = "vmlinux.efi", .bytes = { f->file, MADE_IMAGE_SIZE } };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tree_free(f->tree);
	free(f);
	return 0;
}

/* Another machine, with no files but these. */
static void use_machine(struct fixture *f, const char *iomem)
{
	struct tree *t = tree_empty();

	t->req = f->tree->req;
	tree_free(f->tree);
	f->tree = t;
	tree_put(t, "/proc/iomem", iomem);
}

static int make_plan(struct fixture *f)
{
	struct tree *t = f->tree;
	int ret = tree_read_from(t, &arch_loongarch64.memory);

	if (!ret)
		ret = tree_load(t, &arch_loongarch64, &f->image, &f->load);
	if (ret)
		return ret;
	f->plan = (struct plan){
		.arch = "loongarch64",
		.page_size = arch_loongarch64.page_size,
		.ram = f->load.machine.ram,
		.mem_min = t->req.mem_min,
		.mem_max = t->req.mem_max,
	};
	if (t->req.crash)
		kdump_bound(&t->ctx, &f->load, &f->plan);
	return f->load.type->plan(&t->ctx, &f->load, &f->plan);
}

static void planned(struct fixture *f)
{
	if (make_plan(f))
		fail_msg("%s", f->tree->ctx.err.what);
}

static void refused(struct fixture *f, int code, const char *words)
{
	const struct err *err = &f->tree->ctx.err;

	assert_int_equal(make_plan(f), code);
	if (!strstr(err->what, words) && !strstr(err->hint, words))
		fail_msg("'%s' is not in '%s' '%s'", words, err->what, err->hint);
}

static const struct segment *segment(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->plan.segments; i++)
		if (!strcmp(f->plan.segment[i].name, name))
			return &f->plan.segment[i];
	fail_msg("no segment %s", name);
	return NULL;
}

static void line_is(struct fixture *f, const char *line)
{
	const struct segment *s;

	planned(f);
	s = segment(f, "cmdline");
	assert_string_equal(f->plan.cmdline, line);
	assert_string_equal((const char *)s->bytes.data, line);
	assert_int_equal(s->bytes.size, 4096);
	assert_true(s->sealed);
}

static void test_names(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_uname("loongarch64"), &arch_loongarch64);
	assert_null(arch_by_uname("loongarch32"));
	assert_int_equal(arch_loongarch64.kexec_arch, 258);
}

static void test_entry_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_loongarch64_state *cpu = &f->plan.params.cpu.loongarch64;

	planned(f);
	assert_int_equal(f->plan.kernel_entry, MADE_LOAD + MADE_ENTRY);
	assert_int_equal(cpu->pc, WINDOW + MADE_LOAD + MADE_ENTRY);
	assert_int_equal(cpu->keep, 5);
	assert_int_equal(cpu->a[1], WINDOW + segment(f, "cmdline")->range.start);
	assert_int_equal(cpu->reset_address, 0);
	assert_int_equal(cpu->reset_size, 0);
	assert_int_equal(f->plan.params.flags, PURGATORY_VERIFY);
	assert_null(f->plan.purgatory.hash);
	assert_int_equal(segment(f, "kernel")->range.start, MADE_LOAD);
	assert_int_equal(segment(f, "kernel")->range.end, MADE_LOAD + MADE_IMAGE_MEMORY);
	assert_lacks(f->tree->log, "warning");
}

static void test_serial(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_params *params = &f->plan.params;

	f->tree->req.console_serial = true;
	f->tree->req.serial = "ttyS0";
	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_8250_MMIO);
	assert_int_equal(params->serial_base, 0x1fe001e0);
	f->tree->req.serial = NULL;
	f->tree->req.command_line = "earlycon=uart,mmio,0x1fe002e0";
	planned(f);
	assert_int_equal(params->serial_base, 0x1fe002e0);
	f->tree->req.command_line = "earlycon";
	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_NONE);
	assert_contains(f->tree->log, "purgatory will be silent");
}

static void put_fadt(struct fixture *f, uint32_t flags, uint8_t space, uint8_t width, uint64_t reg,
		     size_t size)
{
	uint8_t fadt[244] = { 0 };

	memcpy(fadt, "FACP", 4);
	put_le32(fadt + 112, flags);
	fadt[116] = space;
	fadt[117] = width;
	put_le64(fadt + 120, reg);
	fadt[128] = 0x42;
	tree_put_bytes(f->tree, "/sys/firmware/acpi/tables/FACP", fadt, size);
}

static void test_reset(void **state)
{
	static const struct {
		uint32_t flags;
		uint8_t space, width;
		uint64_t reg;
		size_t size;
	} without[] = {
		{ 0, 0, 8, 0x100e001c, 244 },
		{ 1 << 10, 1, 8, 0x100e001c, 244 }, /* an I/O port */
		{ 1 << 10, 0, 32, 0x100e001c, 244 },
		{ 1 << 10, 0, 8, 1ull << 48, 244 },
		{ 1 << 10, 0, 8, 0x100e001c, 128 },
	};
	struct fixture *f = *state;
	const struct purgatory_loongarch64_state *cpu = &f->plan.params.cpu.loongarch64;

	use_machine(f, "00000000-0fffffff : System RAM\n");
	tree_put(f->tree, "/sys/firmware/efi/systab", "");
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	put_fadt(f, 1 << 10, 0, 8, 0x100e001c, 244);
	planned(f);
	assert_int_equal(cpu->reset_address, 0x100e001c);
	assert_int_equal(cpu->reset_value, 0x42);
	assert_int_equal(cpu->reset_size, 1);
	assert_lacks(f->tree->log, "warning");
	for (size_t i = 0; i < COUNT(without); i++) {
		put_fadt(f, without[i].flags, without[i].space, without[i].width, without[i].reg,
			 without[i].size);
		planned(f);
		assert_int_equal(cpu->reset_address, 0);
		assert_contains(f->tree->log, "--on-corrupt=reboot will halt the machine");
	}
}

static void test_command_line(void **state)
{
	struct fixture *f = *state;
	char line[4096];

	line_is(f, "kexec initrd=0,0");
	f->tree->req.command_line = "quiet -- init";
	line_is(f, "kexec quiet initrd=0,0 -- init");
	/* The words of the running kernel's loader are not the next kernel's. */
	f->tree->req.command_line = "kexec a initrd=1,2 kexec_file mem=4G elfcorehdr=1K@2K "
				    "mem=1K@2K kexecs=1 -- initrd=3";
	line_is(f, "kexec a mem=4G kexecs=1 initrd=0,0 -- initrd=3");
	assert_contains(f->tree->log, "initrd= on the command line has no effect");
	f->tree->req.command_line = "a \"b  c\" initrd=x";
	line_is(f, "kexec a \"b  c\" initrd=0,0");
	f->tree->req.command_line = "initrd=x -- init";
	line_is(f, "kexec initrd=0,0 -- init");
	f->tree->req.command_line = "initrd=x";
	line_is(f, "kexec initrd=0,0");
	f->tree->req.command_line = "quiet";
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	snprintf(line, sizeof(line), "kexec quiet initrd=%llu,6",
		 (unsigned long long)segment(f, "initrd")->range.start);
	line_is(f, line);
	assert_string_equal(f->plan.segment[1].name, "cmdline");
}

/* The running kernel writes its words before the line, so that older words would count. */
static void test_file_command_line(void **state)
{
	struct fixture *f = *state;
	struct file_load files;

	f->tree->req.command_line = "a initrd=1,2 b";
	planned(f);
	assert_int_equal(load_files(&f->tree->ctx, &f->load, &files), 0);
	assert_string_equal(files.cmdline, "a b initrd=0,0");
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	assert_int_equal(load_files(&f->tree->ctx, &f->load, &files), 0);
	assert_string_equal(files.cmdline, "a b");
}

/* The longest line has 4095 characters, with all that kexec adds. */
static void test_long_command_line(void **state)
{
	struct fixture *f = *state;
	char line[4097];

	memset(line, 'x', sizeof(line));
	line[4096] = '\0';
	f->tree->req.command_line = line;
	refused(f, -E2BIG, "4096 characters, the kernel takes 4095");
	line[4079] = '\0';
	refused(f, -E2BIG,
		"it has 4096 characters with the 17 that kexec adds, the kernel takes 4095");
	line[4078] = '\0';
	planned(f);
	assert_int_equal(strlen(f->plan.cmdline), 4095);
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	refused(f, -E2BIG, "Command line overflow");
}

/* The kernel's memory is free for the next kernel alone, even if it is listed as reserved. */
static void test_own_memory(void **state)
{
	struct fixture *f = *state;
	struct range last;

	put_le64(f->file + 0x10, 0x5cc4000 - 0x200000);
	planned(f);
	assert_int_equal(segment(f, "kernel")->range.end, 0x5cd0000);
	for (size_t i = 0; i < f->plan.segments; i++) {
		last = f->plan.segment[i].range;
		assert_true(!i || last.start >= 0x5cd0000);
	}
	put_le64(f->file + 0x10, 0xa130000 - 0x200000);
	planned(f);
	put_le64(f->file + 0x10, 0xa140000 - 0x200000);
	refused(f, -EADDRNOTAVAIL, "not all of it is RAM");
	/* A small kernel: what the running one used stays reserved for the other segments. */
	put_le64(f->file + 0x10, MADE_IMAGE_MEMORY);
	planned(f);
	assert_true(segment(f, "cmdline")->range.start >= 0x220000);
	assert_false(range_set_contains(&f->plan.ram, (struct range){ 0x1c00000, 0x1c10000 }));
	assert_false(range_set_contains(&f->plan.ram, (struct range){ 0x100000, 0x110000 }));
}

static void test_low_memory(void **state)
{
	struct fixture *f = *state;

	/* Nothing here is reserved, but the running kernel writes to it. */
	use_machine(f, "00000000-0fffffff : System RAM\n");
	put_le64(f->file + 0x08, 0x100000);
	put_le64(f->file + 0x18, 0x100000);
	refused(f, -EADDRNOTAVAIL, "not all of it is RAM");
	assert_null(strstr(f->tree->log, "device tree"));
	tree_put(f->tree, "/sys/firmware/fdt", "tree");
	refused(f, -EADDRNOTAVAIL, "not all of it is RAM");
	assert_contains(f->tree->log, "a device tree instead of ACPI");
}

static void test_top_stays_free(void **state)
{
	struct fixture *f = *state;

	use_machine(f, "00000000-0fffffff : System RAM\n80000000-8fffffff : System RAM\n");
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	assert_int_equal(segment(f, "initrd")->range.end, 0x90000000 - MIB);
}

static void test_crash(void **state)
{
	struct fixture *f = *state;
	const struct segment *header, *initrd;
	char line[200];

	f->tree->req.crash = true;
	f->tree->req.command_line = "nr_cpus=1";
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	assert_int_equal(f->plan.kexec_flags, KEXEC_ON_CRASH);
	assert_int_equal(segment(f, "kernel")->range.start, BASE + MADE_LOAD);
	assert_int_equal(f->plan.kernel_entry, BASE + MADE_LOAD + MADE_ENTRY);
	assert_int_equal(f->plan.params.cpu.loongarch64.pc, WINDOW + BASE + MADE_LOAD + MADE_ENTRY);
	header = segment(f, "elfcorehdr");
	initrd = segment(f, "initrd");
	assert_int_equal(header->range.end, END - MIB);
	snprintf(line, sizeof(line),
		 "kexec nr_cpus=1 initrd=%llu,6 elfcorehdr=1K@%lluK mem=262144K@3670016K",
		 (unsigned long long)initrd->range.start,
		 (unsigned long long)header->range.start / 1024);
	line_is(f, line);
	assert_int_equal(header->bytes.size, 1024);
}

static void test_crash_two_reservations(void **state)
{
	struct fixture *f = *state;

	f->tree->req.crash = true;
	use_machine(f, "00000000-0fffffff : System RAM\n"
		       "  00200000-012fffff : Kernel code\n"
		       "  08000000-0bffffff : Crash kernel\n"
		       "80000000-9fffffff : System RAM\n"
		       "  90000000-97ffffff : Crash kernel\n");
	tree_put(f->tree, "/sys/devices/system/cpu/cpu0/crash_notes", "1000\n");
	planned(f);
	assert_contains(f->plan.cmdline, " mem=131072K@2359296K mem=65536K@131072K");
	assert_int_equal(segment(f, "kernel")->range.start, 0x90200000);
}

static void test_crash_refused(void **state)
{
	struct fixture *f = *state;

	f->tree->req.crash = true;
	put_le64(f->file + 0x10, END - BASE);
	refused(f, -EADDRNOTAVAIL, "Could not find a free area of memory");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_entry_state),
		TEST(test_serial),
		TEST(test_reset),
		TEST(test_command_line),
		TEST(test_file_command_line),
		TEST(test_long_command_line),
		TEST(test_own_memory),
		TEST(test_low_memory),
		TEST(test_top_stays_free),
		TEST(test_crash),
		TEST(test_crash_two_reservations),
		TEST(test_crash_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
