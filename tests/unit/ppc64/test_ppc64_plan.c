/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/ppc64, kexec/arch/ppc64/ppc64_tree.c: the values that purgatory and the next
 * kernel get, and whether a refusal names the obstacle.  Kernels are made here, the machine is
 * tests/fixtures/ppc64le.  Where segments go is in tests/plan.
 */
#include <inttypes.h>

#include "example.h"
#include "machine_tree.h"

#include "image_plan.h"
#include "kexec/arch/ppc64/ppc64.h"
#include "kexec/arch/ppc64/lmb.h"
#include "kexec/relocate/relocate.h"
#include "make_devicetree.h"

#define MAGIC 0x72756e30
#define KERNEL_FILE 0x1000
#define KERNEL_SIZE 0x800
#define LINEAR 0xc000000000000000

/* A kernel of one segment, in either order. */
static void make_kernel(struct fixture *f, enum byte_order order)
{
	size_t phdr;

	f->elf = (struct made_elf){ .is64 = true,
				    .order = order,
				    .size = KERNEL_FILE + KERNEL_SIZE };
	phdr = made_phdr_offset(&f->elf, 0);
	made_ehdr(&f->elf, ET_EXEC, EM_PPC64);
	made_phdr(&f->elf, 0, PT_LOAD, KERNEL_FILE, LINEAR, KERNEL_SIZE, 0x20000);
	MADE_SET(&f->elf, phdr, Phdr, p_paddr, 0);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, LINEAR);
	for (size_t i = 0; i < KERNEL_SIZE; i++)
		f->elf.data[KERNEL_FILE + i] = (uint8_t)(i * 7);
	put_u32(order, f->elf.data + KERNEL_FILE + PPC64_RUN_AT_LOAD, MAGIC);
	f->image.bytes = made_bytes(&f->elf);
}

/* What the look found, for a test to change. */
static struct machine_ppc64 *ppc64_of(const struct fixture *f)
{
	return (struct machine_ppc64 *)(uintptr_t)f->tree->machine.arch;
}

static int setup(void **state)
{
	struct fixture *f = plan_fixture(&arch_ppc64le);

	make_kernel(f, ORDER_LE);
	*state = f;
	return 0;
}

static void want_crash(struct fixture *f)
{
	f->tree->req.crash = true;
	assert_int_equal(tree_read_from(f->tree, &arch_ppc64le.memory), 0);
}

static const void *loaded_tree(const struct fixture *f)
{
	return segment(f, "dtb")->bytes.data;
}

static void test_entry_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_ppc64_state *cpu = &f->plan.params.cpu.ppc64;
	uint64_t start;

	planned(f);
	start = segment(f, "kernel")->range.start;
	assert_int_equal(f->plan.kernel_entry, start);
	assert_int_equal(cpu->pc, start);
	assert_int_equal(cpu->r[0], segment(f, "dtb")->range.start);
	assert_int_equal(cpu->r[1], start);
	for (int i = 2; i < 7; i++)
		assert_int_equal(cpu->r[i], 0);
	assert_int_equal(cpu->tree, cpu->r[0]);
	assert_int_equal(cpu->word_address, 0);
	assert_int_equal(cpu->rtas_entry, 0x2fff0000);
	assert_int_equal(cpu->rtas_base, 0x2fff0000);
	assert_int_equal(cpu->rtas_reboot, 0x2004);
	assert_int_equal(f->plan.params.serial_kind, PURGATORY_SERIAL_HVTERM);
	assert_int_equal(f->plan.params.serial_base, 0x71000000);
	assert_int_equal(f->plan.params.ticks_per_ms, 512000);
	assert_int_equal(f->plan.params.flags, PURGATORY_VERIFY);
	assert_int_equal(f->plan.params.copy.size, 0);
	assert_lacks(f->tree->log, "warning");
	ppc64_of(f)->opal_base = 0x30000000;
	ppc64_of(f)->opal_entry = 0x300050b0;
	ppc64_of(f)->hvterm = false;
	f->tree->req.no_checks = true;
	planned(f);
	assert_int_equal(cpu->r[5], 0x30000000);
	assert_int_equal(cpu->r[6], 0x300050b0);
	assert_int_equal(f->plan.params.serial_kind, PURGATORY_SERIAL_NONE);
	assert_int_equal(f->plan.params.flags, 0);
}

/* The other CPUs wait in the next kernel's head, which purgatory's image has a copy of. */
static void check_head(struct fixture *f, uint32_t word, enum byte_order order)
{
	const uint8_t *kernel = segment(f, "kernel")->bytes.data, *image;
	const struct purgatory_target target = { EM_PPC64, 64, f->arch->order, f->arch->rel, NULL };
	struct ctx *ctx = &f->tree->ctx;

	if (purgatory_attach(ctx, &f->tree->req, &target, &f->plan))
		fail_msg("%s", ctx->err.what);
	image = segment(f, "purgatory")->bytes.data;
	for (size_t i = PURGATORY_PPC64_BRANCH; i < PURGATORY_PPC64_HEAD; i++)
		if (i < PPC64_RUN_AT_LOAD || i >= PPC64_RUN_AT_LOAD + 4)
			assert_int_equal(image[i], kernel[i]);
	assert_int_equal(get_u32(order, image + PPC64_RUN_AT_LOAD), word);
	assert_memory_not_equal(image, kernel, PURGATORY_PPC64_BRANCH);
}

static void test_head(void **state)
{
	struct fixture *f = *state;

	for (int kernel = ORDER_LE; kernel <= ORDER_BE; kernel++) {
		for (int machine = ORDER_LE; machine <= ORDER_BE; machine++) {
			f->arch = machine == ORDER_LE ? &arch_ppc64le : &arch_ppc64;
			make_kernel(f, (enum byte_order)kernel);
			f->tree->req.purgatory = kernel == machine ? "pie" : "rel";
			f->tree->req.crash = false;
			assert_int_equal(tree_read_from(f->tree, &arch_ppc64le.memory), 0);
			planned(f);
			check_head(f, MAGIC, (enum byte_order)kernel);
			want_crash(f);
			planned(f);
			check_head(f, 1, (enum byte_order)kernel);
		}
	}
}

static void test_tree(void **state)
{
	struct fixture *f = *state;
	uint64_t start, end;
	int size;

	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	f->tree->req.command_line = "quiet";
	planned(f);
	start = segment(f, "initrd")->range.start;
	end = start + 6;
	chosen_holds(f, "linux,initrd-start", &start, 1);
	chosen_holds(f, "linux,initrd-end", &end, 1);
	assert_string_equal(chosen(f, "bootargs", &size), "quiet");
	assert_non_null(chosen(f, "linux,booted-from-kexec", &size));
	assert_non_null(chosen(f, "linux,stdout-path", &size));
	assert_null(chosen(f, "linux,kernel-end", &size));
	assert_null(chosen(f, "linux,crashkernel-base", &size));
	assert_null(chosen(f, "linux,crashkernel-size", &size));
	assert_int_equal(fdt_num_mem_rsv(loaded_tree(f)), 3);
	assert_true(has_reservation(loaded_tree(f), start, 6));
	assert_true(has_reservation(loaded_tree(f), 0x2fff0000, 0x10000));
	assert_true(has_reservation(loaded_tree(f), segment(f, "dtb")->range.start,
				    segment(f, "dtb")->bytes.size));
	assert_int_equal(fdt_totalsize(loaded_tree(f)), segment(f, "dtb")->bytes.size);
	assert_null(fdt_getprop(loaded_tree(f), fdt_path_offset(loaded_tree(f), "/memory@0"),
				"linux,usable-memory", &size));
}

static void expect_cells(const struct fixture *f, const char *path, const char *name,
			 const uint64_t *values, size_t count)
{
	const void *fdt = loaded_tree(f);
	int size;
	const uint8_t *data = fdt_getprop(fdt, fdt_path_offset(fdt, path), name, &size);

	if (!data)
		fail_msg("no %s in %s", name, path);
	assert_int_equal(size, count * 8);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(get_be64(data + 8 * i), values[i]);
}

#define EXPECT_CELLS(f, path, name, ...)                                                           \
	expect_cells(f, path, name, (const uint64_t[]){ __VA_ARGS__ },                             \
		     COUNT(((const uint64_t[]){ __VA_ARGS__ })))

static void test_crash(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_ppc64_state *cpu = &f->plan.params.cpu.ppc64;
	const struct purgatory_copy *copy = &f->plan.params.copy;
	const struct range *header;
	int size;

	want_crash(f);
	f->tree->req.command_line = "quiet";
	planned(f);
	assert_int_equal(f->plan.kexec_flags, KEXEC_ON_CRASH);
	assert_int_equal(cpu->word_address, f->plan.kernel_entry + PPC64_RUN_AT_LOAD);
	assert_int_equal(cpu->word, 0x01000000);
	assert_int_equal(copy->source, 0);
	assert_int_equal(copy->size, 0x10000);
	assert_int_equal(copy->destination, segment(f, "backup")->range.start);
	header = &segment(f, "elfcorehdr")->range;
	assert_string_equal(f->plan.cmdline,
			    arena_printf(&f->tree->ctx.arena, "quiet elfcorehdr=%" PRIu64 "K",
					 header->start / 1024));
	assert_string_equal(chosen(f, "bootargs", &size), f->plan.cmdline);
	EXPECT_CELLS(f, "/memory@0", "linux,usable-memory", 0, 0x40000000);
	assert_true(has_reservation(loaded_tree(f), 0x10000, 0x20000000 - 0x10000));
	assert_true(has_reservation(loaded_tree(f), 0x2fff0000, 0x10000));
	assert_true(has_reservation(loaded_tree(f), copy->destination, 0x10000));
	assert_true(has_reservation(loaded_tree(f), header->start,
				    segment(f, "elfcorehdr")->bytes.size));
	make_kernel(f, ORDER_BE);
	planned(f);
	assert_int_equal(cpu->word, 1);
	/* The crash kernel reads the header. */
	assert_int_equal(segment(f, "elfcorehdr")->bytes.data[EI_DATA], ELFDATA2MSB);
}

static void test_crash_words(void **state)
{
	struct fixture *f = *state;
	uint8_t *word = f->elf.data + KERNEL_FILE + PPC64_RUN_AT_LOAD;
	char line[2048];

	want_crash(f);
	put_le32(word, 1); /* the old value */
	planned(f);
	put_u32(ORDER_BE, word, MAGIC); /* the other order's is none */
	refused(f, -ENOEXEC, "CONFIG_RELOCATABLE");
	f->tree->req.crash = false;
	planned(f);
	f->tree->req.crash = true;
	put_le32(word, MAGIC);
	memset(line, 'x', 2030);
	line[2030] = '\0';
	f->tree->req.command_line = line;
	refused(f, -E2BIG, "Command line overflow");
}

/* The running kernel writes to the tree: what it needs is free, and none of it is sealed. */
static void test_room_for_cpus(void **state)
{
	struct fixture *f = *state;
	struct devicetree tree;
	struct devicetree_ppc64 changes = { .dry_run = true };
	struct bytes plain, roomy;
	uint8_t *fdt;
	int cpus, node;

	assert_int_equal(devicetree_flatten(&f->tree->ctx, &f->tree->root, &tree), 0);
	assert_int_equal(devicetree_change_ppc64(&f->tree->ctx, &tree, &changes, &plain), 0);
	changes.spare = devicetree_room_for_cpus(&tree, 2);
	assert_int_equal(devicetree_change_ppc64(&f->tree->ctx, &tree, &changes, &roomy), 0);
	assert_int_equal(roomy.size, plain.size + changes.spare);
	assert_int_equal(fdt_totalsize(roomy.data), roomy.size);
	fdt = arena_alloc(&f->tree->ctx.arena, roomy.size);
	memcpy(fdt, roomy.data, roomy.size);
	for (int i = 0; i < 2; i++) {
		char name[32];
		int property, size, old;

		snprintf(name, sizeof(name), "PowerPC,POWER9@%d", 8 + i);
		cpus = fdt_path_offset(fdt, "/cpus");
		node = fdt_add_subnode(fdt, cpus, name);
		assert_true(node > 0);
		old = fdt_path_offset(plain.data, "/cpus/PowerPC,POWER9@0");
		fdt_for_each_property_offset(property, plain.data, old)
		{
			const char *key;
			const void *value = fdt_getprop_by_offset(plain.data, property, &key,
								  &size);

			fdt_ok(fdt_setprop(fdt, node, key, value, size));
		}
	}
	assert_int_equal(devicetree_room_for_cpus(&tree, 0), 0);
	assert_int_equal(devicetree_room_for_cpus(&tree, UINT32_MAX), DEVICETREE_BUFFER / 2);
}

/* A tree with blocks of 256 MiB: one that is not usable, then two at 1 GiB that are. */
static void *tree_with_blocks(struct fixture *f, bool v2, uint32_t count)
{
	static const uint8_t flags[] = { 0x88, 8, 8 };
	void *fdt = make_devicetree(&f->tree->ctx, 2);
	uint8_t table[4 + 3 * 24] = { 0 };
	int node;

	node = fdt_add_subnode(fdt, 0, "memory@0");
	fdt_ok(fdt_setprop_u64(fdt, node, "reg", 0));
	fdt_ok(fdt_appendprop_u64(fdt, node, "reg", 0x40000000));
	fdt_ok(fdt_setprop_u64(fdt, node, "linux,usable-memory", 1));
	node = fdt_add_subnode(fdt, 0, "memory@80000000");
	fdt_ok(fdt_setprop_u64(fdt, node, "reg", 0x80000000));
	fdt_ok(fdt_appendprop_u64(fdt, node, "reg", 0x40000000));
	node = fdt_add_subnode(fdt, 0, LMB_NODE);
	fdt_ok(fdt_setprop_u64(fdt, node, LMB_SIZE, 0x10000000));
	put_u32(ORDER_BE, table, count);
	for (uint32_t i = 0; i < 3; i++) {
		uint8_t *entry = table + 4 + 24 * i;

		put_u64(ORDER_BE, v2 ? entry + 4 : entry, 0x30000000 + i * 0x10000000);
		if (v2)
			put_u32(ORDER_BE, entry, 1);
		put_u32(ORDER_BE, entry + 20, flags[i]);
	}
	fdt_ok(fdt_setprop(fdt, node, v2 ? LMB_MEMORY_V2 : LMB_MEMORY, table, sizeof(table)));
	return fdt;
}

static int limit_memory(struct fixture *f, const void *fdt, struct bytes *out)
{
	struct ctx *ctx = &f->tree->ctx;
	struct range_set usable = { 0 };
	struct devicetree_ppc64 changes = { .dry_run = true, .usable = &usable };
	struct devicetree tree = expect_tree(ctx, made_tree_bytes(ctx, fdt));

	range_set_add(&ctx->arena, &usable, (struct range){ 0, 0x48000000 });
	range_set_add(&ctx->arena, &usable, (struct range){ 0x49000000, 0x49010000 });
	return devicetree_change_ppc64(ctx, &tree, &changes, out);
}

static void test_usable_blocks(void **state)
{
	static const uint64_t want[] = { 2, 0x40000000, 0x8000000, 0x49000000, 0x10000, 0 };
	struct fixture *f = *state;

	for (int v2 = 0; v2 < 2; v2++) {
		struct segment *dtb = &f->plan.segment[0];

		f->plan.segments = 1;
		dtb->name = "dtb";
		if (limit_memory(f, tree_with_blocks(f, v2, 3), &dtb->bytes))
			fail_msg("%s", f->tree->ctx.err.what);
		EXPECT_CELLS(f, "/memory@0", "linux,usable-memory", 0, 0x40000000);
		EXPECT_CELLS(f, "/memory@80000000", "linux,usable-memory", 0, 0);
		expect_cells(f, "/" LMB_NODE, "linux,drconf-usable-memory", want, COUNT(want));
		assert_int_equal(limit_memory(f, tree_with_blocks(f, v2, 4), &dtb->bytes),
				 -ENOEXEC);
		assert_contains(f->tree->ctx.err.what, "TREE: /" LMB_NODE "/ibm,dynamic-memory");
		assert_contains(f->tree->ctx.err.what, "4 entries do not fit");
		assert_int_equal(f->tree->ctx.err.status, EXIT_STATUS_REFUSED);
		err_clear(&f->tree->ctx.err);
	}
}

/* A core with these threads, or with a reg alone. */
static void add_core(void *fdt, uint32_t reg, const uint32_t *threads, size_t count)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), node;
	char name[32];

	if (cpus < 0)
		cpus = fdt_add_subnode(fdt, 0, "cpus");
	snprintf(name, sizeof(name), "cpu@%x", reg);
	node = fdt_add_subnode(fdt, cpus, name);
	assert_true(node > 0);
	fdt_ok(fdt_setprop_string(fdt, node, "device_type", "cpu"));
	fdt_ok(fdt_setprop_u32(fdt, node, "reg", reg));
	for (size_t i = 0; i < count; i++)
		fdt_ok(fdt_appendprop_u32(fdt, node, "ibm,ppc-interrupt-server#s", threads[i]));
}

/* The one that would be used anyway if it is there, else the lowest. */
static void test_cpu_for_the_jump(void **state)
{
	static const struct {
		struct machine_cpu cpu[3]; /* that are online */
		uint32_t reboot_cpu;
		int chosen; /* -1: no CPU is named, -2: no CPU is fit */
	} cases[] = {
		{ { { 0, 8 }, { 1, 9 }, { 2, 40 } }, 0, -1 },
		{ { { 0, 0 }, { 1, 9 }, { 2, 40 } }, 0, 1 },
		{ { { 0, 0 }, { 1, 1 }, { 2, 40 } }, 0, 2 },
		{ { { 0, 8 }, { 1, 9 }, { 2, 40 } }, 2, -1 },
		{ { { 0, 8 }, { 1, 9 }, { 2, 41 } }, 2, 0 },
		{ { { 0, 8 }, { 1, 9 }, { 2, 40 } }, 7, 0 },
		/* reg does not count if the node lists threads. */
		{ { { 0, 16 }, { 1, 0 }, { 2, 7 } }, 0, -2 },
	};
	const uint32_t threads[] = { 8, 9 };
	struct fixture *f = *state;
	struct tree *files = tree_empty();
	void *fdt = make_devicetree(&files->ctx, 2);
	char path[300];

	add_core(fdt, 16, threads, 2);
	add_core(fdt, 40, NULL, 0);
	made_memory(fdt);
	tree_put_bytes(files, "/tree.dtb", fdt, fdt_totalsize(fdt));
	snprintf(path, sizeof(path), "%s/tree.dtb", files->path);
	f->tree->req.dtb = path;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct machine_ppc64 *ppc64 = ppc64_of(f);

		ppc64->cpu = (struct machine_cpu *)cases[i].cpu;
		ppc64->cpus = COUNT(cases[i].cpu);
		ppc64->reboot_cpu = cases[i].reboot_cpu;
		if (cases[i].chosen == -2) {
			refused(f, -ENODEV, "none of the 3 CPUs that are online is in it");
			continue;
		}
		planned(f);
		if (cases[i].chosen == -1) {
			assert_null(f->plan.reboot_cpu);
			assert_lacks(f->tree->log, "will make the jump");
			continue;
		}
		assert_int_equal(f->plan.reboot_cpu->number, cases[i].chosen);
		assert_contains(f->tree->log, "will make the jump");
	}
	tree_free(files);
}

/* A file's reservations stay, and those that are made for this load come to them. */
static void test_dtb(void **state)
{
	struct fixture *f = *state;
	struct tree *files = tree_empty();
	void *fdt = make_devicetree(&files->ctx, 2);
	char path[300];
	int size;

	fdt_ok(fdt_add_mem_rsv(fdt, 0x70000000, 0x1000));
	fdt_ok(fdt_add_mem_rsv(fdt, 0x2fff0000, 0x10000));
	fdt_ok(fdt_setprop_string(fdt, 0, "compatible", "qemu,pseries"));
	add_core(fdt, 0, NULL, 0);
	ppc64_of(f)->cpu = &(struct machine_cpu){ 0, 0 };
	ppc64_of(f)->cpus = 1;
	tree_put_bytes(files, "/tree.dtb", fdt, fdt_totalsize(fdt));
	snprintf(path, sizeof(path), "%s/tree.dtb", files->path);
	f->tree->req.dtb = path;
	f->tree->req.command_line = "quiet";
	refused(f, -ENODATA, "/tree.dtb contains no memory node");
	made_memory(fdt);
	tree_put_bytes(files, "/tree.dtb", fdt, fdt_totalsize(fdt));
	planned(f);
	assert_lacks(f->tree->log, "another machine");
	assert_string_equal(chosen(f, "bootargs", &size), "quiet");
	assert_int_equal(fdt_num_mem_rsv(loaded_tree(f)), 3);
	assert_true(has_reservation(loaded_tree(f), 0x70000000, 0x1000));
	assert_true(has_reservation(loaded_tree(f), 0x2fff0000, 0x10000));
	fdt_ok(fdt_setprop_string(fdt, 0, "compatible", "another"));
	tree_put_bytes(files, "/tree.dtb", fdt, fdt_totalsize(fdt));
	planned(f);
	assert_contains(f->tree->log, "the device tree of another machine");
	tree_free(files);
}

static void test_old_root(void **state)
{
	static const struct {
		const char *old, *asked, *result;
	} lines[] = {
		{ "quiet root=/dev/sda2 ro", "debug", "root=/dev/sda2 debug" },
		{ "root=/dev/sda2", "", "root=/dev/sda2" },
		{ "root=/dev/sda2", "root=/dev/vda", "root=/dev/vda" },
		{ "root=/dev/sda2", "nfsroot=x -- root=y", "root=/dev/sda2 nfsroot=x -- root=y" },
		{ "nfsroot=x xroot=y -- root=z", "debug", "debug" },
		{ "\"root=LABEL=a b\" ro", "debug", "\"root=LABEL=a b\" debug" },
		{ NULL, "debug", "debug" },
	};
	struct fixture *f = *state;
	char line[2048];

	for (size_t i = 0; i < COUNT(lines); i++) {
		f->tree->machine.cmdline = lines[i].old;
		f->tree->req.command_line = lines[i].asked;
		planned(f);
		assert_string_equal(f->plan.cmdline, lines[i].result);
		if (strcmp(lines[i].asked, lines[i].result))
			assert_contains(f->tree->log, "warning: the command line has no root=");
		else
			assert_lacks(f->tree->log, "warning");
		f->tree->req.no_old_root = true;
		planned(f);
		assert_string_equal(f->plan.cmdline, lines[i].asked);
		f->tree->req.no_old_root = false;
	}
	memset(line, 'x', 2047);
	line[2047] = '\0';
	f->tree->req.command_line = line;
	planned(f);
	f->tree->machine.cmdline = "root=/dev/sda2";
	refused(f, -E2BIG, "2062 characters with the running kernel's root=/dev/sda2");
}

static void test_old_initrd(void **state)
{
	struct fixture *f = *state;
	struct machine_ppc64 *ppc64 = ppc64_of(f);
	const char *initrd = "x";

	f->tree->req.reuse_initrd = true;
	refused(f, -EINVAL, "current boot didn't retain the initrd for reuse.");
	f->tree->machine.cmdline = "quiet retain_initrd";
	planned(f);
	chosen_holds(f, "linux,initrd-start", &ppc64->initrd.start, 1);
	chosen_holds(f, "linux,initrd-end", &ppc64->initrd.end, 1);
	assert_true(
		has_reservation(loaded_tree(f), ppc64->initrd.start, range_size(ppc64->initrd)));
	for (size_t i = 0; i < f->plan.segments; i++)
		assert_string_not_equal(f->plan.segment[i].name, "initrd");
	MADE_SET(&f->elf, made_phdr_offset(&f->elf, 0), Phdr, p_memsz, ppc64->initrd.start + 1);
	refused(f, -EADDRNOTAVAIL,
		"lies in memory that the next kernel moves itself to, below 0x2c90001");
	MADE_SET(&f->elf, made_phdr_offset(&f->elf, 0), Phdr, p_memsz, ppc64->initrd.start);
	planned(f);
	f->tree->req.initrds = &initrd;
	f->tree->req.initrd_count = 1;
	refused(f, -EINVAL, "--reuseinitrd contradicts --initrd");
	f->tree->req.initrd_count = 0;
	ppc64->initrd = (struct range){ 0 };
	refused(f, -ENOENT, "got no initrd from its loader");
	want_crash(f);
	refused(f, -EINVAL, "must lie in its reservation");
}

static void test_first_memory_node(void **state)
{
	struct fixture *f = *state;
	static uint8_t initrd[0x40000];

	f->tree->machine.reach.end = 0x2890000;
	refused(f, -EADDRNOTAVAIL,
		"(RMA) is too small: the kernel needs 128 KiB, and 64 KiB are free in one piece");
	f->tree->machine.reach.end = 0x28d0000;
	planned(f);
	f->image.initrd = (struct bytes){ initrd, sizeof(initrd) };
	refused(f, -EADDRNOTAVAIL,
		"(RMA) is too small: the initrd needs 256 KiB, and 192 KiB are free");
}

/* Of two parts with a hole between them, the second without bytes after its first. */
static void test_parts(void **state)
{
	struct fixture *f = *state;
	const struct segment *kernel;
	size_t phdr = made_phdr_offset(&f->elf, 1);

	made_phdr(&f->elf, 1, PT_LOAD, KERNEL_FILE + 0x700, LINEAR + 0x20000, 0x100, 0x30000);
	MADE_SET(&f->elf, phdr, Phdr, p_paddr, 0x20000);
	planned(f);
	kernel = segment(f, "kernel");
	assert_int_equal(range_size(kernel->range), 0x50000);
	assert_int_equal(kernel->bytes.size, 0x20100);
	assert_memory_equal(kernel->bytes.data, f->elf.data + KERNEL_FILE, KERNEL_SIZE);
	assert_int_equal(kernel->bytes.data[KERNEL_SIZE], 0);
	assert_memory_equal(kernel->bytes.data + 0x20000, f->elf.data + KERNEL_FILE + 0x700, 0x100);
	MADE_SET(&f->elf, phdr, Phdr, p_paddr, 0x80000000);
	refused(f, -ENOEXEC, "too far apart for a kernel");
	MADE_SET(&f->elf, phdr, Phdr, p_paddr, 0x10000);
	refused(f, -ENOEXEC, "overlap");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	size_t phdr = made_phdr_offset(&f->elf, 0);
	uint64_t size;

	MADE_SET(&f->elf, phdr, Phdr, p_filesz, PURGATORY_PPC64_HEAD - 1);
	refused(f, -ENOEXEC, "255 bytes, less than the first 256");
	MADE_SET(&f->elf, phdr, Phdr, p_filesz, KERNEL_SIZE);
	MADE_SET(&f->elf, 0, Ehdr, e_machine, EM_PPC);
	refused(f, -ENOEXEC, "32-bit PowerPC, and not a zImage");
	MADE_SET(&f->elf, 0, Ehdr, e_machine, EXAMPLE_LE64);
	refused(f, -ENOEXEC, "Cannot determine the file type");
	MADE_SET(&f->elf, 0, Ehdr, e_machine, EM_PPC64);
	MADE_SET(&f->elf, 0, Ehdr, e_type, ET_CORE);
	refused(f, -ENOEXEC, "type 4");
	MADE_SET(&f->elf, 0, Ehdr, e_type, ET_EXEC);
	MADE_SET(&f->elf, phdr, Phdr, p_align, 3);
	refused(f, -ENOEXEC, "not a power of two");
	MADE_SET(&f->elf, phdr, Phdr, p_align, 0x1000000);
	planned(f);
	assert_int_equal(f->plan.kernel_entry, 0x3000000);
	f->image.uimage_machine = 22;
	refused(f, -ENOEXEC, "uImage arch 22 unsupported: ppc64le is 7");
	f->image.uimage_machine = 0;
	assert_int_equal(ppc64_file_check(f->image.bytes, ORDER_LE, &size, &f->tree->ctx.err), 0);
	assert_int_equal(size, 2047);
	assert_int_equal(ppc64_file_check(f->image.bytes, ORDER_BE, &size, &f->tree->ctx.err),
			 -EOPNOTSUPP);
	assert_contains(f->tree->ctx.err.what, "a little-endian kernel");
	memset(f->elf.data, 0, sizeof(f->elf.data));
	f->elf.is64 = false;
	made_ehdr(&f->elf, ET_EXEC, EM_PPC64);
	refused(f, -ENOEXEC, "32-bit PowerPC");
}

static void test_messages(void **state)
{
	struct fixture *f = *state;

	f->tree->req.serial = "ttyS0";
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	planned(f);
	assert_contains(f->tree->log, "--serial has no effect");
	assert_lacks(f->tree->log, "--on-corrupt");
	ppc64_of(f)->rtas_entry = 0;
	planned(f);
	assert_contains(f->tree->log, "--on-corrupt=reboot will halt the machine");
	assert_int_equal(f->plan.params.flags, PURGATORY_VERIFY | PURGATORY_REBOOT);
	f->tree->req.serial = NULL;
	f->tree->req.console_serial = true;
	planned(f);
	assert_lacks(f->tree->log, "silent");
	ppc64_of(f)->hvterm = false;
	planned(f);
	assert_contains(f->tree->log, "purgatory will be silent: the device tree's stdout-path");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_entry_state),	  TEST(test_head),	  TEST(test_tree),
		TEST(test_crash),	  TEST(test_crash_words), TEST(test_room_for_cpus),
		TEST(test_usable_blocks), TEST(test_dtb),	  TEST(test_cpu_for_the_jump),
		TEST(test_old_root),	  TEST(test_old_initrd),  TEST(test_first_memory_node),
		TEST(test_parts),	  TEST(test_refused),	  TEST(test_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
