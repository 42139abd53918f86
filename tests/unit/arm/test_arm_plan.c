/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/arm: the values that purgatory and the next kernel get, and whether a
 * refusal names the obstacle.  Images are made here, the machine is tests/fixtures/arm.
 * Where segments go is in tests/plan.
 */
#include "kexec/arch/arm/arm.h"
#include "make_zimage.h"
#include "tree_plan.h"

static const struct tree_expected expected = {
	.console = "console=ttyAMA0 ",
	.cmdline_size = 1023,
};

#define DEBIAN_SIZE 0x532200 /* of the zImage of Debian's 6.1.0-50-armmp */

static uint8_t file[DEBIAN_SIZE];

static int setup(void **state)
{
	struct fixture *f = plan_fixture(&arch_arm);

	memset(file, 0, sizeof(file));
	make_zimage(file);
	f->image = (struct image){ .name = "zImage", .bytes = { file, MADE_ZIMAGE_SIZE } };
	*state = f;
	return 0;
}

static void test_arch_by_uname(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_uname("armv7l"), &arch_arm);
	assert_ptr_equal(arch_by_uname("armv5tel"), &arch_arm);
	assert_ptr_equal(arch_by_uname("arm"), &arch_arm);
	assert_ptr_not_equal(arch_by_uname("aarch64"), &arch_arm);
	/* big endian */
	assert_null(arch_by_uname("armv7b"));
	assert_null(arch_by_uname("armv5teb"));
	assert_null(arch_by_uname("armv5tejb"));
	assert_null(arch_by_uname("ar"));
}

static void test_entry_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_arm_state *cpu = &f->plan.params.cpu.arm;

	planned(f);
	assert_int_equal(f->plan.kernel_entry, 0x40008000);
	assert_int_equal(cpu->pc, f->plan.kernel_entry);
	assert_int_equal(cpu->r[0], 0);
	assert_int_equal(cpu->keep, 2); /* r1 */
	assert_int_equal(cpu->r[2], segment(f, "dtb")->range.start);
	assert_int_equal(cpu->psci, PURGATORY_PSCI_HVC);
}

/* Where its initrd was overwritten, before all that is written was counted. */
static void test_debian_kernel(void **state)
{
	struct fixture *f = *state;

	put_le32(file + 0x2c, DEBIAN_SIZE);
	f->image.bytes.size = DEBIAN_SIZE;
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	f->tree->req.image_size = 1;
	planned(f);
	assert_contains(f->tree->log, "Kernel size is too small, increasing to 0x18e42b4");
	assert_int_equal(segment(f, "initrd")->range.start, 0x41aed000);
	f->tree->req.image_size = 0x3000000;
	planned(f);
	assert_lacks(f->tree->log, "too small");
	assert_int_equal(segment(f, "initrd")->range.start, 0x43208000);
	f->tree->req.image_size = UINT64_MAX;
	refused(f, -EADDRNOTAVAIL, "initrd between the decompressed kernel and 512 MiB");
}

static void test_longest_command_line_in_tags(void **state)
{
	struct fixture *f = *state;
	char line[1024];

	memset(line, 'x', 1023);
	line[1023] = '\0';
	f->tree->req.command_line = line;
	f->tree->req.atags = true;
	planned(f);
}

static void test_appended_tree(void **state)
{
	struct fixture *f = *state;
	struct tree *without = tree_empty();
	uint8_t *fdt = file + MADE_ZIMAGE_SIZE;

	f->tree->machine.root = &without->root;
	refused(f, -ENOENT, "");
	assert_int_equal(fdt_create_empty_tree(fdt, 256), 0);
	f->image.bytes.size = MADE_ZIMAGE_SIZE + 256;
	refused(f, -ENODATA, "zImage (appended) contains no memory node");
	made_memory(fdt);
	planned(f);
	assert_int_equal(f->plan.params.cpu.arm.psci, PURGATORY_PSCI_NONE);
	f->image.bytes.size--;
	refused(f, -ENOEXEC, "zImage (appended): cut off");
	tree_free(without);
}

/* --- tag lists --------------------------------------------------------------- */

static void expect_tags(const struct fixture *f, const uint32_t *words, size_t count)
{
	struct bytes list = segment(f, "atags")->bytes;

	assert_int_equal(list.size, 4 * count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(get_le32(list.data + 4 * i), words[i]);
}

static void test_atags_made(void **state)
{
	static const uint32_t want[] = {
		2, 0x54410001, 4, 0x54410002, 0x40000000, 0x40000000, 4, 0x54420005,
		0, 6,	       4, 0x54410009, 0x65697571, 0x74,	      0, 0,
	};
	struct fixture *f = *state;
	uint32_t words[COUNT(want)];

	f->tree->req.atags = true;
	f->tree->req.command_line = "quiet";
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	memcpy(words, want, sizeof(want));
	words[8] = (uint32_t)segment(f, "initrd")->range.start;
	expect_tags(f, words, COUNT(want));
	assert_int_equal(segment(f, "atags")->range.start, f->plan.kernel_entry - 0x7000);
	assert_int_equal(f->plan.params.cpu.arm.r[2], segment(f, "atags")->range.start);
	assert_lacks(f->tree->log, "--on-corrupt");
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	planned(f);
	assert_contains(f->tree->log, "--on-corrupt=reboot will halt the machine");
	f->tree->req.dtb = "x";
	refused(f, -EINVAL, "You can only use ATAGs if you don't specify a dtb file.");
}

static void test_atags_running(void **state)
{
	static const uint32_t kept[] = { 2, 0x54410001, 3, 0x54410007, 17, 0, 0 };
	/* initrd and command line of the running kernel, in between */
	uint32_t running[] = { 2,	   0x54410001, 4, 0x54420005, 1,  2, 3,
			       0x54410009, 0,	       3, 0x54410007, 17, 0, 0 };
	struct fixture *f = *state;
	struct tree *t = tree_empty();

	f->tree->req.atags = true;
	f->tree->machine.root = &t->root;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	planned(f);
	expect_tags(f, kept, COUNT(kept));
	running[2] = 1;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	refused(f, -EINVAL, "not a list of tags: damaged at 8");
	running[2] = 40;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	refused(f, -EINVAL, "not a list of tags: damaged at 8");
	running[1] = 0x54410002;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	refused(f, -EINVAL, "not a list of tags: damaged at 0");
	tree_put_bytes(t, "/proc/atags", running, 4);
	refused(f, -EINVAL, "not a list of tags: damaged at 0");
	running[1] = 0;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	refused(f, -EINVAL, "not a list of tags: damaged at 0");
	tree_free(t);
}

static void test_atags_too_long(void **state)
{
	static uint32_t running[0x3000 / 4 + 2] = { 2, 0x54410001, 0x3000 / 4 - 4, 0x54410007 };
	struct fixture *f = *state;
	struct tree *t = tree_empty();

	f->tree->req.atags = true;
	f->tree->machine.root = &t->root;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	planned(f);
	assert_int_equal(segment(f, "atags")->bytes.size, 0x3000);
	running[2]++;
	tree_put_bytes(t, "/proc/atags", running, sizeof(running));
	refused(f, -E2BIG, "longer than its place of 12288 bytes");
	tree_free(t);
}

static void test_stdout(void **state)
{
	stdout_is(*state, PURGATORY_SERIAL_PL011, 0x9000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TESTS,
		TEST(test_arch_by_uname),
		TEST(test_entry_state),
		TEST(test_stdout),
		TEST(test_debian_kernel),
		TEST(test_longest_command_line_in_tags),
		TEST(test_appended_tree),
		TEST(test_atags_made),
		TEST(test_atags_running),
		TEST(test_atags_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
