/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/arm64: the values that purgatory and the next kernel get, and whether a
 * refusal names the obstacle.  Images are made here, the machine is tests/fixtures/arm64.
 * Where segments go is in tests/plan.
 */
#include "kexec/arch/arm64/arm64.h"
#include "make_arm64_image.h"
#include "tree_plan.h"

static const struct tree_expected expected = {
	.console = "console=ttyAMA0 ",
	.cmdline_size = 2047,
	.elfcorehdr = 0x7abf0000,
	.usable = { 0x6ac00000, 0x10000000 },
	.two_reservations = "40000000-7fffffff : System RAM\n"
			    "  40210000-4185ffff : Kernel code\n"
			    "  50000000-53ffffff : Crash kernel\n"
			    "  60000000-6fffffff : Crash kernel\n",
	.two_usable = { 0x60000000, 0x10000000, 0x50000000, 0x4000000 },
};

static int setup(void **state)
{
	struct fixture *f = plan_fixture(&arch_arm64);

	make_arm64_image(f->file);
	*state = f;
	return 0;
}

static void test_entry_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_arm64_state *cpu = &f->plan.params.cpu.arm64;

	planned(f);
	assert_int_equal(cpu->pc, f->plan.kernel_entry);
	assert_int_equal(cpu->x[0], segment(f, "dtb")->range.start);
	for (int i = 1; i < 4; i++)
		assert_int_equal(cpu->x[i], 0);
	assert_int_equal(cpu->psci, PURGATORY_PSCI_HVC);
	assert_non_null(f->plan.purgatory.hash);
}

static void test_no_firmware_that_resets(void **state)
{
	struct fixture *f = *state;
	struct tree *acpi = tree_empty();
	uint8_t fdt[256], fadt[276] = { 0 };

	assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
	made_memory(fdt);
	f->image.dtb = (struct bytes){ fdt, sizeof(fdt) };
	planned(f);
	assert_int_equal(f->plan.params.cpu.arm64.psci, PURGATORY_PSCI_NONE);
	assert_lacks(f->tree->log, "--on-corrupt");
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	planned(f);
	assert_contains(f->tree->log, "--on-corrupt=reboot will halt the machine");
	/* ACPI 6.0, PSCI by hvc */
	memcpy(fadt, "FACP", 4);
	fadt[8] = 6;
	fadt[129] = 3;
	tree_put_bytes(acpi, "/sys/firmware/acpi/tables/FACP", fadt, sizeof(fadt));
	f->tree->machine.root = &acpi->root;
	planned(f);
	assert_int_equal(f->plan.params.cpu.arm64.psci, PURGATORY_PSCI_HVC);
	assert_lacks(f->tree->log, "--on-corrupt");
	tree_free(acpi);
}

static void test_window_of_32_gib(void **state)
{
	struct fixture *f = *state;
	static uint8_t initrd[1 << 20];

	f->image.initrd = (struct bytes){ initrd, sizeof(initrd) };
	set_ram(f, (struct range){ GIB, GIB + 0x80000 },
		(struct range){ 33 * GIB - (1 << 20), 33 * GIB + (4 << 20) });
	planned(f);
	assert_int_equal(segment(f, "initrd")->range.end, 33 * GIB);
	set_ram(f, (struct range){ GIB, GIB + 0x80000 },
		(struct range){ 33 * GIB, 33 * GIB + (4 << 20) });
	refused(f, -EADDRNOTAVAIL, "initrd within 32 GiB of the kernel");
	/* Not below the kernel, which an old one would not see. */
	f->tree->req.mem_min = 0;
	set_ram(f, (struct range){ GIB + 0x10000, GIB + 0x1f0000 },
		(struct range){ GIB + 0x200000, GIB + 0x240000 });
	refused(f, -EADDRNOTAVAIL, "initrd above the kernel");
}

/* One that stays where it is, and the lowest place for a kernel that is near enough. */
static void test_window_of_a_kept_initrd(void **state)
{
	struct fixture *f = *state;
	struct range *initrd = &f->kept_initrd;

	set_ram(f, (struct range){ 2 * GIB, 2 * GIB + (8 << 20) },
		(struct range){ 40 * GIB, 41 * GIB });
	*initrd = (struct range){ 34 * GIB - 0x1000, 34 * GIB };
	planned(f);
	assert_int_equal(segment(f, "kernel")->range.start, 2 * GIB);
	chosen_holds(f, "linux,initrd-start", &initrd->start, 1);
	*initrd = (struct range){ 34 * GIB - 0x1000, 34 * GIB + 1 };
	planned(f);
	assert_int_equal(segment(f, "kernel")->range.start, 40 * GIB);
	*initrd = (struct range){ GIB, GIB + 0x1000 };
	planned(f);
	assert_int_equal(segment(f, "kernel")->range.start, 2 * GIB);
	f->tree->req.mem_min = 40 * GIB;
	refused(f, -EADDRNOTAVAIL, "kernel within 32 GiB of the initrd");
}

/* One that Linux before 4.6 need not see if it is far away. */
static void test_tree_of_old_kernels(void **state)
{
	struct fixture *f = *state;

	set_ram(f, (struct range){ GIB, 3 * GIB }, (struct range){ 4 * GIB, 5 * GIB });
	f->image.initrd = (struct bytes){ map_anonymous(&f->tree->ctx, GIB), GIB };
	planned(f);
	assert_int_equal(segment(f, "dtb")->range.start, 2 * GIB + 0x200000);
	put_le64(f->file + 0x18, 2);
	put_le64(f->file + 0x08, 0x80000);
	planned(f);
	assert_int_equal(segment(f, "dtb")->range.start, GIB + 0x200000);
	assert_int_equal(segment(f, "initrd")->range.start, GIB + 0x400000);
	/* 512 MiB from the base, and the next block */
	f->image.initrd.size = 0;
	set_ram(f, (struct range){ GIB, GIB + 0x100000 },
		(struct range){ GIB + GIB / 2 - 0x200000, 3 * GIB });
	planned(f);
	assert_in_range(segment(f, "dtb")->range.start, GIB + GIB / 2 - 0x200000, GIB + GIB / 2);
	set_ram(f, (struct range){ GIB, GIB + 0x100000 },
		(struct range){ GIB + GIB / 2 - 0x1f0000, 3 * GIB });
	refused(f, -EADDRNOTAVAIL, "device tree within 512 MiB of the kernel");
	put_le64(f->file + 0x18, 0xa);
	planned(f);
}

static void test_tree_needs_a_block(void **state)
{
	struct fixture *f = *state;

	set_ram(f, (struct range){ GIB, GIB + 0x100000 },
		(struct range){ GIB + 0x110000, GIB + 0x3f0000 });
	refused(f, -EADDRNOTAVAIL, "of 0x200000 bytes for the dtb");
}

static void test_image_dtb(void **state)
{
	struct fixture *f = *state;
	static uint8_t fdt[4096];
	int node;

	assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
	made_memory(fdt);
	assert_int_equal(fdt_setprop_string(fdt, 0, "compatible", "made,board"), 0);
	node = fdt_add_subnode(fdt, 0, "psci");
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", "arm,psci-0.2"), 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "method", "smc"), 0);
	f->image.dtb = (struct bytes){ fdt, sizeof(fdt) };
	planned(f);
	assert_int_equal(f->plan.params.cpu.arm64.psci, PURGATORY_PSCI_SMC);
	assert_contains(f->tree->log, "Image (.dtb) is the device tree of another board");
	f->image.dtb.size /= 2;
	refused(f, -ENOEXEC, "Image (.dtb)");
}

/* --- purgatory's serial port ------------------------------------------------ */

static void expect_serial(struct fixture *f, uint32_t kind, uint64_t base, uint32_t shift)
{
	planned(f);
	assert_int_equal(f->plan.params.serial_kind, kind);
	assert_int_equal(f->plan.params.serial_base, base);
	assert_int_equal(f->plan.params.serial_shift, shift);
	if (kind)
		assert_lacks(f->tree->log, "warning");
	else
		assert_contains(f->tree->log, "warning: purgatory will be silent");
}

static void test_serial_of_a_tty(void **state)
{
	struct fixture *f = *state;

	planned(f);
	assert_int_equal(f->plan.params.serial_kind, PURGATORY_SERIAL_NONE);
	assert_lacks(f->tree->log, "warning");
	f->tree->req.command_line = "quiet";
	f->tree->req.console_serial = true;
	f->tree->req.serial = "ttyAMA0";
	expect_serial(f, PURGATORY_SERIAL_PL011, 0x9000000, 0);
	f->tree->req.serial = "ttyS0";
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "ttyS0 has no registers in memory");
	f->tree->req.serial = "ttyAMA9";
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "there is no tty 'ttyAMA9'");
	f->tree->req.serial = "../../kernel";
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "is not the name of a tty");
}

static void test_serial_attributes(void **state)
{
	struct fixture *f = *state;
	struct tree *t = tree_empty();
	const char *path = f->tree->machine.root->path;

	/* The device tree and everything else stay the fixture's. */
	f->tree->req.dtb = arena_printf(&f->tree->ctx.arena, "%s/sys/firmware/fdt", path);
	f->tree->machine.root = &t->root;
	f->tree->req.console_serial = true;
	f->tree->req.serial = "ttyS3";
	f->tree->req.command_line = "";
	tree_put(t, "/sys/class/tty/ttyS3/iomem_base", "0x2094D0000\n");
	expect_serial(f, PURGATORY_SERIAL_8250_MMIO, 0x2094d0000, 0);
	tree_put(t, "/sys/class/tty/ttyS3/io_type", "3\n");
	expect_serial(f, PURGATORY_SERIAL_8250_MMIO, 0x2094d0000, 2);
	tree_put(t, "/sys/class/tty/ttyS3/iomem_reg_shift", "1\n");
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "cannot print on ttyS3: it supports registers of one byte");
	tree_put(t, "/sys/class/tty/ttyS3/io_type", "2\n");
	expect_serial(f, PURGATORY_SERIAL_8250_MMIO, 0x2094d0000, 1);
	tree_put(t, "/sys/class/tty/ttyS3/iomem_reg_shift", "2\n");
	tree_put(t, "/sys/class/tty/ttyS3/io_type", "6\n");
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "little-endian ones of 32 bits");
	tree_put(t, "/sys/class/tty/ttyS3/io_type", "0\n");
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	tree_put(t, "/sys/class/tty/ttyS3/io_type", "3\n");
	tree_put(t, "/sys/class/tty/ttyS3/iomem_base", "0x2094D0002\n");
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "ttyS3 has no registers in memory");
	tree_put(t, "/sys/class/tty/ttymxc0/iomem_base", "0x1000\n");
	f->tree->req.serial = "ttymxc0";
	expect_serial(f, PURGATORY_SERIAL_NONE, 0, 0);
	assert_contains(f->tree->log, "no driver for ttymxc0");
	tree_free(t);
}

static void test_serial_of_earlycon(void **state)
{
	static const struct {
		const char *line;
		uint32_t kind;
		uint64_t base;
		uint32_t shift;
	} cases[] = {
		{ "earlycon=pl011,0x9000000", PURGATORY_SERIAL_PL011, 0x9000000, 0 },
		{ "a earlycon=pl011,mmio32,0x9000000,115200n8 b", PURGATORY_SERIAL_PL011, 0x9000000,
		  0 },
		{ "earlycon=uart8250,mmio,0x2094d0000", PURGATORY_SERIAL_8250_MMIO, 0x2094d0000,
		  0 },
		{ "earlycon=uart8250,mmio32,0xfe215040,115200", PURGATORY_SERIAL_8250_MMIO,
		  0xfe215040, 2 },
		{ "earlycon=uart,mmio,0x1000", PURGATORY_SERIAL_8250_MMIO, 0x1000, 0 },
		{ "earlycon=uart,mmio32,0x1000", PURGATORY_SERIAL_8250_MMIO, 0x1000, 2 },
		{ "earlycon=uart8250,0xfe215041,9600", PURGATORY_SERIAL_8250_MMIO, 0xfe215041, 0 },
		{ "earlycon=uart,0x1000", PURGATORY_SERIAL_8250_MMIO, 0x1000, 0 },
		{ "earlycon earlycon=pl011,0x1000", PURGATORY_SERIAL_PL011, 0x1000, 0 },
		{ "earlycon", PURGATORY_SERIAL_PL011, 0x9000000, 0 },
		{ "quiet earlycon= x", PURGATORY_SERIAL_PL011, 0x9000000, 0 },
		{ "quiet \rearlycon=sbi\v\fearlycon=pl011,0x1000", PURGATORY_SERIAL_PL011, 0x1000,
		  0 },
		{ "earlycon=sbi earlycon", PURGATORY_SERIAL_PL011, 0x9000000, 0 },
		{ "earlyconx noearlycon", 0, 0, 0 },
		{ "quiet -- earlycon", 0, 0, 0 },
		{ "earlycon=sbi earlycon=pl011,0x1000", PURGATORY_SERIAL_PL011, 0x1000, 0 },
		{ "earlycon=pl011,", 0, 0, 0 },
		{ "earlycon=pl011,0x", 0, 0, 0 },
		{ "earlycon=pl011,0", 0, 0, 0 },
		{ "earlycon=pl011,0x9000001", 0, 0, 0 },
		{ "earlycon=uart8250,mmio32,0xfe215042", 0, 0, 0 },
		{ "earlycon=uart8250,mmio,0xfe215041", PURGATORY_SERIAL_8250_MMIO, 0xfe215041, 0 },
		{ "earlycon=pl011,0xffffffffffffffff", 0, 0, 0 },
		{ "earlycon=uart8250,mmio,0x10000000000000", 0, 0, 0 },
		{ "earlycon=uart8250,io,0x3f8", 0, 0, 0 },
		{ "earlycon=uart8250,mmio16,0x1000", 0, 0, 0 },
		{ "earlycon=uart8250,mmio32be,0x1000", 0, 0, 0 },
		{ "notearlycon=pl011,0x1000", 0, 0, 0 },
		{ "\"x earlycon=pl011,0x1000\"", 0, 0, 0 },
		{ "-- earlycon=pl011,0x1000", 0, 0, 0 },
	};
	struct fixture *f = *state;

	f->tree->req.console_serial = true;
	for (size_t i = 0; i < COUNT(cases); i++) {
		f->tree->req.command_line = cases[i].line;
		expect_serial(f, cases[i].kind, cases[i].base, cases[i].shift);
	}
	/* The tree's own line counts where no other is asked for. */
	f->tree->req.command_line = NULL;
	expect_serial(f, PURGATORY_SERIAL_PL011, 0x9000000, 0);
	/* Not the port that was asked for. */
	f->tree->req.serial = "ttyX";
	planned(f);
	assert_int_equal(f->plan.params.serial_kind, PURGATORY_SERIAL_PL011);
	assert_contains(f->tree->log,
			"warning: purgatory will use earlycon's port: there is no tty 'ttyX'");
}

/* --- image types ------------------------------------------------------------ */

static void test_file_check(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	uint64_t size = 0;

	assert_int_equal(arm64_image_file_check(f->image.bytes, &size, &err), 0);
	assert_int_equal(size, 2047);
	put_le64(f->file + 0x10, 0);
	assert_int_equal(arm64_image_file_check(f->image.bytes, &size, &err), -EOPNOTSUPP);
	assert_contains(err.hint, "-c");
}

#define BASE 0xffff800008000000

/* The image in two segments with a gap of 0x200 bytes, which holds noise in the file. */
static void make_vmlinux(struct fixture *f)
{
	struct made_elf *m = &f->elf;

	memset(m, 0, sizeof(*m));
	m->is64 = true;
	made_ehdr(m, ET_DYN, EM_AARCH64);
	MADE_SET(m, 0, Ehdr, e_entry, BASE);
	memset(m->data + 0x1000, 0xee, 0x2000);
	memcpy(m->data + 0x1000, f->file, MADE_IMAGE_SIZE);
	made_phdr(m, 0, PT_LOAD, 0x1000, BASE, 0x200, 0x200);
	made_phdr(m, 1, PT_LOAD, 0x1400, BASE + 0x400, 0x100, 0x1000);
	made_phdr(m, 2, PT_NOTE, 0x1000, 0, 0x20, 0x20);
	f->image.bytes = (struct bytes){ m->data, 0x3000 };
}

static void test_vmlinux_becomes_an_image(void **state)
{
	static const uint8_t zeros[0x200];
	struct fixture *f = *state;
	struct bytes kernel;

	make_vmlinux(f);
	planned(f);
	kernel = segment(f, "kernel")->bytes;
	assert_int_equal(kernel.size, 0x500);
	assert_memory_equal(kernel.data, f->file, 0x200);
	assert_memory_equal(kernel.data + 0x200, zeros, 0x200);
	assert_int_equal(kernel.data[0x400], 0xee);
	/* Something in front of the header is not part of the image. */
	made_phdr(&f->elf, 0, PT_LOAD, 0xf00, BASE - 0x100, 0x300, 0x300);
	MADE_SET(&f->elf, 0, Ehdr, e_phnum, 3);
	planned(f);
	kernel = segment(f, "kernel")->bytes;
	assert_int_equal(kernel.size, 0x500);
	assert_memory_equal(kernel.data, f->file, 0x200);
}

static void test_vmlinux_refused(void **state)
{
	struct fixture *f = *state;

	make_vmlinux(f);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, BASE + 8);
	refused(f, -ENOEXEC, "is not at an Image header of this arch");
	MADE_SET(&f->elf, 0, Ehdr, e_entry, BASE + 0x500);
	refused(f, -ENOEXEC, "is in no loadable segment");
	MADE_SET(&f->elf, 0, Ehdr, e_entry, BASE - 1);
	refused(f, -ENOEXEC, "is in no loadable segment");
	make_vmlinux(f);
	made_phdr(&f->elf, 1, PT_LOAD, 0x1400, BASE + GIB, 0x100, 0x100);
	refused(f, -ENOEXEC, "too far apart");
	made_phdr(&f->elf, 1, PT_LOAD, 0x1400, UINT64_MAX - 0x80, 0x100, 0x100);
	refused(f, -ENOEXEC, "leave the address space");
	made_phdr(&f->elf, 1, PT_LOAD, 0x2ff0, BASE + 0x400, 0x100, 0x100);
	refused(f, -ENOEXEC, "");
	make_vmlinux(f);
	MADE_SET(&f->elf, 0, Ehdr, e_phnum, 0);
	refused(f, -ENOEXEC, "no loadable segment");
}

/* --- crash loads ------------------------------------------------------------ */

static void test_crash_hotplug(void **state)
{
	struct fixture *f = *state;

	crash_machine(f, NULL);
	f->tree->req.hotplug = true;
	refused(f, -ENOTSUP, "CONFIG_CRASH_HOTPLUG");
	tree_put(f->tree, "/sys/kernel/crash_elfcorehdr_size", "100000\n");
	planned(f);
	assert_int_equal(f->plan.kexec_flags, KEXEC_ON_CRASH | KEXEC_CRASH_HOTPLUG_SUPPORT);
	assert_false(segment(f, "elfcorehdr")->sealed);
	chosen_holds(f, "linux,elfcorehdr",
		     (const uint64_t[]){ segment(f, "elfcorehdr")->range.start, 100000 }, 2);
}

static void test_stdout(void **state)
{
	stdout_is(*state, PURGATORY_SERIAL_PL011, 0x9000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TESTS,
		TREE_CRASH_TESTS,
		TEST(test_entry_state),
		TEST(test_stdout),
		TEST(test_no_firmware_that_resets),
		TEST(test_window_of_32_gib),
		TEST(test_window_of_a_kept_initrd),
		TEST(test_tree_of_old_kernels),
		TEST(test_tree_needs_a_block),
		TEST(test_image_dtb),
		TEST(test_serial_of_a_tty),
		TEST(test_serial_attributes),
		TEST(test_serial_of_earlycon),
		TEST(test_file_check),
		TEST(test_vmlinux_becomes_an_image),
		TEST(test_vmlinux_refused),
		TEST(test_crash_hotplug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
