/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/kdump/{kcore,kallsyms}.c and the reading of /proc/kcore: headers of real
 * machines (tests/fixtures/kcore), kernels that hide or lack something, garbage.
 */
#include "kcore_machine.h"
#include "make_elf.h"

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

static struct kcore_test setup(void)
{
	return kcore_machine("x86_64", IOMEM, KALLSYMS);
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
	assert_string_equal(t.tree->ctx.err.hint, "");
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
	assert_string_equal(t.tree->ctx.err.hint, "");
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
	assert_contains(t.tree->ctx.err.what, "/proc/kcore: ELF program headers have");
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
	struct kcore_test t = setup();
	struct bytes kcore = fixture("i386");

	(void)state;
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	assert_int_equal(map_kernel(&t, arch_i386.kdump), 0);
	assert_true(range_empty(t.map.image));
	assert_int_equal(t.map.linear, 0xc0000000);
	assert_int_equal(t.map.linear_end, 0x36bfe000);
	tree_delete(t.tree, "/proc/kcore");
	assert_int_equal(map_kernel(&t, arch_i386.kdump), 0);
	assert_int_equal(t.map.linear, 0xc0000000);
	assert_int_equal(t.map.linear_end, 0x38000000);
	assert_contains(t.tree->log, "by guess");
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
		cmocka_unit_test(test_x86_64),	       cmocka_unit_test(test_captured),
		cmocka_unit_test(test_hidden_symbols), cmocka_unit_test(test_no_kcore),
		cmocka_unit_test(test_mismatch),       cmocka_unit_test(test_no_physical_addresses),
		cmocka_unit_test(test_i386),	       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_garbage),	       cmocka_unit_test(test_kallsyms),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
