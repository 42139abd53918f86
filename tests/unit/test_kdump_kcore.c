/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/kdump/{kcore,kallsyms}.c and the reading of /proc/kcore: headers of real
 * machines (tests/fixtures/kcore), kernels that hide or lack something, garbage.
 */
#include <elf.h>

#include "kexec/arch/arch.h"
#include "kexec/kdump/kdump.h"
#include "machine_tree.h"
#include "make_elf.h"

/* Of the machine whose kcore is tests/fixtures/kcore/x86_64. */
#define IOMEM                                                                                      \
	"00001000-0009fbff : System RAM\n"                                                         \
	"00100000-3ffdffff : System RAM\n"                                                         \
	"  08200000-09001ef1 : Kernel code\n"                                                      \
	"  33000000-3effffff : Crash kernel\n"
#define KALLSYMS                                                                                   \
	"ffffffff8b400000 T startup_64\n"                                                          \
	"ffffffff8b400000 T _stext\n"                                                              \
	"ffffffff8b400000 T _text\n"                                                               \
	"ffffffff8dc30000 B _end\n"

struct kcore_test {
	struct tree *tree;
	struct machine_crash crash;
	struct kernel_map map;
};

static struct bytes fixture(const char *name)
{
	static uint8_t data[4096];
	const char *build = getenv("BUILD");
	char path[256];
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/fixtures/kcore/%s", build ? build : "build", name);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(data, 1, sizeof(data), f);
	assert_int_equal(fclose(f), 0);
	return (struct bytes){ data, size };
}

static struct kcore_test setup(void)
{
	struct kcore_test t = { .tree = tree_empty() };
	struct bytes kcore = fixture("x86_64");

	tree_put(t.tree, "/proc/iomem", IOMEM);
	tree_put(t.tree, "/proc/kallsyms", KALLSYMS);
	tree_put(t.tree, "/sys/devices/system/cpu/cpu0/crash_notes", "3fa39400\n");
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	return t;
}

static int map_kernel(struct kcore_test *t, const struct kdump_arch *arch)
{
	struct tree *tree = t->tree;

	assert_int_equal(tree_read(tree, false), 0);
	assert_int_equal(machine_read_crash(&tree->ctx, &tree->machine, &t->crash), 0);
	return kdump_kernel_map(&tree->ctx, &tree->machine, &t->crash, arch, &t->map);
}

static void assert_x86_64(const struct kcore_test *t)
{
	assert_range(t->map.image, 0x8200000, 0x8200000 + 0x2830000);
	assert_int_equal(t->map.image_virt, 0xffffffff8b400000);
	assert_int_equal(t->map.linear, 0xff12f92ac0000000);
}

static void test_x86_64(void **state)
{
	struct kcore_test t = setup();

	(void)state;
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_x86_64(&t);
	assert_int_equal(t.crash.kcore.size, 512);
	tree_free(t.tree);
}

/* A captured tree has the beginning only, under another name. */
static void test_captured(void **state)
{
	struct kcore_test t = setup();
	struct bytes kcore = fixture("x86_64");

	(void)state;
	tree_delete(t.tree, "/proc/kcore");
	tree_put_bytes(t.tree, "/proc/kcore.head", kcore.data, kcore.size);
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_x86_64(&t);
	tree_free(t.tree);
}

/* kptr_restrict: kallsyms full of zeros, or none at all. */
static void test_hidden_symbols(void **state)
{
	struct kcore_test t = setup();

	(void)state;
	tree_put(t.tree, "/proc/kallsyms", "0000000000000000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_x86_64(&t);
	assert_contains(t.tree->log, "kptr_restrict");
	tree_delete(t.tree, "/proc/kallsyms");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_x86_64(&t);
	tree_delete(t.tree, "/proc/kcore");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
	assert_contains(t.tree->ctx.err.what, "Can't find kernel text map area from kcore");
	assert_contains(t.tree->ctx.err.what, "/proc/kcore: No such file");
	assert_contains(t.tree->ctx.err.hint, "kexec_file_load");
	assert_lacks(t.tree->ctx.err.hint, "kptr_restrict");
	assert_lacks(t.tree->log, "by guess");
	tree_put(t.tree, "/proc/kallsyms", "0000000000000000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
	assert_contains(t.tree->ctx.err.hint, "kptr_restrict");
	tree_free(t.tree);
}

/* No CONFIG_PROC_KCORE: symbols and iomem say where the image is; the rest is a guess. */
static void test_no_kcore(void **state)
{
	struct kcore_test t = setup();

	(void)state;
	tree_delete(t.tree, "/proc/kcore");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_range(t.map.image, 0x8200000, 0x8200000 + 0x2830000);
	assert_int_equal(t.map.image_virt, 0xffffffff8b400000);
	assert_int_equal(t.map.linear, 0xffff888000000000);
	assert_contains(t.tree->log, "by guess");
	tree_put(t.tree, "/proc/iomem", "00001000-0009fbff : System RAM\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
	assert_contains(t.tree->ctx.err.hint, "kexec_file_load");
	tree_free(t.tree);
}

/* Symbols of another kernel: its image is not taken for the map of RAM. */
static void test_mismatch(void **state)
{
	struct kcore_test t = setup();

	(void)state;
	tree_put(t.tree, "/proc/kallsyms", "ffffffff9fc00000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
	tree_put(t.tree, "/proc/kallsyms",
		 "ffffffff9fc00000 T _text\nffffffff9fd00000 B _end\nffffffff9fc00000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_range(t.map.image, 0x8200000, 0x8300000);
	assert_int_equal(t.map.linear, 0xff12f92ac0000000);
	tree_free(t.tree);
}

/* Headers that make no sense are no worse than none: symbols read so far help out. */
static void test_malformed(void **state)
{
	struct kcore_test t = setup();
	struct bytes whole = fixture("x86_64");
	uint8_t kcore[512];

	(void)state;
	memcpy(kcore, whole.data, sizeof(kcore));
	kcore[offsetof(Elf64_Ehdr, e_phentsize)]++;
	tree_put_bytes(t.tree, "/proc/kcore", kcore, sizeof(kcore));
	tree_put(t.tree, "/proc/kallsyms",
		 "ffffffff8b400000 T _text\nffffffff8dc30000 B _end\nffffffff8b400000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_range(t.map.image, 0x8200000, 0x8200000 + 0x2830000);
	assert_int_equal(t.map.linear, 0xffff888000000000);
	assert_contains(t.tree->log, "by guess");
	tree_delete(t.tree, "/proc/kallsyms");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
	assert_contains(t.tree->ctx.err.what, "/proc/kcore: ELF program headers are said to be");
	tree_free(t.tree);
}

/* Linux before 4.9 leaves p_paddr 0 everywhere. */
static void test_no_physical_addresses(void **state)
{
	struct kcore_test t = setup();
	struct made_elf m = { .is64 = true };

	(void)state;
	made_ehdr(&m, ET_CORE, EM_X86_64);
	made_phdr(&m, 0, PT_LOAD, 0, 0xffffffffa0000000, 0x1000, 0x1000);
	made_phdr(&m, 1, PT_LOAD, 0, 0xffffffff8b400000, 0x2830000, 0x2830000);
	made_phdr(&m, 2, PT_LOAD, 0, 0xffff8800c0100000, 0x100000, 0x100000);
	made_phdr(&m, 3, PT_LOAD, 0, 0xffff8800c0001000, 0x9e000, 0x9e000);
	for (unsigned int i = 0; i < 4; i++)
		MADE_SET(&m, made_phdr_offset(&m, i), Phdr, p_paddr, 0);
	tree_put_bytes(t.tree, "/proc/kcore", m.data, made_phdr_offset(&m, 4));
	tree_put(t.tree, "/proc/kallsyms", "");
	assert_int_equal(map_kernel(&t, arch_x86_64.kdump), 0);
	assert_range(t.map.image, 0x8200000, 0x8200000 + 0x2830000);
	assert_int_equal(t.map.image_virt, 0xffffffff8b400000);
	assert_int_equal(t.map.linear, 0xffff8800c0000000);
	tree_free(t.tree);
}

static void test_i386(void **state)
{
	const struct kdump_arch i386 = { 0 };
	struct kcore_test t = setup();
	struct bytes kcore = fixture("i386");

	(void)state;
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	assert_int_equal(map_kernel(&t, &i386), 0);
	assert_true(range_empty(t.map.image));
	assert_int_equal(t.map.linear, 0xc0000000);
	tree_free(t.tree);
}

#define RISCV64_RAM "80000000-bfffffff : System RAM\n"
#define RISCV64_IMAGE                                                                              \
	"  80202000-8206a337 : Kernel image\n"                                                     \
	"    80202000-80c76977 : Kernel code\n"

static void expect_riscv64(struct kcore_test *t, uint64_t end)
{
	assert_int_equal(map_kernel(t, arch_riscv64.kdump), 0);
	assert_range(t->map.image, 0x80202000, end);
	assert_int_equal(t->map.image_virt, 0xffffffff80002000);
	assert_int_equal(t->map.linear, 0xff60000000000000 - 0x80000000);
}

static void test_riscv64(void **state)
{
	struct kcore_test t = setup();
	struct bytes kcore = fixture("riscv64");
	uint8_t old[512];

	(void)state;
	tree_put(t.tree, "/proc/iomem", RISCV64_RAM RISCV64_IMAGE);
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	tree_put(t.tree, "/proc/kallsyms", "ffffffff80002000 T _stext\n");
	expect_riscv64(&t, 0x8206b000);
	tree_delete(t.tree, "/proc/kallsyms");
	expect_riscv64(&t, 0x8206b000);
	/* Older kernels have no PT_LOAD of their image, the second header here. */
	assert_int_equal(kcore.size, sizeof(old));
	memcpy(old, kcore.data, sizeof(old));
	memset(old + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), 0, 4);
	tree_put_bytes(t.tree, "/proc/kcore", old, sizeof(old));
	tree_put(t.tree, "/proc/kallsyms", "ffffffff80002000 T _stext\n");
	expect_riscv64(&t, 0x8206a338);
	tree_put(t.tree, "/proc/kallsyms", "0000000000000000 T _stext\n");
	assert_int_equal(map_kernel(&t, arch_riscv64.kdump), -ENODATA);
	assert_contains(t.tree->ctx.err.hint, "kptr_restrict");
	tree_put(t.tree, "/proc/kallsyms", "ffffffff80002000 T _stext\n");
	tree_put(t.tree, "/proc/iomem", RISCV64_RAM);
	assert_int_equal(map_kernel(&t, arch_riscv64.kdump), -ENODATA);
	tree_put(t.tree, "/proc/iomem", RISCV64_RAM RISCV64_IMAGE RISCV64_IMAGE);
	assert_int_equal(map_kernel(&t, arch_riscv64.kdump), -ENODATA);
	tree_free(t.tree);
}

#define ARM64_IOMEM                                                                                \
	"40000000-7fffffff : System RAM\n"                                                         \
	"  40210000-4185ffff : Kernel code\n"                                                      \
	"  6ac00000-7abfffff : Crash kernel\n"

/* PT_LOADs with these virtual and physical addresses and sizes, behind an empty PT_NOTE. */
static void put_arm64_kcore(struct kcore_test *t, const uint64_t (*load)[3], unsigned int loads)
{
	struct made_elf m = { .is64 = true, .order = ORDER_LE };

	made_ehdr(&m, ET_CORE, EM_AARCH64);
	made_phdr(&m, 0, PT_NOTE, 0x1000, 0, 0, 0);
	for (unsigned int i = 0; i < loads; i++) {
		made_phdr(&m, i + 1, PT_LOAD, 0, load[i][0], load[i][2], load[i][2]);
		MADE_SET(&m, made_phdr_offset(&m, i + 1), Phdr, p_paddr, load[i][1]);
	}
	tree_put_bytes(t->tree, "/proc/kcore", m.data, made_phdr_offset(&m, loads + 1));
}

/* No symbol is needed, which is as well: /proc/kallsyms has no _text. */
static void test_arm64(void **state)
{
	struct kcore_test t = setup();
	struct bytes kcore = fixture("arm64");

	(void)state;
	tree_put(t.tree, "/proc/iomem", ARM64_IOMEM);
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	tree_put(t.tree, "/proc/kallsyms", "");
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), 0);
	assert_range(t.map.image, 0x40200000, 0x42210000);
	assert_int_equal(t.map.image_virt, 0xffffbe7469000000);
	assert_int_equal(t.map.linear, 0xffff3aff00000000);
	tree_free(t.tree);
}

/* 39 bits of addresses: all of it high; two banks of memory, the kernel in the second. */
static void test_arm64_small_addresses(void **state)
{
	static const uint64_t load[][3] = {
		{ 0xffffffc008000000, UINT64_MAX, 0x3df0000000 },
		{ 0xffffff8000000000, 0x10000000, 0x10000000 },
		{ 0xffffff8030000000, 0x40000000, 0x40000000 },
		{ 0xffffffd1c8200000, 0x40200000, 0x2000000 },
	};
	struct kcore_test t = setup();

	(void)state;
	tree_put(t.tree, "/proc/iomem", ARM64_IOMEM);
	put_arm64_kcore(&t, load, COUNT(load));
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), 0);
	assert_range(t.map.image, 0x40200000, 0x42200000);
	assert_int_equal(t.map.image_virt, 0xffffffd1c8200000);
	assert_int_equal(t.map.linear, 0xffffff8000000000 - 0x10000000);
	tree_free(t.tree);
}

static void test_arm64_without_image(void **state)
{
	static const uint64_t load[][3] = {
		{ 0xffff800000000000, UINT64_MAX, 0x1000 },
		{ 0xffff000000000000, 0x40000000, 0x40000000 },
	};
	struct kcore_test t = setup();

	(void)state;
	tree_put(t.tree, "/proc/iomem", ARM64_IOMEM);
	tree_put(t.tree, "/proc/kallsyms", "");
	put_arm64_kcore(&t, load, COUNT(load));
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), 0);
	assert_true(range_empty(t.map.image));
	assert_int_equal(t.map.linear, 0xffff000000000000 - 0x40000000);
	/* And where nothing is told of RAM, either, there is no header to be made. */
	put_arm64_kcore(&t, load, 1);
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), -ENODATA);
	tree_free(t.tree);
}

/* Without kcore "Kernel code" may begin behind the image's header; where RAM is mapped, nothing tells. */
static void test_arm64_no_kcore(void **state)
{
	static const char *const code[] = { "40210000", "40200000" };
	struct kcore_test t = setup();

	(void)state;
	tree_delete(t.tree, "/proc/kcore");
	tree_put(t.tree, "/proc/kallsyms",
		 "ffffbe7469000000 T _text\n"
		 "ffffbe7469010000 T _stext\n"
		 "ffffbe746b010000 B _end\n");
	for (size_t i = 0; i < COUNT(code); i++) {
		char iomem[128];

		snprintf(iomem, sizeof(iomem),
			 "40000000-7fffffff : System RAM\n  %s-4185ffff : Kernel code\n"
			 "  6ac00000-7abfffff : Crash kernel\n",
			 code[i]);
		tree_put(t.tree, "/proc/iomem", iomem);
		assert_int_equal(map_kernel(&t, arch_arm64.kdump), 0);
		assert_range(t.map.image, 0x40200000, 0x42210000);
		assert_int_equal(t.map.image_virt, 0xffffbe7469000000);
		assert_true(t.map.linear_unknown);
		assert_contains(t.tree->log,
				"the dump will have virtual addresses for the kernel image only");
		assert_lacks(t.tree->log, "by guess");
	}
	tree_free(t.tree);
}

/* Every truncation is survived, and says so where nothing else helps. */
static void test_truncated(void **state)
{
	struct kcore_test t = setup();
	uint8_t kcore[512];
	struct bytes whole = fixture("x86_64");

	(void)state;
	memcpy(kcore, whole.data, sizeof(kcore));
	tree_put(t.tree, "/proc/kallsyms", "");
	for (size_t size = 0; size < sizeof(kcore); size += 37) {
		tree_put_bytes(t.tree, "/proc/kcore", kcore, size);
		assert_int_equal(map_kernel(&t, arch_x86_64.kdump), -ENODATA);
		assert_contains(t.tree->ctx.err.what, size < 64 ? "not an ELF file" : "cut short");
	}
	tree_free(t.tree);
}

static void test_garbage(void **state)
{
	struct kcore_test t = setup();
	uint8_t kcore[512];
	struct bytes whole = fixture("x86_64");

	(void)state;
	srand(7);
	for (int i = 0; i < 300; i++) {
		memcpy(kcore, whole.data, sizeof(kcore));
		for (int k = rand() % 8; k >= 0; k--)
			kcore[rand() % 240] = (uint8_t)rand();
		tree_put_bytes(t.tree, "/proc/kcore", kcore, sizeof(kcore));
		map_kernel(&t, arch_x86_64.kdump);
		assert_true(t.map.image.end >= t.map.image.start);
	}
	tree_free(t.tree);
}

static bool find(const char *text, const char *name, uint64_t *address)
{
	return kallsyms_find((struct bytes){ (const uint8_t *)text, strlen(text) }, name, address);
}

static void test_kallsyms(void **state)
{
	uint64_t a = 0;

	(void)state;
	assert_true(find("ffff0000 T _stext\n", "_stext", &a));
	assert_int_equal(a, 0xffff0000);
	assert_true(find("1 t __stext\n2 t _stext_end\n3 D _stext\t[mod]\n", "_stext", &a));
	assert_int_equal(a, 3);
	assert_true(find("10 T _stext", "_stext", &a));
	assert_int_equal(a, 0x10);
	assert_true(find("0000000000000000 T _stext\n", "_stext", &a));
	assert_int_equal(a, 0);
	assert_false(find("", "_stext", &a));
	assert_false(find("_stext\n", "_stext", &a));
	assert_false(find(" T _stext\n", "_stext", &a));
	assert_false(find("xyz T _stext\n", "_stext", &a));
	assert_false(find("11112222333344445 T _stext\n", "_stext", &a));
	assert_false(find("12T_stext\n", "_stext", &a));
	/* A line that is wrong does not hide one that is right. */
	assert_true(find("zz T _stext\n20 T _stext\n", "_stext", &a));
	assert_int_equal(a, 0x20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86_64),
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_hidden_symbols),
		cmocka_unit_test(test_no_kcore),
		cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_no_physical_addresses),
		cmocka_unit_test(test_i386),
		cmocka_unit_test(test_riscv64),
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_arm64_small_addresses),
		cmocka_unit_test(test_arm64_without_image),
		cmocka_unit_test(test_arm64_no_kcore),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_kallsyms),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
