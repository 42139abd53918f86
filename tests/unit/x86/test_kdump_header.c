/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/kdump/{elfcorehdr,place,ranges}.c against a header that is known to work:
 * tests/fixtures/x86_64-elfcorehdr holds the inputs of one machine and the bytes.
 */
#include <elf.h>

#include "kexec/elf/elf_file.h"
#include "kexec/arch/arch.h"
#include "kexec/core/kexec_flags.h"
#include "kexec/kdump/kdump.h"
#include "example.h"
#include "machine_tree.h"
#include "make_elf.h"

#define GIB 0x40000000ull

/* The values that the fixture's machine ran with. */
#define TEXT_VIRT 0xffffffff96a00000
#define TEXT_PHYS 0xbc00000
#define TEXT_SIZE 0x2830000
#define LINEAR 0xffff8f54c0000000

static void made_kcore_load(struct made_elf *m, unsigned int index, uint64_t vaddr, uint64_t paddr,
			    uint64_t size)
{
	made_phdr(m, index, PT_LOAD, 0, vaddr, size, size);
	MADE_SET(m, made_phdr_offset(m, index), Phdr, p_paddr, paddr);
	m->size = made_phdr_offset(m, index + 1);
}

/* /proc/kcore was not captured with the rest; segments as Linux 6.1 orders them. */
static void fill_kcore(struct made_elf *m)
{
	*m = (struct made_elf){ .is64 = true };
	made_ehdr(m, ET_CORE, EM_X86_64);
	made_phdr(m, 0, PT_NOTE, 0, 0, 0, 0);
	made_kcore_load(m, 1, TEXT_VIRT, TEXT_PHYS, TEXT_SIZE);
	made_kcore_load(m, 2, 0xffffa5c000000000, UINT64_MAX, 0x1fffffffffff);
	made_kcore_load(m, 3, 0xffffffffc0000000, UINT64_MAX, 0x3f000000);
	made_kcore_load(m, 4, LINEAR + 0x1000, 0x1000, 0x9e000);
	made_kcore_load(m, 5, LINEAR + 0x100000, 0x100000, 0x7fee0000);
}

struct header_test {
	struct tree *tree;
	struct machine_crash crash;
	const char *elfcorehdr_size;
	struct made_elf kcore;
	struct plan plan;
	struct kdump kdump;
};

static struct header_test *load_fixture(void)
{
	struct header_test *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->tree = tree_fixture("x86_64-elfcorehdr");
	l->tree->req.crash = true;
	assert_int_equal(tree_read(l->tree, false), 0);
	assert_int_equal(machine_read_crash(&l->tree->ctx, &l->tree->machine, &l->crash), 0);
	fill_kcore(&l->kcore);
	l->crash.kcore = (struct bytes){ l->kcore.data, l->kcore.size };
	l->plan.page_size = 4096;
	l->plan.mem_max = UINT64_MAX;
	l->plan.ram = l->tree->machine.ram;
	return l;
}

static void load_free(struct header_test *l)
{
	tree_free(l->tree);
	free(l);
}

static int place_as(struct header_test *l, const struct kdump_arch *arch)
{
	struct tree *t = l->tree;
	struct load load = {
		.req = &t->req,
		.root = &t->root,
		.machine = t->machine,
		.crash = &l->crash,
		.elfcorehdr_size = l->elfcorehdr_size,
		.file_call_left = true,
	};
	int ret = kdump_reservation(&t->ctx, &load.machine, &load.reservation);

	if (ret)
		return ret;
	kdump_bound(&t->ctx, &load, &l->plan);
	return kdump_place(&t->ctx, &load, arch, &l->plan, &l->kdump);
}

static int place(struct header_test *l)
{
	return place_as(l, arch_x86_64.kdump);
}

static struct bytes expected_header(struct header_test *l)
{
	struct bytes expected;

	assert_int_equal(sysroot_read(&l->tree->ctx, &l->tree->root, "/expected-elfcorehdr.bin",
				      &expected),
			 0);
	return expected;
}

/* Placed where the known header's loader placed it, byte for byte the same. */
static void test_golden(void **state)
{
	struct header_test *l = load_fixture();
	struct bytes expected = expected_header(l);
	struct range_set dump = kdump_dump_ranges(&l->tree->ctx, &l->tree->machine);
	struct core_header in = {
		.arch = arch_x86_64.kdump,
		.ram = &dump,
		.backup = kdump_backup_source(&l->tree->machine.iomem, &dump, 0xa0000),
		.backup_copy = 0x7ef61000,
	};
	struct range *notes;
	struct bytes header;

	(void)state;
	assert_int_equal(kdump_cpu_notes(&l->tree->ctx, &l->crash, &notes, &in.cpus), 0);
	in.cpu_notes = notes;
	assert_int_equal(kdump_vmcoreinfo(&l->tree->ctx, &l->crash, &in.vmcoreinfo), 0);
	assert_int_equal(kdump_kernel_map(&l->tree->ctx, &l->tree->machine, &l->crash,
					  arch_x86_64.kdump, &in.map),
			 0);
	assert_int_equal(kdump_core_header(&l->tree->ctx, &in, &header), 0);
	assert_int_equal(header.size, expected.size);
	assert_memory_equal(header.data, expected.data, expected.size);
	load_free(l);
}

/* The same through kdump_place(): 12 KiB of padding less, so the header lies higher. */
static void test_place(void **state)
{
	struct header_test *l = load_fixture();
	struct bytes expected = expected_header(l);
	const struct segment *backup = &l->plan.segment[0], *header = &l->plan.segment[1];
	const struct memory_map *map = &l->kdump.map;

	(void)state;
	assert_int_equal(place(l), 0);
	assert_int_equal(l->plan.segments, 2);
	assert_range(backup->range, 0x7ef61000, 0x7f000000);
	assert_int_equal(backup->bytes.size, 0);
	assert_false(backup->sealed);
	assert_range(header->range, 0x7ef60000, 0x7ef61000);
	assert_true(header->sealed);
	assert_memory_equal(header->bytes.data, expected.data, expected.size);
	assert_int_equal(l->plan.params.copy.source, 0x1000);
	assert_int_equal(l->plan.params.copy.destination, 0x7ef61000);
	assert_int_equal(l->plan.params.copy.size, 0x9ec00);
	assert_int_equal(l->kdump.elfcorehdr, 0x7ef60000);
	/* Reserved, low RAM, Reserved, Reserved, the reservation, Reserved... */
	assert_range(map->entry[1].range, 0x1000, 0x9fc00);
	assert_int_equal(map->entry[1].type, MEMORY_RAM);
	assert_range(map->entry[4].range, 0x6f000000, 0x7ef60000);
	assert_int_equal(map->entry[4].type, MEMORY_RAM);
	/* Whole pages went: no crumb after the backup, which ends inside its last. */
	for (size_t i = 5; i < map->count; i++)
		assert_int_not_equal(map->entry[i].type, MEMORY_RAM);
	load_free(l);
}

/* Re-read with the tool's own parser: RAM minus reservation, once. */
static void test_sum(void **state)
{
	struct header_test *l = load_fixture();
	struct elf_file elf;
	uint64_t sum = 0;

	(void)state;
	assert_int_equal(place(l), 0);
	assert_int_equal(elf_parse(l->plan.segment[1].bytes, &elf, &l->tree->ctx.err), 0);
	for (uint32_t i = 4; i < elf.phnum; i++)
		sum += elf_phdr(&elf, i).memsz;
	assert_int_equal(sum, 0x9ec00 + 0x7fee0000 - 0x10000000);
	assert_int_equal(sum, range_set_size(&l->kdump.dump));
	load_free(l);
}

/* Without a backup low memory is dumped where it lies and not given away. */
static void test_no_backup(void **state)
{
	struct kdump_arch arch = *arch_x86_64.kdump;
	struct header_test *l = load_fixture();
	struct elf_file elf;

	(void)state;
	arch.backup_limit = 0;
	assert_int_equal(place_as(l, &arch), 0);
	assert_int_equal(l->plan.segments, 1);
	assert_int_equal(l->plan.params.copy.size, 0);
	assert_int_equal(elf_parse(l->plan.segment[0].bytes, &elf, &l->tree->ctx.err), 0);
	assert_int_equal(elf_phdr(&elf, 4).offset, 0x1000);
	for (size_t i = 0; i < l->kdump.map.count; i++) {
		if (l->kdump.map.entry[i].type == MEMORY_RAM)
			assert_true(l->kdump.map.entry[i].range.start >= 0x6f000000);
	}
	load_free(l);
}

static void test_no_vmcoreinfo(void **state)
{
	struct header_test *l = load_fixture();
	struct elf_file elf;

	(void)state;
	l->crash.vmcoreinfo = NULL;
	assert_int_equal(place(l), 0);
	assert_int_equal(elf_parse(l->plan.segment[1].bytes, &elf, &l->tree->ctx.err), 0);
	assert_int_equal(elf.phnum, 6);
	assert_int_equal(elf_phdr(&elf, 2).type, PT_LOAD);
	load_free(l);
}

static void test_hotplug(void **state)
{
	struct header_test *l = load_fixture();

	(void)state;
	l->tree->req.hotplug = true;
	assert_int_equal(place(l), -ENOTSUP);
	assert_contains(l->tree->ctx.err.what, "CONFIG_CRASH_HOTPLUG");
	l->plan.segments = 0;
	l->elfcorehdr_size = "512";
	assert_int_equal(place(l), -EINVAL);
	assert_contains(l->tree->ctx.err.what, "crash_elfcorehdr_size is 512");
	l->plan.segments = 0;
	l->elfcorehdr_size = "917616x";
	assert_int_equal(place(l), -EINVAL);
	assert_contains(l->tree->ctx.err.what, "crash_elfcorehdr_size: expected a decimal size");
	l->plan.segments = 0;
	l->elfcorehdr_size = "18446744073709551615";
	assert_int_equal(place(l), -EINVAL);
	assert_contains(l->tree->ctx.err.what, "crash_elfcorehdr_size: the elfcorehdr has a size");
	l->plan.segments = 0;
	l->elfcorehdr_size = "917616";
	assert_int_equal(place(l), 0);
	assert_int_equal(l->plan.kexec_flags, KEXEC_ON_CRASH | KEXEC_UPDATE_ELFCOREHDR);
	assert_int_equal(range_size(l->plan.segment[1].range), 0xe1000);
	assert_false(l->plan.segment[1].sealed);
	assert_int_equal(l->plan.segment[1].bytes.size, 1024);
	load_free(l);
}

/* crashkernel=,high and ,low: load high, give both, dump neither. */
static void test_two_reservations(void **state)
{
	struct header_test *l = load_fixture();
	struct machine *m = &l->tree->machine;

	(void)state;
	range_set_add(&l->tree->ctx.arena, &m->crash, (struct range){ 0x40000000, 0x48000000 });
	assert_int_equal(place(l), 0);
	assert_range(l->plan.within.range, 0x6f000000, 0x7f000000);
	assert_false(range_set_overlaps(&l->kdump.dump, (struct range){ 0x40000000, 0x48000000 }));
	assert_int_equal(l->kdump.dump.count, 4);
	assert_range(l->kdump.map.entry[4].range, 0x40000000, 0x48000000);
	assert_range(l->kdump.map.entry[5].range, 0x6f000000, 0x7ef60000);
	load_free(l);
}

static void test_no_reservation(void **state)
{
	struct header_test *l = load_fixture();

	(void)state;
	l->tree->machine.crash.count = 0;
	assert_int_equal(place(l), -ENODATA);
	assert_string_equal(l->tree->ctx.err.what, "Memory for crashkernel is not reserved");
	assert_int_equal(l->tree->ctx.err.status, EXIT_STATUS_USAGE);
	load_free(l);
}

static void test_tiny_reservation(void **state)
{
	struct header_test *l = load_fixture();

	(void)state;
	l->tree->machine.crash.range[0] = (struct range){ 0x6f000000, 0x6f080000 };
	assert_int_equal(place(l), -EADDRNOTAVAIL);
	assert_contains(l->tree->ctx.err.what, "for the backup");
	assert_contains(l->tree->ctx.err.hint,
			"the crash kernel's reservation at 0x6f000000-0x6f07ffff");
	load_free(l);
}

/* Addresses of notes and kernel that lead out of RAM, or into the crash kernel's. */
static void test_not_dumped(void **state)
{
	static const char *const notes[] = { "f0000000", "70000000", "6efffff0" };
	static const char *const vmcoreinfos[] = { "7ffdfff0 1024", "1000 8000000000000000" };
	struct header_test *l = load_fixture();
	const char *good = l->crash.cpu[1].notes;

	(void)state;
	for (size_t i = 0; i < COUNT(notes); i++) {
		l->plan.segments = 0;
		l->crash.cpu[1].notes = notes[i];
		assert_int_equal(place(l), -EINVAL);
		assert_contains(l->tree->ctx.err.what, "cpu1/crash_notes: the place for notes at");
		assert_contains(l->tree->ctx.err.hint, "kexec_file_load");
	}
	l->crash.cpu[1].notes = good;
	for (size_t i = 0; i < COUNT(vmcoreinfos); i++) {
		l->plan.segments = 0;
		l->crash.vmcoreinfo = vmcoreinfos[i];
		assert_int_equal(place(l), -EINVAL);
		assert_contains(l->tree->ctx.err.what, "/sys/kernel/vmcoreinfo: the note at 0x");
	}
	l->plan.segments = 0;
	l->crash.vmcoreinfo = NULL;
	made_kcore_load(&l->kcore, 1, TEXT_VIRT, 1ull << 40, TEXT_SIZE);
	assert_int_equal(place(l), -EINVAL);
	assert_contains(l->tree->ctx.err.what, "the kernel at 0x10000000000-0x1000282ffff");
	load_free(l);
}

/* A range that reaches over the backup's end and over the linear map's is cut there. */
static void test_cuts(void **state)
{
	static const struct kdump_arch i386 = { .order = ORDER_LE, .e_machine = EM_386 };
	struct ctx ctx = { 0 };
	struct range_set ram = { 0 };
	struct core_header in = { .arch = &i386,
				  .ram = &ram,
				  .map = { .linear = 0xc0000000, .linear_end = 0x38000000 },
				  .backup = { 0x1000, 0xa0000 },
				  .backup_copy = 0x20000000 };
	const uint64_t want[][3] = { { 0, 0, 0xc0000000 },
				     { 0x1000, 0x20000000, 0xc0001000 },
				     { 0xa0000, 0xa0000, 0xc00a0000 },
				     { 0x38000000, 0x38000000, 0xffffffff } };
	struct elf_file elf;
	struct bytes header;

	(void)state;
	range_set_add(&ctx.arena, &ram, (struct range){ 0, 0x40000000 });
	assert_int_equal(kdump_core_header(&ctx, &in, &header), 0);
	assert_int_equal(elf_parse(header, &elf, &ctx.err), 0);
	assert_false(elf.is64);
	assert_int_equal(elf.phnum, COUNT(want));
	for (uint32_t i = 0; i < COUNT(want); i++) {
		struct elf_phdr phdr = elf_phdr(&elf, i);

		assert_int_equal(phdr.paddr, want[i][0]);
		assert_int_equal(phdr.offset, want[i][1]);
		assert_int_equal(phdr.vaddr, want[i][2]);
	}
	in.map.linear_unknown = true;
	assert_int_equal(kdump_core_header(&ctx, &in, &header), 0);
	assert_int_equal(elf_parse(header, &elf, &ctx.err), 0);
	for (uint32_t i = 0; i < COUNT(want); i++)
		assert_int_equal(elf_phdr(&elf, i).vaddr, 0xffffffff);
	range_set_add(&ctx.arena, &ram, (struct range){ 4 * GIB, 4 * GIB + 1 });
	assert_int_equal(kdump_core_header(&ctx, &in, &header), -ERANGE);
	arena_free(&ctx.arena);
}

static void test_big_endian(void **state)
{
	static const struct kdump_arch big_endian = { .elf64 = true,
						      .order = ORDER_BE,
						      .e_machine = EXAMPLE_BE64 };
	struct ctx ctx = { 0 };
	struct range_set ram = { 0 };
	struct core_header in = { .arch = &big_endian,
				  .ram = &ram,
				  .map.linear = 0xc000000000000000 };
	struct elf_file elf;
	struct bytes header;

	(void)state;
	range_set_add(&ctx.arena, &ram, (struct range){ 0, GIB });
	assert_int_equal(kdump_core_header(&ctx, &in, &header), 0);
	assert_int_equal(elf_parse(header, &elf, &ctx.err), 0);
	assert_int_equal(elf.order, ORDER_BE);
	assert_int_equal(elf.machine, EXAMPLE_BE64);
	assert_int_equal(elf_phdr(&elf, 0).vaddr, 0xc000000000000000);
	assert_int_equal(elf_phdr(&elf, 0).filesz, GIB);
	arena_free(&ctx.arena);
}

static void test_many_ranges(void **state)
{
	struct ctx ctx = { 0 };
	struct range_set ram = { 0 };
	struct core_header in = { .arch = arch_x86_64.kdump, .ram = &ram };
	struct elf_file elf;
	struct bytes header;
	uint64_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		range_set_add(&ctx.arena, &ram, (struct range){ i * GIB, i * GIB + 4096 });
	assert_int_equal(kdump_core_header(&ctx, &in, &header), 0);
	assert_int_equal(header.size, 560128);
	assert_int_equal(elf_parse(header, &elf, &ctx.err), 0);
	assert_int_equal(elf.phnum, 10000);
	assert_int_equal(elf_phdr(&elf, 9999).paddr, 9999 * GIB);
	for (; i < 65530; i++)
		range_set_add(&ctx.arena, &ram, (struct range){ i * GIB, i * GIB + 4096 });
	assert_int_equal(kdump_core_header(&ctx, &in, &header), -E2BIG);
	assert_contains(ctx.err.what, "65530 ranges");
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_no_backup),
		cmocka_unit_test(test_no_vmcoreinfo),
		cmocka_unit_test(test_hotplug),
		cmocka_unit_test(test_two_reservations),
		cmocka_unit_test(test_no_reservation),
		cmocka_unit_test(test_tiny_reservation),
		cmocka_unit_test(test_not_dumped),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_many_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
