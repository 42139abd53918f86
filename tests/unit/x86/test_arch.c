/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arch.c, initrd.c: arches by name, types of images, initrds put together. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/plan/initrd.h"
#include "make_bzimage.h"
#include "make_elf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- types ----------------------------------------------------------------- */

struct choice {
	const char *asked;
	const char *want; /* NULL: refused with status and text */
	int status;
	const char *text;
};

static void check_choice(const struct choice *choice, const struct image *image)
{
	struct request req = { .type = choice->asked };
	const struct image_type *type;
	struct ctx ctx = { 0 };
	int ret = arch_choose_type(&ctx, &arch_x86_64, &req, image, &type);

	if (choice->want) {
		assert_int_equal(ret, 0);
		assert_string_equal(type->name, choice->want);
	} else {
		assert_true(ret < 0);
		assert_int_equal(ctx.err.status, choice->status);
		assert_string_equal(ctx.err.what, choice->text);
	}
	arena_free(&ctx.arena);
}

static void check_choices(const struct choice *choice, size_t count, struct bytes bytes)
{
	const struct image image = { .name = "K", .bytes = bytes };

	for (size_t i = 0; i < count; i++)
		check_choice(&choice[i], &image);
}

/* The type is that of the kernel inside. */
static void test_types_of_uki(void **state)
{
	static const struct choice choices[] = {
		{ NULL, "bzImage64", 0, NULL },
		{ "uki", "bzImage64", 0, NULL },
		{ "bzImage64", "bzImage64", 0, NULL },
		{ "bzImage", "bzImage", 0, NULL },
		{ "elf-x86_64", NULL, 255,
		  "Wrong file type elf-x86_64, file matches type bzImage64" },
	};
	static const struct choice no_kernel = { "uki", NULL, 255,
						 "Cannot determine the file type of K" };
	uint8_t file[MADE_BZIMAGE_SIZE];
	struct image image = {
		.name = "K",
		.bytes = { file, sizeof(file) },
		.layer = { "gzip", "uki" },
		.layers = 2,
	};

	(void)state;
	make_bzimage(file);
	for (size_t i = 0; i < COUNT(choices); i++)
		check_choice(&choices[i], &image);
	memset(file, 'x', sizeof(file));
	check_choice(&no_kernel, &image);
}

static void test_types_of_bzimage(void **state)
{
	static const struct choice choices[] = {
		{ NULL, "bzImage64", 0, NULL },
		{ "bzImage64", "bzImage64", 0, NULL },
		{ "bzImage", "bzImage", 0, NULL },
		{ "uki", NULL, 255, "Wrong file type uki, file matches type bzImage64" },
		{ "nbi-x86", NULL, 255, "Wrong file type nbi-x86, file matches type bzImage64" },
		{ "elf-x86_64", NULL, 255,
		  "Wrong file type elf-x86_64, file matches type bzImage64" },
		{ "bzImage-x86", NULL, 255, "Unsupported kernel type bzImage-x86" },
	};
	static const struct choice without_64bit_entry[] = {
		{ NULL, "bzImage", 0, NULL },
		{ "bzImage64", NULL, 255, "Wrong file type bzImage64, file matches type bzImage" },
	};
	uint8_t file[MADE_BZIMAGE_SIZE];

	(void)state;
	make_bzimage(file);
	check_choices(choices, COUNT(choices), (struct bytes){ file, sizeof(file) });
	put_le16(file + 0x236, 0);
	check_choices(without_64bit_entry, COUNT(without_64bit_entry),
		      (struct bytes){ file, sizeof(file) });
}

static void test_types_of_others(void **state)
{
	static const struct choice elf64[] = {
		{ NULL, "elf-x86_64", 0, NULL },
		{ "bzImage64", NULL, 255,
		  "Wrong file type bzImage64, file matches type elf-x86_64" },
	};
	static const struct choice elf32[] = {
		{ NULL, "elf-x86", 0, NULL },
	};
	static const struct choice text[] = {
		{ NULL, NULL, 255, "Cannot determine the file type of K" },
		{ "bzImage64", NULL, 255, "Cannot determine the file type of K" },
		{ "nonsense", NULL, 255, "Unsupported kernel type nonsense" },
	};
	struct made_elf *elf = calloc(1, sizeof(*elf));

	(void)state;
	elf->is64 = true;
	elf->size = 0x1000;
	made_ehdr(elf, ET_EXEC, EM_X86_64);
	check_choices(elf64, COUNT(elf64), made_bytes(elf));
	elf->is64 = false;
	made_ehdr(elf, ET_EXEC, EM_386);
	check_choices(elf32, COUNT(elf32), made_bytes(elf));
	memset(elf->data, 'x', elf->size);
	check_choices(text, COUNT(text), made_bytes(elf));
	free(elf);
}

static void expect_hint(const struct arch *arch, struct bytes bytes, const char *hint)
{
	struct ctx ctx = { 0 };
	struct request req = { 0 };
	const struct image image = { .name = "K", .bytes = bytes };
	const struct image_type *type;

	assert_int_equal(arch_choose_type(&ctx, arch, &req, &image, &type), -ENOEXEC);
	assert_string_equal(ctx.err.hint, hint);
	arena_free(&ctx.arena);
}

/* What is none of this machine's kernels may be another's. */
static void test_kernels_of_other_machines(void **state)
{
	struct arch other = { .name = "other",
			      .types = (const struct image_type *const[]){ NULL } };
	struct made_elf *elf = calloc(1, sizeof(*elf));
	uint8_t file[MADE_BZIMAGE_SIZE];

	(void)state;
	elf->is64 = true;
	elf->order = ORDER_BE;
	elf->size = 0x1000;
	made_ehdr(elf, ET_EXEC, EM_SPARCV9);
	expect_hint(&other, made_bytes(elf),
		    "It is an ELF file for sparc64 (machine 43, 64 bits, big endian). "
		    "Image types for other: none.");
	elf->size = 40; /* cut off inside its header */
	expect_hint(&other, made_bytes(elf),
		    "It is a damaged ELF file: ELF file header needs 64 bytes, the file has 40. "
		    "Image types for other: none.");
	free(elf);
	make_bzimage(file);
	expect_hint(&other, (struct bytes){ file, sizeof(file) },
		    "It is an image of type bzImage64 for x86_64. Image types for other: none.");
	memset(file, 'x', sizeof(file));
	expect_hint(&other, (struct bytes){ file, sizeof(file) }, "Image types for other: none.");
}

static void test_arches(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_name("x86_64"), &arch_x86_64);
	assert_ptr_equal(arch_by_uname("x86_64"), &arch_x86_64);
	assert_null(arch_by_name("x86"));
	assert_ptr_equal(arch_by_uname("i686"), arch_by_name("i386"));
	assert_ptr_equal(arch_by_uname32("i686"), &arch_x86_64);
	assert_null(arch_by_uname32("x86_64"));
}

/* The arches share their types, but Linux has the call in one of them only. */
static void test_file_call(void **state)
{
	size_t with = 0;

	(void)state;
	for (const struct image_type *const *type = arch_x86_64.types; *type; type++)
		with += arch_has_file_call(&arch_x86_64, *type);
	assert_int_equal(with, 2);
	for (const struct image_type *const *type = arch_i386.types; *type; type++)
		assert_false(arch_has_file_call(&arch_i386, *type));
}

/* --- initrds --------------------------------------------------------------- */

struct initrds {
	struct ctx ctx;
	struct request req;
	struct image image;
	const char *name[3];
	struct initrd initrd;
};

static const char *make_file(struct ctx *ctx, const char *text)
{
	char *name = arena_strdup(&ctx->arena, "/tmp/test_arch.XXXXXX");
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return name;
}

static int make_initrds(void **state)
{
	struct initrds *i = calloc(1, sizeof(*i));

	assert_non_null(i);
	i->name[0] = make_file(&i->ctx, "12345");
	i->name[1] = make_file(&i->ctx, "abcd");
	i->name[2] = make_file(&i->ctx, "z");
	i->req.initrds = i->name;
	*state = i;
	return 0;
}

static int remove_initrds(void **state)
{
	struct initrds *i = *state;

	for (size_t k = 0; k < COUNT(i->name); k++)
		unlink(i->name[k]);
	arena_free(&i->ctx.arena);
	free(i);
	return 0;
}

/* The first count of them, within limit bytes. */
static int put_together(struct initrds *i, size_t count, uint64_t limit)
{
	const struct sysroot root = { .path = "/nowhere" };
	const struct load load = { .req = &i->req, .root = &root, .image = i->image };
	int ret;

	i->req.initrd_count = count;
	ret = initrd_open(&i->ctx, &load, arch_image_formats(&i->ctx), limit, &i->initrd);

	file_close(&i->initrd.file);
	return ret;
}

static void test_initrds_are_joined(void **state)
{
	struct initrds *i = *state;

	assert_int_equal(put_together(i, 0, 4096), 0);
	assert_int_equal(i->initrd.bytes.size, 0);
	assert_int_equal(put_together(i, 1, 4096), 0);
	assert_int_equal(i->initrd.bytes.size, 5);
	assert_memory_equal(i->initrd.bytes.data, "12345", 5);
	assert_string_equal(i->initrd.name, i->name[0]);
	assert_int_equal(put_together(i, 3, 4096), 0);
	assert_int_equal(i->initrd.bytes.size, 13);
	assert_memory_equal(i->initrd.bytes.data, "12345\0\0\0abcdz", 13);
	for (size_t k = 0; k < 3; k++)
		assert_non_null(strstr(i->initrd.name, i->name[k]));
}

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* What a UKI brings along is used unless something else is asked for. */
static void test_initrd_of_uki(void **state)
{
	struct initrds *i = *state;

	i->image = (struct image){ .name = "K", .initrd = text_bytes("own") };
	assert_int_equal(put_together(i, 0, 4096), 0);
	assert_ptr_equal(i->initrd.bytes.data, i->image.initrd.data);
	assert_int_equal(i->initrd.bytes.size, 3);
	assert_string_equal(i->initrd.name, "K (.initrd)");

	i->image.ucode = text_bytes("ucode");
	assert_int_equal(put_together(i, 0, 4096), 0);
	assert_int_equal(i->initrd.bytes.size, 11);
	assert_memory_equal(i->initrd.bytes.data, "ucode\0\0\0own", 11);
	assert_string_equal(i->initrd.name, "K (.ucode + .initrd)");

	assert_int_equal(put_together(i, 1, 4096), 0);
	assert_int_equal(i->initrd.bytes.size, 5);
	assert_memory_equal(i->initrd.bytes.data, "12345", 5);
	assert_string_equal(i->initrd.name, i->name[0]);

	i->image.initrd.size = 0;
	assert_int_equal(put_together(i, 0, 4096), 0);
	assert_ptr_equal(i->initrd.bytes.data, i->image.ucode.data);
	assert_int_equal(i->initrd.bytes.size, 5);
	assert_string_equal(i->initrd.name, "K (.ucode)");
}

/* They never take more than the machine has, padding included. */
static void test_initrds_too_large(void **state)
{
	struct initrds *i = *state;

	assert_int_equal(put_together(i, 2, 12), 0);
	assert_int_equal(put_together(i, 2, 11), -EFBIG);
	assert_non_null(strstr(i->ctx.err.what, i->name[1]));
	assert_int_equal(put_together(i, 1, 4), -EFBIG);
	assert_non_null(strstr(i->ctx.err.what, i->name[0]));
}

static void test_initrd_missing(void **state)
{
	struct initrds *i = *state;

	unlink(i->name[1]);
	assert_int_equal(put_together(i, 3, 4096), -ENOENT);
	assert_non_null(strstr(i->ctx.err.what, i->name[1]));
}

#define INITRD_TEST(name) cmocka_unit_test_setup_teardown(name, make_initrds, remove_initrds)

int main(void)
{
	const struct CMUnitTest types[] = {
		cmocka_unit_test(test_types_of_bzimage),
		cmocka_unit_test(test_types_of_uki),
		cmocka_unit_test(test_types_of_others),
		cmocka_unit_test(test_kernels_of_other_machines),
		cmocka_unit_test(test_arches),
		cmocka_unit_test(test_file_call),
	};
	const struct CMUnitTest initrds[] = {
		INITRD_TEST(test_initrds_are_joined),
		INITRD_TEST(test_initrd_of_uki),
		INITRD_TEST(test_initrds_too_large),
		INITRD_TEST(test_initrd_missing),
	};
	int failed = cmocka_run_group_tests(types, NULL, NULL);

	return cmocka_run_group_tests(initrds, NULL, NULL) + failed;
}
