/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tagged images: addresses of the records, damaged headers, the state that both entries get. */
#include "x86_plan.h"
#include "kexec/arch/x86/nbi.h"

#define RECORDS 16
#define LAST 4

/* A header at 0x22000, a record for each row; the contents are "0123456789...". */
struct record {
	uint8_t flags;
	uint32_t load, image, memory;
};

static uint8_t file[0x2000];

static void put_record(size_t at, const struct record *record)
{
	file[at] = 4;
	file[at + 3] = record->flags;
	put_le32(file + at + 4, record->load);
	put_le32(file + at + 8, record->image);
	put_le32(file + at + 12, record->memory);
}

static void make(uint32_t flags, uint32_t entry, const struct record *records, size_t count)
{
	memset(file, 0, sizeof(file));
	for (size_t i = NBI_HEADER_SIZE; i < sizeof(file); i++)
		file[i] = (uint8_t)i;
	memcpy(file, "\x36\x13\x03\x1b", 4);
	put_le32(file + 4, flags);
	put_le32(file + 8, 0x21000010); /* 2100:0010, 0x21010 */
	put_le32(file + 12, entry);
	for (size_t i = 0; i < count; i++)
		put_record(RECORDS + 16 * i, &records[i]);
}

static const struct record four[] = {
	{ 0, 0x10000, 0x800, 0x1000 },
	{ 1, 0x40, 0x10, 0x40 },
	{ 3, 0x100, 8, 8 },
	{ LAST, 0x200000, 0x20, 0x2000 },
};

static void use_file(struct fixture *f, size_t size)
{
	f->image = (struct image){ .name = "nbi", .bytes = { file, size } };
}

static void test_places_of_records(void **state)
{
	static const struct nbi_part want[] = {
		{ { 0x21010, 0x21210 }, 0, 0x200 },
		{ { 0x10000, 0x11000 }, 0x200, 0x800 },
		{ { 0x11040, 0x11080 }, 0xa00, 0x10 },
		{ { 0x10f40, 0x10f48 }, 0xa10, 8 },
	};
	struct record records[4];
	struct err err = { 0 };
	struct nbi nbi;

	(void)state;
	/* The third record lies between the first and the second. */
	memcpy(records, four, sizeof(four));
	records[0].memory = 0xf00;
	records[1].load = 0x140;
	make(4, 0x10000004, records, 4);
	assert_int_equal(nbi_parse((struct bytes){ file, 0xa38 }, &nbi, &err), 0);
	assert_int_equal(nbi.parts, 5);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (i != 1)
			assert_memory_equal(&nbi.part[i], &want[i], sizeof(want[i]));
	}
	assert_int_equal(nbi.part[4].offset, 0xa18);
	assert_false(nbi.is_32bit);
	assert_int_equal(nbi.entry, 0x10004);
	assert_int_equal(nbi_parse((struct bytes){ file, 0xa37 }, &nbi, &err), -ENOEXEC);
	assert_string_equal(err.what, "this NBI is cut short: 0xa37 bytes, its record 3 needs 0x20 "
				      "from 0xa18 on");
	/* Words of a vendor follow the header and each record. */
	make(0x24, 0x10000004, NULL, 0);
	put_record(RECORDS + 8, &four[0]);
	file[RECORDS + 8] = 0x34;
	put_record(RECORDS + 8 + 28, &four[3]);
	assert_int_equal(nbi_parse((struct bytes){ file, sizeof(file) }, &nbi, &err), 0);
	assert_int_equal(nbi.part[2].range.start, 0x200000);
}

static void test_real_mode(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	const struct segment *stack;
	const uint8_t *top;

	make(4, 0x10000004, &(struct record){ LAST, 0x10000, 0x800, 0x800 }, 1);
	use_file(f, 0xa00);
	assert_int_equal(make_plan(f), 0);
	stack = segment(f, "nbi_stack");
	assert_true(stack->range.end <= 0xa0000);
	assert_int_equal(f->plan.kernel_entry, 0x10004);
	assert_int_equal(cpu->mode, PURGATORY_X86_REAL_MODE);
	assert_int_equal(cpu->ip, 4);
	assert_int_equal(cpu->segment[1], 0x1000);
	assert_int_equal(cpu->segment[3], 0x2100);
	assert_int_equal(cpu->reg[3], 0x10);
	assert_int_equal(cpu->segment[2] << 4, stack->range.start);
	top = stack->bytes.data + cpu->reg[PURGATORY_X86_RSP];
	assert_int_equal(top + 12 - stack->bytes.data, stack->bytes.size);
	assert_int_equal(get_le32(top), stack->range.start >> 4 << 16); /* to return to */
	assert_int_equal(get_le32(top + 4), 0x21000010);
	assert_memory_equal(stack->bytes.data, "\xfa\xf4\xeb\xfd", 4);
	/* The header shares a page with nothing; both lie at their addresses. */
	assert_int_equal(segment(f, "kernel.0")->range.start, 0x21000);
	assert_memory_equal(segment(f, "kernel.0")->bytes.data + 0x10, file, 0x200);
	assert_memory_equal(segment(f, "kernel.1")->bytes.data, file + 0x200, 0x800);
	f->x86.efi_present = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "needs a BIOS"));
}

static void test_protected_mode(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	const struct segment *stack;
	const uint8_t *top;

	make(0x80000004, 0x200010, &(struct record){ LAST, 0x200010, 0x20, 0x2000 }, 1);
	use_file(f, 0x220);
	assert_int_equal(make_plan(f), 0);
	stack = segment(f, "nbi_stack");
	assert_int_equal(cpu->mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(cpu->ip, 0x200010);
	top = stack->bytes.data + (cpu->reg[PURGATORY_X86_RSP] - stack->range.start);
	assert_int_equal(top + 16 - stack->bytes.data, stack->bytes.size);
	assert_int_equal(get_le32(top), stack->range.start);
	assert_int_equal(get_le32(top + 8), 0x21010);
	for (size_t i = 4; i <= 12; i += 8) {
		uint64_t at = get_le32(top + i) - stack->range.start;

		assert_int_equal(get_le32(stack->bytes.data + at), 0);
	}
}

/* The bytes that one record damages, and the sentence about it. */
static void test_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		int code;
		const char *says;
	} cases[] = {
		{ 4, 5, -ENOEXEC, "byte 0x4 gives its header or a record 5 words" },
		{ 4, 0x104, -ENOTSUP, "returns to its loader (flags 0x104, bit 8)" },
		{ 4, 0x204, -ENOTSUP, "flags 0x204 contain unknown bits" },
		{ 12, 0x30000000, -ENOEXEC, "entry 0x30000 is in no segment" },
		{ 12, 0x10800000, -ENOEXEC, "entry 0x10800 is in no segment" },
		{ 16, 3, -ENOEXEC, "byte 0x10 gives" },
		{ 16, 0x08000004, -ENOTSUP, "record 0 has the flags 0x8" },
		{ 16, 0x02000004, -ENOTSUP, "record 0 counts its address from the end of memory" },
		{ 16, 0x01000004, -ENOEXEC, "record 0 counts its address from the segment before" },
		{ 32, 0x03000004, -ENOEXEC, "" },
		{ 20, 0xfffff001, -ENOEXEC, "loads 0x1000 bytes to 0xfffff001" },
		{ 24, 0x1001, -ENOEXEC, "record 0 has 0x1001 bytes for a memory of 0x1000" },
		{ 20, 0x21000, -ENOEXEC, "overlaps the header at 0x21010" },
		{ 68, 0x10010, -ENOEXEC, "overlaps the segment at 0x10000" },
		{ 64, 0x00000004, -ENOEXEC, "byte 0x50 gives" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make(4, 0x10000004, four, 4);
		put_record(RECORDS + 32, &(struct record){ 1, 0x40, 8, 8 });
		use_file(f, sizeof(file));
		assert_int_equal(make_plan(f), 0);
		put_le32(file + cases[i].at, cases[i].value);
		if (cases[i].says[0])
			refused(f, cases[i].code, cases[i].says);
		else
			assert_int_not_equal(make_plan(f), 0);
	}
}

static void test_records_without_end(void **state)
{
	struct record records[31];
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		records[i] = (struct record){ i ? 1 : 0, i ? 0 : 0x10000, 8, 8 };
	make(4, 0x10000000, records, ARRAY_SIZE(records));
	use_file(f, sizeof(file));
	refused(f, -ENOEXEC, "record 31 at 0x200 is not inside the first 512 bytes");
	file[RECORDS + 16 * 30 + 3] |= LAST;
	assert_int_equal(make_plan(f), 0);
}

static void test_takes_no_more(void **state)
{
	struct fixture *f = *state;

	make(4, 0x10000004, four, 4);
	put_record(RECORDS + 32, &(struct record){ 1, 0x40, 8, 8 });
	use_file(f, sizeof(file));
	f->req.command_line = "quiet";
	refused(f, -EINVAL, "leave out the options for them");
	f->req.command_line = NULL;
	f->req.crash = true;
	refused(f, -ENOTSUP, "only Linux can save a crash dump");
	f->req.crash = false;
	f->req.real_mode = true;
	refused(f, -EINVAL, "--real-mode means nothing for nbi");
	f->req.real_mode = false;
	put_record(RECORDS + 48, &(struct record){ LAST, 0x80000000, 8, 8 });
	refused(f, -EADDRNOTAVAIL, "Invalid memory segment");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_places_of_records),	TEST(test_real_mode),
		TEST(test_protected_mode),	TEST(test_refused),
		TEST(test_records_without_end), TEST(test_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
