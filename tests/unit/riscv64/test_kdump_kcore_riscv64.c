/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/kdump/kcore.c for riscv64: the head of a real /proc/kcore, and older kernels' headers. */
#include "kcore_machine.h"

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
	struct kcore_test t = kcore_machine("riscv64", RISCV64_RAM RISCV64_IMAGE,
					    "ffffffff80002000 T _stext\n");
	struct bytes kcore = fixture("riscv64");
	uint8_t old[512];

	(void)state;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_riscv64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
