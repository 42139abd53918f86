/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/riscv64: the values that purgatory and the next kernel get, and whether a
 * refusal names the obstacle.  Images are made here, the machine is tests/fixtures/riscv64.
 * Where segments go is in tests/plan.
 */
#include "kexec/arch/riscv64/riscv64.h"
#include "kexec/arch/riscv64/riscv64_machine.h"
#include "make_riscv_image.h"
#include "tree_plan.h"

static const struct tree_expected expected = {
	.console = "console=ttyS0 earlycon=sbi ",
	.cmdline_size = 1023,
	.elfcorehdr = 0xbcbff000,
	.usable = { 0xacc00000, 0x10000000 },
	.two_reservations = "80000000-bfffffff : System RAM\n"
			    "  80202000-8206a337 : Kernel image\n"
			    "    80202000-80c76977 : Kernel code\n"
			    "  90000000-93ffffff : Crash kernel\n"
			    "  a0000000-afffffff : Crash kernel\n",
	.two_usable = { 0xa0000000, 0x10000000, 0x90000000, 0x4000000 },
};

static int setup(void **state)
{
	struct fixture *f = plan_fixture(&arch_riscv64);

	make_riscv_image(f->file);
	*state = f;
	return 0;
}

static void test_entry_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_riscv64_state *cpu = &f->plan.params.cpu.riscv64;

	planned(f);
	assert_int_equal(cpu->pc, f->plan.kernel_entry);
	assert_int_equal(cpu->a[1], segment(f, "dtb")->range.start);
	for (int i = 0; i < 4; i++)
		assert_true(i == 1 || !cpu->a[i]);
	assert_int_equal(f->plan.params.ticks_per_ms, 10000);
	assert_null(f->plan.purgatory.hash);
}

/* The running kernel looks for a tree from the first segment on. */
static void test_initrd_that_is_a_tree(void **state)
{
	static const char *const names[] = { "kernel", "dtb", "initrd" };
	struct fixture *f = *state;

	f->image.initrd = made_tree_bytes(&f->tree->ctx, make_devicetree(&f->tree->ctx, 2));
	planned(f);
	assert_int_equal(f->plan.segments, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(f->plan.segment[i].name, names[i]);
	assert_memory_equal(segment(f, "initrd")->bytes.data, f->image.initrd.data, 4);
	assert_int_equal(f->plan.params.cpu.riscv64.a[1], f->plan.segment[1].range.start);
}

/* The initrd stays in place, no segment goes there, and the tree names it in 8 bytes. */
static void test_kept_initrd(void **state)
{
	struct fixture *f = *state;
	struct request *req = &f->tree->req;
	struct range initrd;

	req->reuse_initrd = true;
	refused(f, -EINVAL, "current boot didn't retain the initrd");
	f->tree->machine.cmdline = "quiet retain_initrd";
	planned(f);
	initrd = f->load.kept_initrd;
	assert_true(initrd.start >= 0x80000000 && range_size(initrd) > 0x1000);
	assert_false(range_set_overlaps(&f->load.machine.ram, initrd));
	chosen_holds(f, "linux,initrd-start", &initrd.start, 1);
	chosen_holds(f, "linux,initrd-end", &initrd.end, 1);
	for (size_t i = 0; i < f->plan.segments; i++)
		assert_string_not_equal(f->plan.segment[i].name, "initrd");
	req->crash = true;
	assert_int_equal(tree_may_keep_initrd(&f->tree->ctx, &f->load, initrd), -EINVAL);
	req->initrd_count = 1;
	assert_int_equal(tree_may_keep_initrd(&f->tree->ctx, &f->load, initrd), -EINVAL);
	assert_contains(f->tree->ctx.err.what, "contradicts --initrd");
}

static void test_nothing_below_the_kernel(void **state)
{
	struct fixture *f = *state;
	static uint8_t initrd[0x10000];

	f->image.initrd = (struct bytes){ initrd, sizeof(initrd) };
	set_ram(f, (struct range){ 0x80001000, 0x801ff000 },
		(struct range){ 0x80200000, 0x80228000 });
	refused(f, -EADDRNOTAVAIL, "initrd above the kernel");
}

static void test_console(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_params *params = &f->plan.params;

	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_SBI);
	assert_lacks(f->tree->log, "warning");
	f->tree->req.console_serial = true;
	f->tree->req.serial = "ttyS0";
	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_8250_MMIO);
	assert_int_equal(params->serial_base, 0x10000000);
	f->tree->req.serial = "ttyS9";
	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_SBI);
	assert_contains(f->tree->log,
			"warning: purgatory will print on the firmware's console: there "
			"is no tty 'ttyS9'");
	f->tree->req.serial = NULL;
	planned(f);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_SBI);
	assert_lacks(f->tree->log, "warning");
}

/* --- CPUs in the tree --------------------------------------------------------- */

/* NULL: no such property.  A list's words are separated by spaces. */
struct cpu {
	const char *isa;
	const char *list;
};

static void add_cpu(void *fdt, int cpus, unsigned int number, const struct cpu *cpu)
{
	char name[16], list[256];
	int node, size;

	snprintf(name, sizeof(name), "cpu@%u", number);
	node = fdt_add_subnode(fdt, cpus, name);
	fdt_ok(fdt_setprop_string(fdt, node, "device_type", "cpu"));
	if (cpu->isa)
		fdt_ok(fdt_setprop(fdt, node, "riscv,isa", cpu->isa, (int)strlen(cpu->isa) + 1));
	if (!cpu->list)
		return;
	size = snprintf(list, sizeof(list), "%s", cpu->list) + 1;
	for (int i = 0; i < size; i++)
		list[i] = list[i] == ' ' ? '\0' : list[i];
	fdt_ok(fdt_setprop(fdt, node, "riscv,isa-extensions", list, size));
}

static void plan_with_cpus(struct fixture *f, const struct cpu *cpu, unsigned int count)
{
	void *fdt = make_devicetree(&f->tree->ctx, 2);
	int cpus = fdt_add_subnode(fdt, 0, "cpus");

	fdt_add_subnode(fdt, cpus, "cpu-map"); /* which is no CPU */
	fdt_ok(fdt_setprop_u32(fdt, cpus, "timebase-frequency", 1000000));
	for (unsigned int i = 0; i < count; i++)
		add_cpu(fdt, cpus, i, &cpu[i]);
	made_memory(fdt);
	f->image.dtb = made_tree_bytes(&f->tree->ctx, fdt);
	planned(f);
}

static void test_hash_instructions(void **state)
{
	static const struct {
		struct cpu cpu;
		bool hashes;
	} cases[] = {
		{ { "rv64imafdc", NULL }, false },
		{ { "rv64imafdc_zicsr_zknh", NULL }, true },
		{ { "rv64imafdczknh", NULL }, true },
		{ { "rv64imafdc_zknh_zksed", NULL }, true },
		{ { "rv64imafdc_zknh1p0_zksed", NULL }, true },
		{ { "RV64IMAFDC_ZKNH", NULL }, true },
		{ { "rv64imafdc_zkn", NULL }, true },
		{ { "rv64imafdc_zk", NULL }, true },
		{ { "rv64imafdc_zicsr_zknd_zkne_zks", NULL }, false },
		{ { "rv64imafdc_zkr_zvknha", NULL }, false },
		{ { "rv64imafdc_xzknh", NULL }, false },
		{ { "rv64imafdc_zknhx", NULL }, false },
		{ { "rv64imafdcsu_zknh", NULL }, true },
		{ { "rv64imafdc_", NULL }, false },
		{ { "zknh", NULL }, true },
		{ { "rv64", NULL }, false },
		{ { "", NULL }, false },
		{ { NULL, NULL }, false },
		{ { NULL, "i m a zicsr zknh" }, true },
		{ { NULL, "i zk" }, true },
		{ { NULL, "i zknhx zbb" }, false },
		{ { "rv64imafdc_zknh", "i m a" }, false },
		{ { "rv64imafdc", "i zknh" }, true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		plan_with_cpus(f, &cases[i].cpu, 1);
		if ((f->plan.purgatory.hash != NULL) != cases[i].hashes)
			fail_msg("'%s', list '%s'", cases[i].cpu.isa, cases[i].cpu.list);
		assert_int_equal(f->plan.params.flags & PURGATORY_CPU_HASHES,
				 cases[i].hashes ? PURGATORY_CPU_HASHES : 0);
	}
}

static void test_every_cpu_counts(void **state)
{
	static const struct cpu cpus[] = { { "rv64i_zknh", NULL },
					   { NULL, "i zknh" },
					   { "rv64i", NULL } };
	struct fixture *f = *state;
	void *fdt;

	plan_with_cpus(f, cpus, 2);
	assert_non_null(f->plan.purgatory.hash);
	assert_int_equal(f->plan.params.ticks_per_ms, 1000);
	plan_with_cpus(f, cpus, 3);
	assert_null(f->plan.purgatory.hash);
	plan_with_cpus(f, cpus, 0);
	assert_null(f->plan.purgatory.hash);
	/* No /cpus at all. */
	fdt = make_devicetree(&f->tree->ctx, 2);
	made_memory(fdt);
	f->image.dtb = made_tree_bytes(&f->tree->ctx, fdt);
	planned(f);
	assert_null(f->plan.purgatory.hash);
	assert_int_equal(f->plan.params.ticks_per_ms, 0);
}

/* --- image types --------------------------------------------------------------- */

#define BASE 0xffffffff80000000

/* The image in one segment whose physical address counts from 0. */
static void make_vmlinux(struct fixture *f, bool is64, enum byte_order order)
{
	struct made_elf *m = &f->elf;

	memset(m, 0, sizeof(*m));
	m->is64 = is64;
	m->order = order;
	made_ehdr(m, ET_EXEC, EM_RISCV);
	MADE_SET(m, 0, Ehdr, e_entry, BASE);
	memcpy(m->data + 0x1000, f->file, MADE_IMAGE_SIZE);
	made_phdr(m, 0, PT_LOAD, 0x1000, BASE, MADE_IMAGE_SIZE, MADE_IMAGE_SIZE);
	f->image.bytes = (struct bytes){ m->data, 0x1000 + MADE_IMAGE_SIZE };
}

static void test_vmlinux(void **state)
{
	struct fixture *f = *state;
	struct bytes kernel;

	make_vmlinux(f, true, ORDER_LE);
	planned(f);
	kernel = segment(f, "kernel")->bytes;
	assert_int_equal(kernel.size, MADE_IMAGE_SIZE);
	assert_memory_equal(kernel.data, f->file, MADE_IMAGE_SIZE);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, BASE + 4);
	refused(f, -ENOEXEC, "is not at an Image header of this arch");
	make_vmlinux(f, false, ORDER_LE);
	refused(f, -ENOEXEC, "a kernel of 32 bits, little endian");
	make_vmlinux(f, true, ORDER_BE);
	refused(f, -ENOEXEC, "machine 243, 64 bits, big endian");
}

static void test_file_check(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	uint64_t size = 0;

	assert_int_equal(riscv64_image_file_check(f->image.bytes, &size, &err), 0);
	assert_int_equal(size, 1023);
	f->file[0x18] = 1;
	assert_int_equal(riscv64_image_file_check(f->image.bytes, &size, &err), -ENOEXEC);
	size = 0;
	make_vmlinux(f, true, ORDER_LE);
	assert_int_equal(riscv64_vmlinux_file_check(f->image.bytes, &size, &err), 0);
	assert_int_equal(size, 1023);
	f->image.bytes.size--;
	assert_int_equal(riscv64_vmlinux_file_check(f->image.bytes, &size, &err), -ENOEXEC);
	make_vmlinux(f, false, ORDER_LE);
	assert_int_equal(riscv64_vmlinux_file_check(f->image.bytes, &size, &err), -ENOEXEC);
}

/* --- crash loads --------------------------------------------------------------- */

/* OpenSBI's memory is System RAM to a kernel whose tree lacks no-map. */
static void test_crash_hides_firmware(void **state)
{
	static const uint8_t reg[] = { 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0 };
	struct fixture *f = *state;
	struct tree *t = crash_machine(f, NULL);
	struct range_set dump;

	assert_int_equal(machine_read_riscv64(&t->ctx, &t->machine), 0);
	assert_int_equal(t->machine.hidden.count, 0);
	tree_put_bytes(t, "/proc/device-tree/reserved-memory/mmode_resv0@80000000/reg", reg,
		       sizeof(reg));
	tree_put_bytes(t, "/proc/device-tree/reserved-memory/other@81000000/reg", reg, sizeof(reg));
	assert_int_equal(machine_read_riscv64(&t->ctx, &t->machine), 0);
	assert_int_equal(t->machine.hidden.count, 1);
	dump = kdump_dump_ranges(&t->ctx, &t->machine);
	assert_int_equal(dump.range[0].start, 0x80080000);
}

/* Cells of 1 or 2 numbers; anything else hides nothing, and is no reason to refuse a load. */
static void test_crash_firmware_cells(void **state)
{
	static const uint8_t reg[] = { 0x80, 0, 0, 0, 0, 8, 0, 0 };
	static const uint8_t cells[][4] = { { 0, 0, 0, 1 }, { 0, 0, 0, 3 }, { 0, 0, 0, 0 } };
	struct fixture *f = *state;
	struct tree *t = crash_machine(f, NULL);

	tree_put_bytes(t, "/proc/device-tree/reserved-memory/mmode_resv0@80000000/reg", reg,
		       sizeof(reg));
	for (size_t i = 0; i < COUNT(cells); i++) {
		t->machine.hidden.count = 0;
		tree_put_bytes(t, "/proc/device-tree/reserved-memory/#address-cells", cells[i], 4);
		tree_put_bytes(t, "/proc/device-tree/reserved-memory/#size-cells", cells[0], 4);
		assert_int_equal(machine_read_riscv64(&t->ctx, &t->machine), 0);
		assert_int_equal(t->machine.hidden.count, i == 0);
	}
	t->machine.hidden.count = 0;
	tree_put_bytes(t, "/proc/device-tree/reserved-memory/#address-cells", cells[0], 4);
	assert_int_equal(machine_read_riscv64(&t->ctx, &t->machine), 0);
	assert_int_equal(t->machine.hidden.range[0].start, 0x80000000);
	assert_int_equal(t->machine.hidden.range[0].end, 0x80080000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TESTS,
		TREE_CRASH_TESTS,
		TEST(test_entry_state),
		TEST(test_initrd_that_is_a_tree),
		TEST(test_kept_initrd),
		TEST(test_nothing_below_the_kernel),
		TEST(test_console),
		TEST(test_hash_instructions),
		TEST(test_every_cpu_counts),
		TEST(test_vmlinux),
		TEST(test_file_check),
		TEST(test_crash_hides_firmware),
		TEST(test_crash_firmware_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
