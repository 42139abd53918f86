/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzImage: the choice of its entry, and the state in which the 32-bit and 16-bit entry start. */
#include "x86_plan.h"
#include "kexec/arch/x86/x86.h"

static const struct purgatory_x86_state *cpu(const struct fixture *f)
{
	return &f->plan.params.cpu.x86;
}

static void test_entry_32bit(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };
	const struct segment *bp;

	give_initrds(f, names, 1);
	set_ram(f, MIB, 8 * GIB);
	f->req.entry_32bit = true;
	assert_int_equal(make_plan(f), 0);
	assert_string_equal(f->plan.started_by, "its 32-bit entry: --entry-32bit asks for it");
	assert_int_equal(segment(f, "kernel")->range.end, 4 * GIB);
	assert_int_equal(segment(f, "initrd")->range.end, 2 * GIB); /* initrd_addr_max */
	bp = segment(f, "boot_params");
	assert_true(bp->range.end <= 4 * GIB);
	assert_int_equal(cpu(f)->mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(cpu(f)->ip, segment(f, "kernel")->range.start);
	assert_int_equal(f->plan.kernel_entry, cpu(f)->ip);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(cpu(f)->reg[i], i == PURGATORY_X86_RSI ? bp->range.start : 0);
	assert_int_equal(f->plan.reach.range.end, 4 * GIB); /* for purgatory */
	/* A kernel that does not know 5-level paging is entered without paging. */
	f->x86.la57 = true;
	f->file[0x236] &= (uint8_t)~0x20;
	assert_int_equal(make_plan(f), 0);

	set_ram(f, 4 * GIB, 8 * GIB);
	refused(f, -EADDRNOTAVAIL, "memory below 4 GiB");
	unlink(names[0]);
}

static void test_choice_of_the_entry(void **state)
{
	static const struct {
		const char *type;
		uint8_t xloadflags;
		unsigned int mode;
		const char *started_by; /* NULL: as usual */
	} cases[] = {
		{ NULL, 3, 64, NULL },
		{ "bzImage64", 3, 64, NULL },
		{ "bzImage", 3, 32, "its 32-bit entry: -t bzImage asks for it" },
		{ NULL, 1, 64, "its 64-bit entry, below 4 GiB: xloadflags 0x1 lacks bit 1" },
		{ "bzImage", 1, 32, "its 32-bit entry: -t bzImage asks for it" },
		{ NULL, 2, 32, "its 32-bit entry: it has no 64-bit entry" },
		{ "bzImage", 0, 32, "its 32-bit entry: it has no 64-bit entry" },
	};
	struct fixture *f = *state;

	set_ram(f, MIB, 8 * GIB);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool high = !cases[i].started_by;

		f->req.type = cases[i].type;
		f->file[0x236] = cases[i].xloadflags;
		assert_int_equal(make_plan(f), 0);
		assert_int_equal(cpu(f)->mode, cases[i].mode);
		if (high)
			assert_null(f->plan.started_by);
		else
			assert_string_equal(f->plan.started_by, cases[i].started_by);
		assert_int_equal(segment(f, "kernel")->range.start >= 4 * GIB, high);
	}
	/* kexec_file_load has no 32-bit entry. */
	f->req.type = "bzImage";
	f->file[0x236] = 3;
	f->req.method = METHOD_KEXEC_FILE_LOAD;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu(f)->mode, 64);
	f->req.method = METHOD_KEXEC_LOAD;
	f->file[0x236] = 0;
	f->req.type = "bzImage64";
	refused(f, -EINVAL, "Wrong file type bzImage64, file matches type bzImage");
}

static void test_kexec_file_load(void **state)
{
	struct fixture *f = *state;
	uint64_t cmdline_size;

	assert_int_equal(bzimage_file_check(f->image.bytes, &cmdline_size, &f->ctx.err), 0);
	f->file[0x236] = 1;
	assert_int_equal(bzimage_file_check(f->image.bytes, &cmdline_size, &f->ctx.err),
			 -EOPNOTSUPP);
	assert_says(f, "lacks a 64-bit entry");
}

static void test_initrd_end(void **state)
{
	static const struct {
		uint8_t xloadflags;
		uint64_t end;
	} cases[] = { { 0x03, 8 * GIB }, { 0x01, 2 * GIB }, { 0x00, 2 * GIB } };
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };

	give_initrds(f, names, 1);
	set_ram(f, MIB, 8 * GIB);
	put_le32(f->file + 0x22c, 0x7fffffff);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->file[0x236] = cases[i].xloadflags;
		assert_int_equal(make_plan(f), 0);
		assert_true(segment(f, "initrd")->range.end <= cases[i].end);
		assert_true(segment(f, "initrd")->range.end > cases[i].end - GIB);
	}
	unlink(names[0]);
}

/* It copies boot_params before it maps all of its memory. */
static void test_32bit_kernel(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };

	give_initrds(f, names, 1);
	f->file[0x236] = 0;
	set_ram(f, MIB, 4 * GIB);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 16 * MIB);
	assert_int_equal(segment(f, "boot_params")->range.start, 0x3000);
	put_le32(f->file + 0x22c, 0x37ffffff);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "initrd")->range.end, 0x38000000);
	set_ram(f, 900 * MIB, 4 * GIB);
	refused(f, -EADDRNOTAVAIL, "32-bit kernel below 896 MiB");
	unlink(names[0]);
}

/* Protocol 2.00 has no pointer to the command line, and no init_size. */
static void test_oldest_protocol(void **state)
{
	struct fixture *f = *state;
	const struct segment *bp;

	put_le16(f->file + 0x206, 0x0200);
	f->req.command_line = "quiet";
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, MIB);
	bp = segment(f, "boot_params");
	assert_int_equal(get_le16(bp->bytes.data + 0x20), 0xa33f);
	assert_string_equal((const char *)bp->bytes.data + get_le16(bp->bytes.data + 0x22),
			    "quiet");
	assert_int_equal(f->plan.purgatory_placement.limit[1].range.end, LOW_640K);
	put_le16(f->file + 0x206, 0x020f);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(get_le16(segment(f, "boot_params")->bytes.data + 0x20), 0);
}

static void test_real_mode(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };
	const struct segment *setup;
	const uint8_t *block;
	uint16_t segment_register;

	give_initrds(f, names, 1);
	set_ram(f, MIB, 8 * GIB);
	f->req.real_mode = true;
	f->req.command_line = "quiet";
	assert_int_equal(make_plan(f), 0);
	setup = segment(f, "kernel_setup");
	block = setup->bytes.data;
	assert_true(setup->sealed);
	assert_int_equal(setup->range.start, 0x3000);
	segment_register = 0x300;
	assert_int_equal(cpu(f)->mode, PURGATORY_X86_REAL_MODE);
	assert_int_equal(cpu(f)->ip, 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(cpu(f)->segment[i], segment_register + (i == 1 ? 0x20 : 0));
	/* The stack lies in the segment, and the command line after the segment. */
	assert_int_equal(cpu(f)->reg[PURGATORY_X86_RSP], 0xe000);
	assert_int_equal(get_le16(block + 0x224), 0xe000 - 0x200);
	assert_int_equal(get_le32(block + 0x228), 0x3000 + 0x10000);
	assert_string_equal((const char *)block + 0x10000, "quiet");
	assert_int_equal(block[0x210], 0xd0);
	assert_int_equal(block[0x211], 0x81);
	assert_int_equal(get_le32(block + 0x214), segment(f, "kernel")->range.start);
	assert_int_equal(get_le32(block + 0x218), segment(f, "initrd")->range.start);
	assert_int_equal(get_le32(block + 0x21c), 6);
	assert_memory_equal(block + MADE_VERSION_AT, MADE_VERSION, sizeof(MADE_VERSION));
	assert_int_equal(f->plan.purgatory_placement.limit[1].range.end, LOW_640K);
	assert_int_equal(f->plan.kernel_entry, 0x3200);
	assert_int_equal(f->said[0], 0);
	f->x86.efi_present = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "needs a BIOS"));
	unlink(names[0]);
}

static void test_real_mode_of_old(void **state)
{
	struct fixture *f = *state;
	const uint8_t *block;

	f->req.real_mode = true;
	f->req.command_line = "quiet";
	put_le16(f->file + 0x206, 0x0200);
	assert_int_equal(make_plan(f), 0);
	block = segment(f, "kernel_setup")->bytes.data;
	assert_int_equal(cpu(f)->reg[PURGATORY_X86_RSP], 0x9800);
	assert_int_equal(get_le16(block + 0x20), 0xa33f);
	assert_int_equal(get_le16(block + 0x22), 0x9800);
	assert_string_equal((const char *)block + 0x9800, "quiet");
	assert_int_equal(get_le16(block + 0x212), 0x9800 + 6);
	assert_int_equal(block[0x211], 0x01);
	assert_int_equal(get_le16(block + 0x224), 0);
	assert_int_equal(get_le32(block + 0x228), 0);
}

static void test_real_mode_refusals(void **state)
{
	struct fixture *f = *state;
	uint8_t *large = arena_alloc(&f->ctx.arena, 0x20000);

	f->req.real_mode = true;
	memcpy(large, f->file, MADE_BZIMAGE_SIZE);
	large[0x1f1] = 63;
	put_le32(large + 0x1f4, 0x100);
	f->image.bytes = (struct bytes){ large, 0x8000 + 0x1000 };
	assert_int_equal(make_plan(f), 0);
	large[0x1f1] = 64;
	f->image.bytes.size = 0x8200 + 0x1000;
	refused(f, -ENOEXEC, "0x8200 bytes, --real-mode has room for 0x8000");
	use_bzimage(f);
	f->req.crash = true;
	refused(f, -ENOTSUP, "Can't use bzImage for crash dump purposes with real mode entry");
	f->req.crash = false;
	set_ram(f, MIB, GIB);
	f->machine.ram.range[0].end = 0x12000;
	refused(f, -EADDRNOTAVAIL, "kernel_setup");
}

/* The bytes at a physical address of the segment. */
static const uint8_t *at(const struct segment *s, uint64_t address)
{
	assert_in_range(address, s->range.start, s->range.start + s->bytes.size - 1);
	return s->bytes.data + (address - s->range.start);
}

static void expect_tree(const struct segment *s, uint64_t node)
{
	assert_int_equal(node % 8, 0);
	assert_int_equal(get_le32(at(s, node) + 8), 2); /* SETUP_DTB */
	assert_int_equal(get_le32(at(s, node) + 12), 5);
	assert_memory_equal(at(s, node) + 16, "tree!", 5);
}

static void test_device_tree(void **state)
{
	struct fixture *f = *state;
	const struct segment *s;

	f->x86.tree = (struct bytes){ (const uint8_t *)"tree!", 5 };
	assert_int_equal(make_plan(f), 0);
	s = segment(f, "boot_params");
	expect_tree(s, get_le64(s->bytes.data + 0x250));
	f->req.real_mode = true;
	f->req.command_line = "quiet";
	assert_int_equal(make_plan(f), 0);
	s = segment(f, "kernel_setup");
	expect_tree(s, get_le64(s->bytes.data + 0x250));
	assert_int_equal(get_le64(at(s, get_le64(s->bytes.data + 0x250))), 0);
	assert_string_equal(at(s, get_le32(s->bytes.data + 0x228)), "quiet");
	put_le16(f->file + 0x206, 0x0208);
	refused(f, -ENOTSUP,
		"bz: a device tree needs boot protocol 2.09, and this kernel has 2.08");
	f->req.real_mode = false;
	refused(f, -ENOTSUP, "a device tree needs boot protocol 2.09");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_entry_32bit),	       TEST(test_choice_of_the_entry),
		TEST(test_kexec_file_load),    TEST(test_32bit_kernel),
		TEST(test_initrd_end),	       TEST(test_oldest_protocol),
		TEST(test_real_mode),	       TEST(test_real_mode_of_old),
		TEST(test_real_mode_refusals), TEST(test_device_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
