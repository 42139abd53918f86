/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/arm64/arm64_image.c and uimage.c: every field at its edges, every truncation,
 * every byte of a uImage changed.
 */
#include "kexec/arch/arm64/arm64.h"
#include "parse_image.h"
#include "peel.h"
#include "make_arm64_image.h"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->parse = arm64_image_parse;
	make_arm64_image(f->image);
	make_uimage(f->uimage);
	*state = f;
	return 0;
}

static void reads_every_field(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + TEXT_OFFSET, 0x83000);
	put_le64(f->image + FLAGS, 0x7);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_int_equal(f->parsed.text_offset, 0x83000);
	assert_int_equal(f->parsed.image_size, MADE_IMAGE_MEMORY);
	assert_int_equal(f->parsed.kernel.size, MADE_IMAGE_SIZE);
	assert_true(f->parsed.sized);
	assert_true(f->parsed.flags & LINUX_IMAGE_BIG_ENDIAN);
	assert_false(f->parsed.flags & ARM64_IMAGE_ANYWHERE);
	assert_int_equal(ARM64_IMAGE_PAGE_SIZE(f->parsed.flags), 3);
}

static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < 64; size++)
		expect_refused(f, size, "not an arm64 Image");
	assert_int_equal(parse(f, 64), 0);
	f->image[0x3b] ^= 1;
	expect_refused(f, MADE_IMAGE_SIZE, "not an arm64 Image");
}

static void text_offset_edges(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + TEXT_OFFSET, 2 * MIB - 4096);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + TEXT_OFFSET, 2 * MIB);
	expect_refused(f, MADE_IMAGE_SIZE, "has the text offset 0x200000: a multiple");
	put_le64(f->image + TEXT_OFFSET, 0x80800);
	expect_refused(f, MADE_IMAGE_SIZE, "has the text offset 0x80800: a multiple");
}

static void image_size_edges(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE - 1);
	expect_refused(f, MADE_IMAGE_SIZE, "0x3ff bytes of memory, and it has 0x400");
	put_le64(f->image + IMAGE_SIZE, INT64_MAX);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	put_le64(f->image + TEXT_OFFSET, 0x1000);
	expect_refused(f, MADE_IMAGE_SIZE, "no memory can hold");
	put_le64(f->image + IMAGE_SIZE, UINT64_MAX);
	expect_refused(f, MADE_IMAGE_SIZE, "no memory can hold");
}

/* Nothing of such a header but its magic can be relied on. */
static void before_3_17(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + TEXT_OFFSET, 0x0000080000000000);
	put_le64(f->image + IMAGE_SIZE, 0);
	put_le64(f->image + FLAGS, UINT64_MAX);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_false(f->parsed.sized);
	assert_int_equal(f->parsed.text_offset, 0x80000);
	assert_int_equal(f->parsed.image_size, 16 * MIB);
	assert_int_equal(f->parsed.flags, 0);
}

static void only_a_signature_may_stick_out(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + IMAGE_SIZE, 0x300);
	sign(f, 0x300, 0x100);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_int_equal(f->parsed.kernel.size, 0x300);
	sign(f, 0x301, 0xff);
	expect_refused(f, MADE_IMAGE_SIZE, "0x300 bytes of memory, and it has 0x301");
	sign(f, 0x300, 0xff);
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	sign(f, 0x200, 0xffffff00);
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	sign(f, 0, 0);
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	/* One that would leave no kernel, or a part of its headers, is none. */
	sign(f, 0, MADE_IMAGE_SIZE);
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	sign(f, 0x40 + 24 + 240 - 1, MADE_IMAGE_SIZE - (0x40 + 24 + 240 - 1));
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	/* One that fits stays: its digest is that of the file. */
	put_le64(f->image + IMAGE_SIZE, 0x400);
	sign(f, 0x300, 0x100);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	assert_int_equal(f->parsed.kernel.size, 0x400);
}

/* The section table shows that the end of the file is missing. */
static void cut_short(void **state)
{
	struct fixture *f = *state;
	uint8_t *section = f->image + 0x40 + 24 + 240;

	sign(f, 0, 0);
	put_le16(f->image + 0x40 + 6, 1);
	memset(section, 0, 40);
	memcpy(section, ".text", 5);
	put_le32(section + 16, 0x200);
	put_le32(section + 20, 0x200);
	assert_int_equal(parse(f, MADE_IMAGE_SIZE), 0);
	expect_refused(f, MADE_IMAGE_SIZE - 1, "section .text: this PE file is cut short");
	expect_refused(f, 0x100, "cut short");
	/* Nor may a signature begin inside of one. */
	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE - 1);
	sign(f, MADE_IMAGE_SIZE - 0x100, 0x100);
	put_le16(f->image + 0x40 + 6, 1);
	expect_refused(f, MADE_IMAGE_SIZE, "it has 0x400");
	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_MEMORY);
	put_le32(section + 20, 0xffffffff);
	expect_refused(f, MADE_IMAGE_SIZE, "section .text: this PE file is cut short");
}

static int peel(struct fixture *f, size_t size, struct image *image)
{
	err_clear(&f->ctx.err);
	return peel_file(&f->ctx, (struct bytes){ f->uimage, size }, MIB, image);
}

static void expect_bad_uimage(struct fixture *f, size_t size, const char *words)
{
	struct image image;

	assert_true(peel(f, size, &image) < 0);
	if (!strstr(f->ctx.err.what, words))
		fail_msg("'%s' does not contain '%s'", f->ctx.err.what, words);
}

static void uimage_is_peeled(void **state)
{
	struct fixture *f = *state;
	struct image image;

	assert_int_equal(peel(f, MADE_UIMAGE_SIZE, &image), 0);
	assert_true(image_was_in(&image, "uImage"));
	assert_int_equal(image.uimage_machine, ARM64_UIMAGE);
	assert_int_equal(image.bytes.size, MADE_IMAGE_SIZE);
	assert_true(arm64_image_probe(image.bytes));
	/* What follows the data is not part of it. */
	made_uimage_seal(f->uimage, MADE_IMAGE_SIZE - 100);
	assert_int_equal(peel(f, MADE_UIMAGE_SIZE, &image), 0);
	assert_int_equal(image.bytes.size, MADE_IMAGE_SIZE - 100);
}

/* A change of any byte but the magic number's breaks one of the checksums. */
static void uimage_checksums(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 4; i < MADE_UIMAGE_SIZE; i++) {
		f->uimage[i] ^= 0x40;
		expect_bad_uimage(f, MADE_UIMAGE_SIZE,
				  i < 64 ? "Header checksum of the uImage does not match"
					 : "Data checksum of the uImage does not match");
		f->uimage[i] ^= 0x40;
	}
}

static void uimage_cut_short(void **state)
{
	struct fixture *f = *state;
	struct image image;

	for (size_t size = 64; size < MADE_UIMAGE_SIZE; size += 7)
		expect_bad_uimage(f, size, "Image size doesn't match the header");
	/* Less than a header is no uImage. */
	assert_int_equal(peel(f, 63, &image), 0);
	assert_int_equal(image.layers, 0);
	put_le32(f->uimage + 12, 0xffffffff);
	put_le32(f->uimage + 4, 0);
	put_le32(f->uimage + 4, __builtin_bswap32(made_crc32(f->uimage, 64)));
	expect_bad_uimage(f, MADE_UIMAGE_SIZE, "it says 4294967295 bytes");
}

static void uimage_of_other_kinds(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *words;
	} cases[] = {
		{ 28, 17, "uImage os 17 unsupported" },
		{ 30, 3, "uImage type 3 unsupported" },
		{ 30, 4, "uImage type 4 unsupported" },
		{ 31, 1, "marked 'gzip'" },
		{ 31, 2, "marked 'bzip2'" },
		{ 31, 255, "marked 'unknown'" },
	};
	struct fixture *f = *state;
	struct image image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_uimage(f->uimage);
		f->uimage[cases[i].at] = cases[i].value;
		made_uimage_seal(f->uimage, MADE_IMAGE_SIZE);
		expect_bad_uimage(f, MADE_UIMAGE_SIZE, cases[i].words);
	}
	make_uimage(f->uimage);
	f->uimage[30] = 14; /* a kernel that runs where it is loaded */
	made_uimage_seal(f->uimage, MADE_IMAGE_SIZE);
	assert_int_equal(peel(f, MADE_UIMAGE_SIZE, &image), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_field),
		TEST(every_truncation),
		TEST(text_offset_edges),
		TEST(image_size_edges),
		TEST(before_3_17),
		TEST(only_a_signature_may_stick_out),
		TEST(cut_short),
		TEST(uimage_is_peeled),
		TEST(uimage_checksums),
		TEST(uimage_cut_short),
		TEST(uimage_of_other_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
