/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/image/pe.c, uki.c, zboot.c: what is taken out of PE files, and that no
 * offset or size leads out of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kexec/image/android.h"
#include "kexec/image/pe.h"
#include "kexec/image/uki.h"
#include "kexec/load.h"
#include "kexec/plan/initrd.h"
#include "make_bzimage.h"
#include "make_pe.h"
#include "packed.h"
#include "peel.h"

#define LIMIT (UINT64_C(1) << 20)

struct fixture {
	struct ctx ctx;
	struct made_pe pe;
	uint8_t kernel[MADE_BZIMAGE_SIZE];
	struct image image;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	make_bzimage(f->kernel);
	make_pe(&f->pe);
	made_pe_add(&f->pe, ".text", "stub", 4);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

static uint8_t *add_text(struct fixture *f, const char *name, const char *text)
{
	return made_pe_add(&f->pe, name, text, strlen(text));
}

static uint8_t *add_kernel(struct fixture *f)
{
	return made_pe_add(&f->pe, ".linux", f->kernel, sizeof(f->kernel));
}

static int peel(struct fixture *f)
{
	err_clear(&f->ctx.err);
	return peel_file(&f->ctx, made_pe_bytes(&f->pe), LIMIT, &f->image);
}

static void expect_kernel(struct fixture *f)
{
	if (peel(f))
		fail_msg("%s", f->ctx.err.what);
	assert_int_equal(f->image.bytes.size, sizeof(f->kernel));
	assert_memory_equal(f->image.bytes.data, f->kernel, sizeof(f->kernel));
	assert_true(image_was_in(&f->image, "uki"));
}

static int peel_profile(struct fixture *f, uint64_t profile)
{
	struct image_rules rules = peel_rules(&f->ctx, LIMIT);

	rules.uki_profile = profile;
	err_clear(&f->ctx.err);
	return image_peel(&f->ctx, "FILE", made_pe_bytes(&f->pe), &rules, &f->image);
}

static void expect_refused(struct fixture *f, int code, const char *words)
{
	int ret = peel(f);

	if (ret != code || strncmp(f->ctx.err.what, "FILE: ", 6) ||
	    !strstr(f->ctx.err.what, words) || f->ctx.err.status != EXIT_STATUS_REFUSED)
		fail_msg("wanted %d '%s', got %d '%s'", code, words, ret, f->ctx.err.what);
}

static void expect_bytes(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.size, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.size);
}

static void takes_all_sections(void **state)
{
	struct fixture *f = *state;

	add_text(f, ".initrd", "the initrd");
	add_text(f, ".cmdline", " root=/dev/vda\tquiet\r\n");
	add_text(f, ".ucode", "microcode");
	add_text(f, ".dtb", "tree");
	add_text(f, ".dtb", "other tree");
	add_text(f, ".uname", "6.0-of-uname\n");
	add_kernel(f);
	expect_kernel(f);
	assert_int_equal(f->image.layers, 1);
	assert_string_equal(f->image.layer[0], "uki");
	expect_bytes(f->image.initrd, "the initrd");
	expect_bytes(f->image.ucode, "microcode");
	expect_bytes(f->image.dtb, "tree");
	assert_string_equal(f->image.cmdline, "root=/dev/vda quiet");
	assert_string_equal(f->image.version, MADE_VERSION);
}

static void kernel_alone(void **state)
{
	struct fixture *f = *state;

	add_kernel(f);
	expect_kernel(f);
	assert_int_equal(f->image.initrd.size, 0);
	assert_int_equal(f->image.ucode.size, 0);
	assert_null(f->image.cmdline);
}

static void version_from_uname(void **state)
{
	struct fixture *f = *state;

	memset(f->kernel + MADE_VERSION_AT, 0, sizeof(MADE_VERSION));
	add_text(f, ".uname", "6.0-of-uname\x1b[2J");
	add_kernel(f);
	expect_kernel(f);
	assert_string_equal(f->image.version, "6.0-of-uname");
}

static void command_lines(void **state)
{
	static const struct {
		const char *section, *want;
	} rows[] = {
		{ "quiet", "quiet" },
		{ "quiet\n", "quiet" },
		{ "a b\n\n", "a b" },
		{ "a\nb", "a b" },
		{ "\n", "" },
		{ "\xc3\xa9=1 x", "\xc3\xa9=1 x" },
		{ "\t a  b \t", "a  b" },
		{ "\x1b[2Ja", "[2Ja" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make_pe(&f->pe);
		add_text(f, ".cmdline", rows[i].section);
		add_kernel(f);
		expect_kernel(f);
		assert_string_equal(f->image.cmdline, rows[i].want);
	}
	make_pe(&f->pe);
	made_pe_add(&f->pe, ".cmdline", "quiet\0hidden", 12);
	add_kernel(f);
	expect_kernel(f);
	assert_string_equal(f->image.cmdline, "quiet");
}

/* What comes before the first .profile is common, the first profile is the default one. */
static void profiles(void **state)
{
	struct fixture *f = *state;

	add_text(f, ".cmdline", "base");
	add_text(f, ".initrd", "base initrd");
	add_kernel(f);
	add_text(f, ".profile", "ID=first");
	add_text(f, ".cmdline", "first");
	add_text(f, ".profile", "ID=second");
	add_text(f, ".cmdline", "second");
	add_text(f, ".initrd", "second initrd");
	add_text(f, ".ucode", "second ucode");
	expect_kernel(f);
	assert_string_equal(f->image.cmdline, "first");
	expect_bytes(f->image.initrd, "base initrd");
	assert_int_equal(f->image.ucode.size, 0);
	assert_int_equal(peel_profile(f, 1), 0);
	assert_string_equal(f->image.cmdline, "second");
	expect_bytes(f->image.initrd, "second initrd");
	expect_bytes(f->image.ucode, "second ucode");
	assert_int_equal(peel_profile(f, 2), -EINVAL);
	assert_non_null(strstr(f->ctx.err.what, "it has 2 profiles, numbered from 0: there is no "
						"profile 2"));
}

static void profile_of_none(void **state)
{
	struct fixture *f = *state;

	add_kernel(f);
	assert_int_equal(peel_profile(f, 1), -EINVAL);
	assert_non_null(strstr(f->ctx.err.what, "it has 0 profiles"));
}

static int peel_with(struct fixture *f, struct made_pe *pe, struct uki_addon *addon, size_t addons)
{
	struct image_rules rules = peel_rules(&f->ctx, LIMIT);

	for (size_t i = 0; i < addons; i++)
		addon[i] = (struct uki_addon){
			i ? "SECOND" : "FIRST", made_pe_bytes(&pe[i]), { 0 }, { 0 }
		};
	rules.addon = addon;
	rules.addons = addons;
	err_clear(&f->ctx.err);
	return image_peel(&f->ctx, "FILE", made_pe_bytes(&f->pe), &rules, &f->image);
}

/* The order in which the parts of two add-ons extend the UKI's. */
static void addons_extend(void **state)
{
	struct fixture *f = *state;
	struct load load = { .req = &(struct request){ 0 } };
	struct uki_addon addon[2];
	struct made_pe *pe = calloc(2, sizeof(*pe));
	struct initrd initrd;

	make_pe(&pe[0]);
	made_pe_add(&pe[0], ".cmdline", "one\n", 4);
	made_pe_add(&pe[0], ".ucode", "ucode1", 6);
	made_pe_add(&pe[0], ".dtb", "tree1", 5);
	make_pe(&pe[1]);
	made_pe_add(&pe[1], ".cmdline", "two", 3);
	made_pe_add(&pe[1], ".ucode", "ucode2", 6);
	made_pe_add(&pe[1], ".initrd", "initrd2", 7);
	made_pe_add(&pe[1], ".profile", "", 0);
	made_pe_add(&pe[1], ".dtb", "tree2", 5);
	add_text(f, ".dtb", "tree");
	add_text(f, ".initrd", "initrd");
	add_kernel(f);
	assert_int_equal(peel_with(f, pe, addon, 2), 0);
	assert_string_equal(f->image.cmdline, "one two");
	expect_bytes(f->image.dtb, "tree1");
	assert_true(image_has_initrd(&f->image));
	load.image = f->image;
	assert_int_equal(initrd_open(&f->ctx, &load, arch_image_formats(&f->ctx), LIMIT, &initrd),
			 0);
	assert_int_equal(initrd.bytes.size, 31);
	assert_memory_equal(initrd.bytes.data, "ucode2\0\0ucode1\0\0initrd\0\0initrd2", 31);
	assert_string_equal(initrd.name, "FILE (.initrd + add-ons)");
	free(pe);
}

static void addon_with_the_only_initrd(void **state)
{
	struct fixture *f = *state;
	struct load load = { .req = &(struct request){ 0 } };
	struct made_pe *pe = calloc(1, sizeof(*pe));
	struct uki_addon addon;
	struct initrd initrd;

	make_pe(pe);
	made_pe_add(pe, ".initrd", "initrd1", 7);
	add_kernel(f);
	assert_int_equal(peel_with(f, pe, &addon, 1), 0);
	assert_null(f->image.cmdline);
	load.image = f->image;
	assert_int_equal(initrd_open(&f->ctx, &load, arch_image_formats(&f->ctx), LIMIT, &initrd),
			 0);
	expect_bytes(initrd.bytes, "initrd1");
	assert_string_equal(initrd.name, "FILE (add-ons)");
	free(pe);
}

static void addons_ignored_and_refused(void **state)
{
	struct fixture *f = *state;
	struct made_pe *pe = calloc(1, sizeof(*pe));
	struct uki_addon addon;

	add_text(f, ".uname", "6.0");
	add_text(f, ".cmdline", "own");
	add_kernel(f);
	make_pe(pe);
	made_pe_add(pe, ".cmdline", "x", 1);
	made_pe_add(pe, ".uname", "6.0.1", 5);
	assert_int_equal(peel_with(f, pe, &addon, 1), 0);
	assert_string_equal(f->image.cmdline, "own");
	make_pe(pe);
	made_pe_add(pe, ".cmdline", "x", 1);
	put_le16(pe->data + MADE_PE + 4, 0x14c);
	assert_int_equal(peel_with(f, pe, &addon, 1), 0);
	assert_string_equal(f->image.cmdline, "own");
	memcpy(pe->data, "xx", 2);
	assert_int_equal(peel_with(f, pe, &addon, 1), -ENOEXEC);
	assert_non_null(strstr(f->ctx.err.what, "FILE: add-on FIRST: not a PE file"));
	free(pe);
}

static void kernel_in_second_profile_only(void **state)
{
	struct fixture *f = *state;

	add_text(f, ".profile", "ID=first");
	add_text(f, ".profile", "ID=second");
	add_kernel(f);
	assert_int_equal(peel(f), 0);
	assert_int_equal(f->image.layers, 0);
}

/* Kernels that UEFI can start are PE files, too. */
static void leaves_others_alone(void **state)
{
	struct fixture *f = *state;

	add_text(f, ".linux2", "no kernel");
	add_text(f, ".linu", "no kernel");
	assert_int_equal(peel(f), 0);
	assert_int_equal(f->image.layers, 0);
	assert_ptr_equal(f->image.bytes.data, f->pe.data);

	/* A section of a bzImage called .linux would be a strange bzImage, but one. */
	make_pe(&f->pe);
	add_kernel(f);
	memcpy(f->pe.data + 0x1f1, f->kernel + 0x1f1, 0x7b);
	assert_int_equal(peel(f), 0);
	assert_int_equal(f->image.layers, 0);
}

static void sizes_of_sections(void **state)
{
	struct fixture *f = *state;
	uint8_t *kernel = add_kernel(f);

	/* Without a size in memory the padding belongs to it. */
	put_le32(kernel + 8, 0);
	assert_int_equal(peel(f), 0);
	assert_int_equal(f->image.bytes.size, get_le32(kernel + 16));
	/* More memory than bytes: zeros, which need not be loaded. */
	put_le32(kernel + 8, 0x10000);
	assert_int_equal(peel(f), 0);
	assert_int_equal(f->image.bytes.size, get_le32(kernel + 16));
	put_le32(kernel + 16, 0);
	expect_refused(f, -ENOEXEC, ".linux is empty");
}

/* SizeOfRawData is rounded up.  Some programs do not write the padding of the last section. */
static void padding_may_be_missing(void **state)
{
	struct fixture *f = *state;
	size_t end;
	uint8_t *cmdline;

	add_kernel(f);
	end = f->pe.size;
	cmdline = add_text(f, ".cmdline", "quiet");
	f->pe.size = end + 5;
	assert_int_equal(peel(f), 0);
	assert_string_equal(f->image.cmdline, "quiet");
	f->pe.size = end + 4;
	expect_refused(f, -ENOEXEC, "section .cmdline: this PE file is cut short");
	/* More than padding is missing. */
	f->pe.size = end + 5;
	put_le32(cmdline + 16, 5 + MADE_FILE_ALIGN);
	expect_refused(f, -ENOEXEC, "section .cmdline: this PE file is cut short");
}

static void section_ends_after_the_image(void **state)
{
	struct fixture *f = *state;
	uint8_t *cmdline;
	uint32_t start;

	add_kernel(f);
	cmdline = add_text(f, ".cmdline", "quiet");
	start = get_le32(cmdline + 12);
	put_le32(f->pe.data + MADE_IMAGE_SIZE_AT, start + 5);
	assert_int_equal(peel(f), 0);
	put_le32(f->pe.data + MADE_IMAGE_SIZE_AT, start + 4);
	expect_refused(f, -ENOEXEC,
		       "its section 2 takes the memory [0x60000, 0x60005), the whole "
		       "image has 0x60004 bytes");
	put_le32(f->pe.data + MADE_IMAGE_SIZE_AT, start + 5);
	put_le32(cmdline + 12, 0xffffffff);
	expect_refused(f, -ENOEXEC, "[0xffffffff, 0x100000004)");
	/* Without a size in memory, that in the file counts. */
	put_le32(cmdline + 12, start);
	put_le32(cmdline + 8, 0);
	expect_refused(f, -ENOEXEC, "[0x60000, 0x60200)");
}

static void sections_outside(void **state)
{
	static const uint32_t wild[][2] = {
		{ 0xffffffff, 1 },	    { 1, 0xffffffff },	   { 0xffffffff, 0xffffffff },
		{ 0x80000000, 0x80000000 }, { 0xfffffff0, 0x20 },  { 0, 0x8001 },
		{ 0x7fffffff, 0x7fffffff }, { 0x600, 0xfffffa00 },
	};
	static const char *const names[] = { ".linux", ".initrd", ".cmdline",
					     ".dtb",   ".uname",  ".ucode" };
	struct fixture *f = *state;
	char words[64];

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		for (size_t i = 0; i < sizeof(wild) / sizeof(*wild); i++) {
			uint8_t *header;

			make_pe(&f->pe);
			header = made_pe_add(&f->pe, names[n], f->kernel, sizeof(f->kernel));
			put_le32(header + 20, wild[i][0]);
			put_le32(header + 16, wild[i][1]);
			if (n)
				add_kernel(f);
			snprintf(words, sizeof(words), "section %s: this PE file is cut short",
				 names[n]);
			expect_refused(f, -ENOEXEC, words);
		}
}

static void headers_that_lie(void **state)
{
	struct fixture *f = *state;
	uint8_t *pe = f->pe.data + MADE_PE;

	add_kernel(f);
	put_le16(pe + 6, 0xffff);
	expect_refused(f, -ENOEXEC, "its section table, [0x188, 0x280160), is not inside");
	put_le16(pe + 6, 2);
	put_le16(pe + 20, 0xffff);
	expect_refused(f, -ENOEXEC, "its optional header, [0x98, 0x10097), is not inside");
	put_le16(pe + 20, 100);
	expect_refused(f, -ENOEXEC, "optional header of 100 bytes with the magic 0x20b");
	put_le16(pe + 20, 0);
	expect_refused(f, -ENOEXEC, "optional header of 0 bytes with the magic 0x0,");
	put_le16(pe + 20, MADE_OPTIONAL_SIZE);
	put_le16(f->pe.data + MADE_OPTIONAL, 0x107);
	expect_refused(f, -ENOEXEC, "with the magic 0x107");
	put_le16(f->pe.data + MADE_OPTIONAL, 0x20b);
	put_le32(f->pe.data + MADE_OPTIONAL + 108, 17);
	expect_refused(f, -ENOEXEC, "has room for 16 data directories and claims 17");
	put_le32(f->pe.data + MADE_OPTIONAL + 108, 0xffffffff);
	expect_refused(f, -ENOEXEC, "claims 4294967295");
	put_le32(f->pe.data + MADE_OPTIONAL + 108, 0);
	expect_kernel(f);
	/* PE32: its count of directories lies elsewhere. */
	put_le16(f->pe.data + MADE_OPTIONAL, 0x10b);
	put_le32(f->pe.data + MADE_OPTIONAL + 92, 19);
	expect_refused(f, -ENOEXEC, "has room for 18 data directories and claims 19");
	put_le32(f->pe.data + MADE_OPTIONAL + 92, 18);
	expect_kernel(f);
}

/* No PE signature where e_lfanew points: no PE file, whatever else. */
static void wild_pe_offsets(void **state)
{
	static const uint32_t offsets[] = { 0,	    1,	       0x7f,	   0x81,       0x7ffffff,
					    0x8000, 0x7ffffff, 0x80000000, 0xfffffffc, 0xffffffff };
	struct fixture *f = *state;

	add_kernel(f);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		put_le32(f->pe.data + 0x3c, offsets[i]);
		assert_int_equal(peel(f), 0);
		assert_int_equal(f->image.layers, 0);
	}
	/* The signature is the last thing in the file. */
	put_le32(f->pe.data + 0x3c, (uint32_t)f->pe.size - 4);
	memcpy(f->pe.data + f->pe.size - 4, "PE\0", 4);
	expect_refused(f, -ENOEXEC, "its header, [");
}

/* Cut anywhere it is refused, or was no UKI yet; memory after the cut must not be read. */
static void cut_at_every_byte(void **state)
{
	struct fixture *f = *state;
	size_t whole, kernels = 0;

	add_text(f, ".cmdline", "quiet");
	add_text(f, ".initrd", "the initrd");
	add_kernel(f);
	whole = f->pe.size;
	for (size_t size = 1; size < whole; size++) {
		uint8_t *copy = malloc(size);
		int ret;

		memcpy(copy, f->pe.data, size);
		ret = peel_file(&f->ctx, (struct bytes){ copy, size }, LIMIT, &f->image);
		if (size < MADE_PE + 4)
			assert_int_equal(ret, 0);
		else
			assert_int_equal(ret, -ENOEXEC);
		kernels += f->image.layers;
		free(copy);
	}
	assert_int_equal(kernels, 0);
}

static void compressed_inside_and_outside(void **state)
{
	struct fixture *f = *state;

	for_each_packer(p)
	{
		struct packed kernel = p->pack((struct bytes){ f->kernel, sizeof(f->kernel) });
		struct packed uki;

		make_pe(&f->pe);
		made_pe_add(&f->pe, ".linux", kernel.data, kernel.size);
		add_text(f, ".initrd", "the initrd");
		expect_kernel(f);
		assert_int_equal(f->image.layers, 2);
		uki = p->pack(made_pe_bytes(&f->pe));
		if (peel_file(&f->ctx, packed_bytes(&uki), LIMIT, &f->image))
			fail_msg("%s", f->ctx.err.what);
		assert_int_equal(f->image.layers, 3);
		assert_string_equal(f->image.layer[0], p->format->name);
		assert_string_equal(f->image.layer[1], "uki");
		assert_memory_equal(f->image.bytes.data, f->kernel, sizeof(f->kernel));
		expect_bytes(f->image.initrd, "the initrd");
		free(uki.data);
		free(kernel.data);
	}
}

static void nested(void **state)
{
	struct fixture *f = *state;
	struct made_pe inner;

	add_kernel(f);
	inner = f->pe;
	make_pe(&f->pe);
	made_pe_add(&f->pe, ".linux", inner.data, inner.size);
	expect_refused(f, -ENOEXEC, "inside its uki data: a UKI in a UKI");
	/* One that is in itself. */
	put_le32(made_section(&f->pe, 0) + 20, 0);
	expect_refused(f, -ENOEXEC, "a UKI in a UKI");
}

/* What kexec_file_load is given: the kernel inside and what comes with it. */
static void parts_for_the_file_call(void **state)
{
	struct fixture *f = *state;
	struct request req = { .kernel = "FILE", .purgatory = "pie" };
	struct load *load = calloc(1, sizeof(*load));
	struct file_load files;

	assert_non_null(load);
	add_text(f, ".initrd", "the initrd");
	add_text(f, ".cmdline", "quiet\n");
	add_kernel(f);
	expect_kernel(f);
	load->req = &req;
	load->arch = &arch_x86_64;
	load->image = f->image;
	assert_int_equal(arch_choose_type(&f->ctx, &arch_x86_64, &req, &load->image, &load->type),
			 0);
	load->own_cmdline = f->image.cmdline;
	assert_int_equal(initrd_open(&f->ctx, load, arch_image_formats(&f->ctx), UINT64_MAX,
				     &load->initrd),
			 0);
	assert_int_equal(load_files(&f->ctx, load, &files), 0);
	assert_ptr_equal(files.kernel.bytes.data, f->image.bytes.data);
	assert_int_equal(files.kernel.bytes.size, sizeof(f->kernel));
	expect_bytes(files.initrd.bytes, "the initrd");
	assert_null(files.initrd.file);
	assert_string_equal(files.cmdline, "quiet");
	free(load);
}

/* --- zboot ------------------------------------------------------------------ */

#define PAYLOAD 0x200

/* With the word after the payload that the kernel's build leaves there. */
static struct packed made_zboot(struct bytes kernel, const struct packer *p, const char *name)
{
	struct packed payload = p->pack(kernel), zboot = { calloc(1, PAYLOAD), PAYLOAD };

	memcpy(zboot.data, "MZ\0\0zimg", 8);
	put_le32(zboot.data + 8, PAYLOAD);
	put_le32(zboot.data + 12, (uint32_t)payload.size);
	memcpy(zboot.data + 24, name, strlen(name));
	put_le32(zboot.data + 56, 0x818223cd);
	put_le32(zboot.data + 60, 0x40);
	packed_append(&zboot, payload.data, payload.size);
	packed_append(&zboot, "\x01\x02\x03\x04", 4);
	free(payload.data);
	return zboot;
}

static const char *name_of(const struct packer *p)
{
	if (p->format == &decompressor_zstd)
		return "zstd22";
	return p->format == &decompressor_xz ? "xzkern" : p->format->name;
}

static int peel_packed(struct fixture *f, const struct packed *packed)
{
	err_clear(&f->ctx.err);
	return peel_file(&f->ctx, packed_bytes(packed), LIMIT, &f->image);
}

static void zboot_of_every_compression(void **state)
{
	struct fixture *f = *state;

	for_each_packer(p)
	{
		struct packed zboot = made_zboot((struct bytes){ f->kernel, sizeof(f->kernel) }, p,
						 name_of(p));

		if (peel_packed(f, &zboot))
			fail_msg("%s", f->ctx.err.what);
		assert_int_equal(f->image.layers, 1);
		assert_string_equal(f->image.layer[0], "zboot");
		assert_int_equal(f->image.bytes.size, sizeof(f->kernel));
		assert_memory_equal(f->image.bytes.data, f->kernel, sizeof(f->kernel));
		free(zboot.data);
	}
}

/* The build pads the kernel; its signature must be the last thing in it. */
static void zboot_of_a_signed_kernel(void **state)
{
	struct fixture *f = *state;
	struct packed zboot;
	size_t want;

	if (!packers[0].format)
		return;
	want = f->pe.size - 0x100;
	put_le32(f->pe.data + MADE_CERTIFICATES, (uint32_t)want - 8);
	put_le32(f->pe.data + MADE_CERTIFICATES + 4, 8);
	zboot = made_zboot(made_pe_bytes(&f->pe), packers, name_of(packers));
	assert_int_equal(peel_packed(f, &zboot), 0);
	assert_int_equal(f->image.bytes.size, want);
	free(zboot.data);
	/* A table that is not in the file cuts nothing off. */
	put_le32(f->pe.data + MADE_CERTIFICATES, 0xfffffff0);
	put_le32(f->pe.data + MADE_CERTIFICATES + 4, 0x20);
	zboot = made_zboot(made_pe_bytes(&f->pe), packers, name_of(packers));
	assert_int_equal(peel_packed(f, &zboot), 0);
	assert_int_equal(f->image.bytes.size, f->pe.size);
	free(zboot.data);
}

static void expect_bad_zboot(struct fixture *f, const struct packed *zboot, int code,
			     const char *words)
{
	int ret = peel_packed(f, zboot);

	if (ret != code || !strstr(f->ctx.err.what, words) ||
	    f->ctx.err.status != EXIT_STATUS_REFUSED)
		fail_msg("wanted %d '%s', got %d '%s'", code, words, ret, f->ctx.err.what);
}

static void zboot_that_lies(void **state)
{
	static const uint32_t wild[][2] = {
		{ 0xffffffff, 1 },	    { 0xffffff00, 0x200 },	{ 0x200, 0xffffffff },
		{ 0x80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff },
	};
	struct fixture *f = *state;
	struct packed zboot;

	if (!packers[0].format)
		return;
	zboot = made_zboot((struct bytes){ f->kernel, sizeof(f->kernel) }, packers,
			   name_of(packers));
	for (size_t i = 0; i < sizeof(wild) / sizeof(*wild); i++) {
		put_le32(zboot.data + 8, wild[i][0]);
		put_le32(zboot.data + 12, wild[i][1]);
		expect_bad_zboot(f, &zboot, -ENOEXEC, "FILE: this zboot image is cut short");
	}
	put_le32(zboot.data + 8, PAYLOAD);
	put_le32(zboot.data + 12, (uint32_t)zboot.size - PAYLOAD - 5);
	expect_bad_zboot(f, &zboot, -EBADMSG, "FILE: its zboot payload at 0x200: the ");
	put_le32(zboot.data + 12, 0);
	expect_bad_zboot(f, &zboot, -EOPNOTSUPP, "payload at 0x200 is marked '");
	put_le32(zboot.data + 12, (uint32_t)zboot.size - PAYLOAD - 4);
	memcpy(zboot.data + 24, "lz4", 4);
	expect_bad_zboot(f, &zboot, -EOPNOTSUPP, "marked 'lz4': not a compression");
	memset(zboot.data + 24, 'x', 32);
	expect_bad_zboot(f, &zboot, -EOPNOTSUPP, "marked 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'");
	memcpy(zboot.data + 24, "\x1b[2J", 5);
	expect_bad_zboot(f, &zboot, -EOPNOTSUPP, "marked ''");
	free(zboot.data);
}

static void zboot_cut_at_every_byte(void **state)
{
	struct fixture *f = *state;
	struct packed zboot;

	if (!packers[0].format)
		return;
	zboot = made_zboot((struct bytes){ f->kernel, sizeof(f->kernel) }, packers,
			   name_of(packers));
	for (size_t size = 1; size < zboot.size - 4; size++) {
		struct packed cut = { malloc(size), size };
		int ret;

		memcpy(cut.data, zboot.data, size);
		ret = peel_packed(f, &cut);
		assert_int_equal(ret, size < 64 ? 0 : -ENOEXEC);
		assert_int_equal(f->image.layers, 0);
		free(cut.data);
	}
	free(zboot.data);
}

static void uki_of_a_zboot(void **state)
{
	struct fixture *f = *state;
	struct packed zboot;

	if (!packers[0].format)
		return;
	zboot = made_zboot((struct bytes){ f->kernel, sizeof(f->kernel) }, packers,
			   name_of(packers));
	made_pe_add(&f->pe, ".linux", zboot.data, zboot.size);
	expect_kernel(f);
	assert_int_equal(f->image.layers, 2);
	assert_string_equal(f->image.layer[1], "zboot");
	free(zboot.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_all_sections),
		TEST(kernel_alone),
		TEST(version_from_uname),
		TEST(command_lines),
		TEST(profiles),
		TEST(profile_of_none),
		TEST(addons_extend),
		TEST(addon_with_the_only_initrd),
		TEST(addons_ignored_and_refused),
		TEST(kernel_in_second_profile_only),
		TEST(leaves_others_alone),
		TEST(sizes_of_sections),
		TEST(padding_may_be_missing),
		TEST(section_ends_after_the_image),
		TEST(sections_outside),
		TEST(headers_that_lie),
		TEST(wild_pe_offsets),
		TEST(cut_at_every_byte),
		TEST(compressed_inside_and_outside),
		TEST(nested),
		TEST(parts_for_the_file_call),
		TEST(zboot_of_every_compression),
		TEST(zboot_of_a_signed_kernel),
		TEST(zboot_that_lies),
		TEST(zboot_cut_at_every_byte),
		TEST(uki_of_a_zboot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
