/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/loongarch64: every field of the image at its edges, every truncation, and what a
 * vmlinux may contain.
 */
#include "kexec/arch/loongarch64/loongarch64.h"
#include "parse_image.h"
#include "make_elf.h"
#include "make_loongarch64_image.h"

#define ENTRY 0x08
#define LOAD 0x18
#define WINDOW 0x9000000000000000

static struct loongarch64_kernel kernel;

static int parse_kernel(struct bytes bytes, struct linux_image *out, struct err *err)
{
	int ret = loongarch64_image_parse(bytes, &kernel, err);

	*out = kernel.image;
	if (!ret)
		assert_true(loongarch64_image_probe(bytes));
	return ret;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->parse = parse_kernel;
	make_loongarch64_image(f->image);
	*state = f;
	return 0;
}

static void accepted(struct fixture *f)
{
	if (parse(f, MADE_IMAGE_SIZE))
		fail_msg("%s", f->ctx.err.what);
}

static void reads_what_counts(void **state)
{
	struct fixture *f = *state;

	accepted(f);
	assert_int_equal(f->parsed.image_size, MADE_IMAGE_MEMORY);
	assert_int_equal(f->parsed.kernel.size, MADE_IMAGE_SIZE);
	assert_int_equal(f->parsed.text_offset, MADE_LOAD);
	assert_int_equal(kernel.entry, MADE_ENTRY);
	assert_false(kernel.fixed);
	/* Virtual addresses mean the same. */
	put_le64(f->image + ENTRY, WINDOW + MADE_LOAD + 4);
	put_le64(f->image + LOAD, WINDOW + MADE_LOAD);
	accepted(f);
	assert_int_equal(f->parsed.text_offset, MADE_LOAD);
	assert_int_equal(kernel.entry, 4);
}

static void every_truncation(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < 0x148; size++)
		expect_refused(f, size, size < 0x44 ? "not a LoongArch kernel" : "PE file");
	put_le64(f->image + ENTRY, MADE_LOAD);
	assert_int_equal(parse(f, 0x148), 0);
	for (size_t at = 0x38; at < 0x3c; at++) {
		f->image[at] ^= 1;
		expect_refused(f, MADE_IMAGE_SIZE, "not a LoongArch kernel");
		f->image[at] ^= 1;
	}
}

static void probe_is_exact(void **state)
{
	struct fixture *f = *state;
	const struct bytes bytes = { f->image, MADE_IMAGE_SIZE };

	assert_true(loongarch64_image_probe(bytes));
	/* An EFI zboot has the same magic number and machine. */
	memcpy(f->image + 4, "zimg", 4);
	assert_false(loongarch64_image_probe(bytes));
	memset(f->image + 4, 0, 4);
	put_le16(f->image + MADE_PE_MACHINE, 0x6232);
	assert_false(loongarch64_image_probe(bytes));
	expect_refused(f, MADE_IMAGE_SIZE, "machine 0x6232, not 0x6264");
}

static void entry_edges(void **state)
{
	static const uint64_t bad[] = { 0,
					MADE_LOAD - 4,
					MADE_LOAD + MADE_IMAGE_SIZE,
					MADE_LOAD + 2,
					MADE_LOAD + MADE_IMAGE_MEMORY,
					UINT64_MAX };
	struct fixture *f = *state;

	put_le64(f->image + ENTRY, MADE_LOAD);
	accepted(f);
	put_le64(f->image + ENTRY, MADE_LOAD + MADE_IMAGE_SIZE - 4);
	accepted(f);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put_le64(f->image + ENTRY, bad[i]);
		expect_refused(f, MADE_IMAGE_SIZE, "(offset 0x8) has the entry ");
	}
}

static void load_address_edges(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + LOAD, 0x10000);
	put_le64(f->image + ENTRY, 0x10000);
	accepted(f);
	put_le64(f->image + LOAD, 0x8000);
	expect_refused(f, MADE_IMAGE_SIZE, "(offset 0x18) has the load address 0x8000");
	put_le64(f->image + LOAD, UINT64_MAX);
	expect_refused(f, MADE_IMAGE_SIZE, "a multiple of 64 KiB");
}

static void image_size_edges(void **state)
{
	struct fixture *f = *state;

	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE);
	accepted(f);
	put_le64(f->image + IMAGE_SIZE, MADE_IMAGE_SIZE - 1);
	expect_refused(f, MADE_IMAGE_SIZE, "0x3ff bytes of memory, and it has 0x400");
	put_le64(f->image + IMAGE_SIZE, 0);
	expect_refused(f, MADE_IMAGE_SIZE, "has the image size 0");
	put_le64(f->image + IMAGE_SIZE, UINT64_MAX);
	expect_refused(f, MADE_IMAGE_SIZE, "no memory can hold");
	put_le64(f->image + IMAGE_SIZE, INT64_MAX);
	expect_refused(f, MADE_IMAGE_SIZE, "no memory can hold");
}

static void section_outside(void **state)
{
	struct fixture *f = *state;
	uint8_t *section = f->image + 0x40 + 24 + 240;

	put_le16(f->image + 0x40 + 6, 1); /* NumberOfSections */
	memset(section, 0, 40);
	put_le32(section + 8, 0x1000); /* VirtualSize */
	put_le32(section + 12, MADE_IMAGE_MEMORY); /* VirtualAddress */
	expect_refused(f, MADE_IMAGE_SIZE, "its section 0 takes the memory");
	put_le32(section + 12, 0x1000);
	accepted(f);
	put_le32(section + 16, 0x1000); /* SizeOfRawData */
	put_le32(section + 20, 0x200); /* PointerToRawData */
	expect_refused(f, MADE_IMAGE_SIZE, "its content, [0x200, 0x1200)");
}

/* A vmlinux of one segment: type, first address, memory. */
static struct made_elf *vmlinux(uint16_t type, uint64_t start, uint64_t memory)
{
	struct made_elf *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->is64 = true;
	m->order = ORDER_LE;
	made_ehdr(m, type, EM_LOONGARCH);
	made_phdr(m, 0, PT_LOAD, 0x1000, start, 0x400, memory);
	MADE_SET(m, 0, Ehdr, e_entry, start + MADE_ENTRY);
	memset(m->data + 0x1000, 0x5a, 0x400);
	m->size = 0x2000;
	return m;
}

/* Adds the section header table: the names, and a section of that name and size. */
static void add_section(struct made_elf *m, const char *name, uint64_t size)
{
	const size_t table = 0x1800, names = 0x1900;

	MADE_SET(m, 0, Ehdr, e_shoff, table);
	MADE_SET(m, 0, Ehdr, e_shnum, 3);
	MADE_SET(m, 0, Ehdr, e_shstrndx, 1);
	MADE_SET(m, table + 64, Shdr, sh_type, SHT_STRTAB);
	MADE_SET(m, table + 64, Shdr, sh_offset, names);
	MADE_SET(m, table + 64, Shdr, sh_size, 0x40);
	MADE_SET(m, table + 128, Shdr, sh_type, SHT_PROGBITS);
	MADE_SET(m, table + 128, Shdr, sh_name, 1);
	MADE_SET(m, table + 128, Shdr, sh_size, size);
	strcpy((char *)m->data + names + 1, name);
}

static int check_vmlinux(struct made_elf *m, struct err *err)
{
	uint64_t cmdline_size;
	int ret = loongarch64_vmlinux_check(made_bytes(m), &kernel, err);

	assert_int_equal(loongarch64_vmlinux_file_check(made_bytes(m), &cmdline_size, NULL), ret);
	return ret;
}

static void vmlinux_addresses(void **state)
{
	struct made_elf *m = vmlinux(ET_EXEC, WINDOW + MADE_LOAD, 0x10001);
	struct ctx *ctx = &((struct fixture *)*state)->ctx;

	assert_int_equal(loongarch64_vmlinux_parse(ctx, made_bytes(m), &kernel), 0);
	assert_int_equal(kernel.image.text_offset, MADE_LOAD);
	assert_int_equal(kernel.image.image_size, 0x20000);
	assert_int_equal(kernel.image.kernel.size, 0x400);
	assert_int_equal(kernel.image.kernel.data[0], 0x5a);
	assert_int_equal(kernel.entry, MADE_ENTRY);
	/* The entry may be a physical address. */
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_paddr, MADE_LOAD);
	MADE_SET(m, 0, Ehdr, e_entry, MADE_LOAD + 8);
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_int_equal(kernel.entry, 8);
	assert_int_equal(kernel.image.text_offset, MADE_LOAD);
	free(m);
}

static void vmlinux_refused(void **state)
{
	struct made_elf *m = vmlinux(ET_EXEC, WINDOW + MADE_LOAD + 0x1000, 0x1000);
	struct err *err = &((struct fixture *)*state)->ctx.err;

	assert_int_equal(check_vmlinux(m, err), -ENOEXEC);
	assert_non_null(strstr(err->what, "not at a multiple of 64 KiB"));
	m->data[EI_DATA] = ELFDATA2MSB;
	m->order = ORDER_BE;
	assert_int_equal(check_vmlinux(m, err), -ENOEXEC);
	free(m);
	m = vmlinux(ET_EXEC, WINDOW + MADE_LOAD, 1ull << 31);
	assert_int_equal(check_vmlinux(m, err), -ENOEXEC);
	assert_non_null(strstr(err->what, "too far apart"));
	free(m);
	m = vmlinux(ET_REL, WINDOW + MADE_LOAD, 0x1000);
	assert_int_equal(check_vmlinux(m, err), -ENOEXEC);
	free(m);
	m = vmlinux(ET_EXEC, WINDOW + MADE_LOAD, 0x1000);
	MADE_SET(m, 0, Ehdr, e_entry, WINDOW);
	assert_int_equal(check_vmlinux(m, err), -ENOEXEC);
	assert_non_null(strstr(err->what, "in no loadable segment"));
	free(m);
}

/* A kernel that cannot be moved is known by the sections that it lacks. */
static void vmlinux_fixed(void **state)
{
	struct made_elf *m = vmlinux(ET_EXEC, WINDOW + MADE_LOAD, 0x1000);

	(void)state;
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_false(kernel.fixed); /* unknown: the file was stripped of its section headers */
	add_section(m, ".text", 8);
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_true(kernel.fixed);
	add_section(m, ".la_abs", 8);
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_false(kernel.fixed);
	add_section(m, ".la_abs", 0);
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_true(kernel.fixed);
	MADE_SET(m, 0, Ehdr, e_type, ET_DYN);
	assert_int_equal(check_vmlinux(m, NULL), 0);
	assert_false(kernel.fixed);
	free(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_counts), TEST(every_truncation),   TEST(probe_is_exact),
		TEST(entry_edges),	 TEST(load_address_edges), TEST(image_size_edges),
		TEST(section_outside),	 TEST(vmlinux_addresses),  TEST(vmlinux_refused),
		TEST(vmlinux_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
