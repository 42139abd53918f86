/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/kdump/kcore.c for arm64: the head of a real /proc/kcore, and headers of other layouts. */
#include "kcore_machine.h"
#include "make_elf.h"

#define ARM64_IOMEM                                                                                \
	"40000000-7fffffff : System RAM\n"                                                         \
	"  40210000-4185ffff : Kernel code\n"                                                      \
	"  6ac00000-7abfffff : Crash kernel\n"

/* No symbol is needed.  /proc/kallsyms has no _text. */
static struct kcore_test setup(void)
{
	return kcore_machine("arm64", ARM64_IOMEM, "");
}

/* PT_LOADs with these virtual and physical addresses and sizes, after an empty PT_NOTE. */
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

static void test_arm64(void **state)
{
	struct kcore_test t = setup();

	(void)state;
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
	put_arm64_kcore(&t, load, COUNT(load));
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), 0);
	assert_true(range_empty(t.map.image));
	assert_int_equal(t.map.linear, 0xffff000000000000 - 0x40000000);
	/* No PT_LOAD of RAM either: no header can be made. */
	put_arm64_kcore(&t, load, 1);
	assert_int_equal(map_kernel(&t, arch_arm64.kdump), -ENODATA);
	tree_free(t.tree);
}

/* Without kcore "Kernel code" may begin after the image's header, and no file reports the linear map. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_arm64_small_addresses),
		cmocka_unit_test(test_arm64_without_image),
		cmocka_unit_test(test_arm64_no_kcore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
