/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/elf/: both classes and byte orders, and every way for a file to lie. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "kexec/elf/elf_file.h"
#include "example.h"
#include "make_elf.h"

static struct made_elf *made(bool is64, enum byte_order order, uint16_t machine)
{
	struct made_elf *m = calloc(1, sizeof(*m));

	m->is64 = is64;
	m->order = order;
	made_ehdr(m, ET_EXEC, machine);
	m->size = 0x1000;
	return m;
}

static void made_shdrs(struct made_elf *m, size_t offset, unsigned int count)
{
	MADE_SET(m, 0, Ehdr, e_shoff, offset);
	MADE_SET(m, 0, Ehdr, e_shnum, count);
}

#define EACH_FORMAT(is64, order)                                                                   \
	for (int format_ = 0, is64 = 0, order = 0; format_ < 4;                                    \
	     format_++, is64 = format_ & 1, order = format_ >> 1)

static void fields_of_every_format(void **state)
{
	(void)state;
	EACH_FORMAT(is64, order)
	{
		struct made_elf *m = made(is64, order, EXAMPLE_BE64);
		uint64_t high = is64 ? 0x1122334400000000 : 0;
		struct elf_file elf;
		struct elf_phdr ph;
		struct elf_shdr sh;
		struct err err;

		made_phdr(m, 0, PT_NOTE, 1, 2, 3, 4);
		made_phdr(m, 1, PT_LOAD, 0x100, high | 0x80001000, 0x200, 0x300);
		MADE_SET(m, made_phdr_offset(m, 1), Phdr, p_paddr, 0x5000);
		MADE_SET(m, 0, Ehdr, e_entry, high | 0x80001234);
		MADE_SET(m, 0, Ehdr, e_flags, 0x89abcdef);
		MADE_SET(m, 0, Ehdr, e_shstrndx, 1);
		made_shdrs(m, 0x400, 2);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_name, 1);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_type, SHT_PROGBITS);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_flags, SHF_ALLOC);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_addr, high | 3);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_offset, 0x44);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_size, 5);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_link, 6);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_info, 7);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_addralign, 8);
		MADE_SET(m, 0x400 + MADE_SIZE(m, Shdr), Shdr, sh_entsize, 9);

		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		assert_int_equal(elf.is64, is64);
		assert_int_equal(elf.order, order);
		assert_int_equal(elf.type, ET_EXEC);
		assert_int_equal(elf.machine, EXAMPLE_BE64);
		assert_int_equal(elf.flags, 0x89abcdef);
		assert_int_equal(elf.entry, high | 0x80001234);
		assert_int_equal(elf.phnum, 2);
		assert_int_equal(elf.shnum, 2);
		assert_int_equal(elf.shstrndx, 1);
		ph = elf_phdr(&elf, 1);
		assert_int_equal(ph.type, PT_LOAD);
		assert_int_equal(ph.flags, 7);
		assert_int_equal(ph.offset, 0x100);
		assert_int_equal(ph.vaddr, high | 0x80001000);
		assert_int_equal(ph.paddr, 0x5000);
		assert_int_equal(ph.filesz, 0x200);
		assert_int_equal(ph.memsz, 0x300);
		assert_int_equal(ph.align, 4096);
		sh = elf_shdr(&elf, 1);
		assert_int_equal(sh.name, 1);
		assert_int_equal(sh.type, SHT_PROGBITS);
		assert_int_equal(sh.flags, SHF_ALLOC);
		assert_int_equal(sh.addr, high | 3);
		assert_int_equal(sh.offset, 0x44);
		assert_int_equal(sh.size, 5);
		assert_int_equal(sh.link, 6);
		assert_int_equal(sh.info, 7);
		assert_int_equal(sh.addralign, 8);
		assert_int_equal(sh.entsize, 9);
		free(m);
	}
}

static void symbols_and_records(void **state)
{
	(void)state;
	EACH_FORMAT(is64, order)
	{
		struct made_elf *m = made(is64, order, EM_PPC);
		uint64_t info = is64 ? 0x1234567800000016 : 0x12345616;
		size_t at = 0x100 + MADE_SIZE(m, Sym);
		struct elf_file elf;
		struct bytes table;
		struct elf_dyn dyn;
		struct elf_sym sym;
		struct elf_rel rel;
		struct err err;

		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		MADE_SET(m, at, Sym, st_name, 0x11);
		MADE_SET(m, at, Sym, st_info, 0x12);
		MADE_SET(m, at, Sym, st_other, 2);
		MADE_SET(m, at, Sym, st_shndx, SHN_ABS);
		MADE_SET(m, at, Sym, st_value, 0x80000000);
		MADE_SET(m, at, Sym, st_size, 0x99);
		table = bytes_sub(elf.bytes, 0x100, 2 * elf_sym_size(&elf) + 3);
		assert_true(elf_sym(&elf, table, 1, &sym));
		assert_int_equal(sym.name, 0x11);
		assert_int_equal(sym.info, 0x12);
		assert_int_equal(sym.other, 2);
		assert_int_equal(sym.shndx, SHN_ABS);
		assert_int_equal(sym.value, 0x80000000);
		assert_int_equal(sym.size, 0x99);
		assert_false(elf_sym(&elf, table, 2, &sym));
		assert_false(elf_sym(&elf, table, UINT64_MAX, &sym));

		made_rel(m, 0x200, true, 1, 0x80000010, info, -5);
		table = bytes_sub(elf.bytes, 0x200, 2 * elf_rel_size(&elf, true));
		assert_true(elf_rel(&elf, table, true, 1, &rel));
		assert_int_equal(rel.offset, 0x80000010);
		assert_int_equal(rel.sym, is64 ? 0x12345678 : 0x123456);
		assert_int_equal(rel.type, 0x16);
		assert_int_equal(rel.addend, -5);
		assert_false(elf_rel(&elf, table, true, 2, &rel));

		made_rel(m, 0x300, false, 0, 0x20, info, 0);
		table = bytes_sub(elf.bytes, 0x300, elf_rel_size(&elf, false));
		assert_true(elf_rel(&elf, table, false, 0, &rel));
		assert_int_equal(rel.offset, 0x20);
		assert_int_equal(rel.type, 0x16);
		assert_int_equal(rel.addend, 0);
		assert_false(elf_rel(&elf, table, false, 1, &rel));

		MADE_SET(m, 0x400, Dyn, d_tag, DT_RELASZ);
		MADE_SET(m, 0x400, Dyn, d_un, 0x77);
		table = bytes_sub(elf.bytes, 0x400, MADE_SIZE(m, Dyn));
		assert_true(elf_dyn(&elf, table, 0, &dyn));
		assert_int_equal(dyn.tag, DT_RELASZ);
		assert_int_equal(dyn.value, 0x77);
		assert_false(elf_dyn(&elf, table, 1, &dyn));
		free(m);
	}
}

/* 32-bit symbol in the file's order, then ssym, type3, type2, type. */
static void mips64_info(void **state)
{
	static const uint8_t info[2][8] = {
		[ORDER_LE] = { 0x78, 0x56, 0x34, 0x12, 0, 0, R_MIPS_64, R_MIPS_REL32 },
		[ORDER_BE] = { 0x12, 0x34, 0x56, 0x78, 0, 0, R_MIPS_64, R_MIPS_REL32 },
	};

	(void)state;
	for (int order = ORDER_LE; order <= ORDER_BE; order++) {
		struct made_elf *m = made(true, order, EM_MIPS);
		struct elf_file elf;
		struct elf_rel rel;
		struct err err;

		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		memcpy(m->data + 0x208, info[order], 8);
		assert_true(elf_rel(&elf, bytes_sub(elf.bytes, 0x200, 16), false, 0, &rel));
		assert_int_equal(rel.sym, 0x12345678);
		assert_int_equal(rel.type, 3 | 18 << 8);
		m->data[0x20c] = 5;
		assert_true(elf_rel(&elf, bytes_sub(elf.bytes, 0x200, 16), false, 0, &rel));
		assert_int_equal(rel.type, 3 | 18 << 8 | 5 << 24);
		free(m);
	}
}

/* Numbers that do not fit into the file header lie in section header 0. */
static void counts_in_section_header_0(void **state)
{
	(void)state;
	EACH_FORMAT(is64, order)
	{
		struct made_elf *m = made(is64, order, EXAMPLE_LE64);
		struct elf_file elf;
		struct err err;

		MADE_SET(m, 0, Ehdr, e_phoff, 0x400);
		MADE_SET(m, 0, Ehdr, e_phnum, PN_XNUM);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		made_shdrs(m, 0x80, 0);
		MADE_SET(m, 0, Ehdr, e_shstrndx, SHN_XINDEX);
		MADE_SET(m, 0x80, Shdr, sh_size, 3);
		MADE_SET(m, 0x80, Shdr, sh_link, 2);
		MADE_SET(m, 0x80, Shdr, sh_info, 5);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		assert_int_equal(elf.phnum, 5);
		assert_int_equal(elf.shnum, 3);
		assert_int_equal(elf.shstrndx, 2);
		MADE_SET(m, 0x80, Shdr, sh_info, 0x10000);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		MADE_SET(m, 0x80, Shdr, sh_info, UINT32_MAX);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		MADE_SET(m, 0x80, Shdr, sh_info, 5);
		MADE_SET(m, 0x80, Shdr, sh_size, is64 ? 0x100000003 : UINT32_MAX);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		MADE_SET(m, 0, Ehdr, e_shoff, m->size - 1);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		free(m);
	}
}

static int parse_copy(struct bytes bytes, struct elf_file *elf, struct err *err)
{
	/* On the heap at its exact size, so that a read after its end is caught. */
	uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
	int ret;

	memcpy(copy, bytes.data, bytes.size);
	ret = elf_parse((struct bytes){ copy, bytes.size }, elf, err);
	free(copy);
	return ret;
}

static void every_truncation(void **state)
{
	(void)state;
	EACH_FORMAT(is64, order)
	{
		struct made_elf *m = made(is64, order, EXAMPLE_LE32);
		struct elf_file elf;
		struct err err;

		made_phdr(m, 0, PT_LOAD, 0, 0, 0, 0);
		made_phdr(m, 1, PT_LOAD, 0, 0, 0, 0);
		made_shdrs(m, 0x200, 3);
		m->size = 0x200 + 3 * MADE_SIZE(m, Shdr);
		assert_int_equal(parse_copy(made_bytes(m), &elf, &err), 0);
		while (m->size--) {
			assert_int_equal(parse_copy(made_bytes(m), &elf, &err), -ENOEXEC);
			assert_true(err.what[0]);
		}
		free(m);
	}
}

static void bad_headers(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
	} bad[] = {
		{ 0, 'E' },
		{ EI_CLASS, 0 },
		{ EI_CLASS, 3 },
		{ EI_DATA, 0 },
		{ EI_DATA, 3 },
		{ EI_VERSION, 2 },
		{ offsetof(Elf64_Ehdr, e_phentsize), 32 },
		{ offsetof(Elf64_Ehdr, e_shentsize), 65 },
		{ offsetof(Elf64_Ehdr, e_phoff) + 7, 0xff },
		{ offsetof(Elf64_Ehdr, e_shoff) + 7, 0xff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct made_elf *m = made(true, ORDER_LE, EXAMPLE_LE64);
		struct elf_file elf;
		struct err err;

		made_phdr(m, 0, PT_LOAD, 0, 0, 0, 0);
		made_shdrs(m, 0x200, 1);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		m->data[bad[i].offset] = bad[i].value;
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), -ENOEXEC);
		free(m);
	}
	assert_false(elf_magic((struct bytes){ (const uint8_t *)"\177EL", 3 }));
	assert_true(elf_magic((struct bytes){ (const uint8_t *)"\177ELF", 4 }));
}

static int segment(struct made_elf *m, uint32_t type, uint64_t offset, uint64_t vaddr,
		   uint64_t filesz, uint64_t memsz, struct bytes *out)
{
	struct elf_file elf;
	struct err err;

	made_phdr(m, 0, type, offset, vaddr, filesz, memsz);
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_paddr, 0);
	assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
	return elf_segment(&elf, 0, out, &err);
}

static void segments(void **state)
{
	(void)state;
	EACH_FORMAT(is64, order)
	{
		struct made_elf *m = made(is64, order, EXAMPLE_LE64);
		uint64_t top = is64 ? UINT64_MAX : UINT32_MAX;
		struct elf_file elf;
		struct bytes bytes;
		struct err err;

		assert_int_equal(segment(m, PT_LOAD, 0x10, 0x1000, 0x20, 0x30, &bytes), 0);
		assert_ptr_equal(bytes.data, m->data + 0x10);
		assert_int_equal(bytes.size, 0x20);
		assert_int_equal(segment(m, PT_LOAD, m->size, 0, 0, 0, &bytes), 0);
		assert_int_equal(segment(m, PT_LOAD, m->size - 1, 0, 2, 2, &bytes), -ENOEXEC);
		assert_int_equal(segment(m, PT_LOAD, m->size + 1, 0, 0, 0, &bytes), -ENOEXEC);
		assert_int_equal(segment(m, PT_LOAD, top, 0, 2, 2, &bytes), -ENOEXEC);
		assert_int_equal(segment(m, PT_LOAD, 2, 0, top, top, &bytes), -ENOEXEC);
		assert_int_equal(segment(m, PT_LOAD, 0, 0, 2, 1, &bytes), -ENOEXEC);
		assert_int_equal(segment(m, PT_LOAD, 0, top, 1, 2, &bytes), -ENOEXEC);
		made_phdr(m, 0, PT_LOAD, 0, 0, 1, 2);
		MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_paddr, top);
		assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
		assert_int_equal(elf_segment(&elf, 0, &bytes, &err), -ENOEXEC);
		/* Core files: notes have no memory size. */
		assert_int_equal(segment(m, PT_NOTE, 0, 0, 2, 0, &bytes), 0);
		assert_int_equal(segment(m, PT_NOTE, m->size - 1, 0, 2, 0, &bytes), -ENOEXEC);
		free(m);
	}
}

static void sections_and_strings(void **state)
{
	static const uint8_t text[] = "\0one\0two";
	struct bytes table = { text, 7 }; /* cuts "two" before its NUL */
	struct made_elf *m = made(true, ORDER_LE, EXAMPLE_LE64);
	struct elf_file elf;
	struct bytes bytes;
	struct err err;

	(void)state;
	made_shdrs(m, 0x200, 1);
	MADE_SET(m, 0x200, Shdr, sh_type, SHT_PROGBITS);
	MADE_SET(m, 0x200, Shdr, sh_offset, 0x100);
	MADE_SET(m, 0x200, Shdr, sh_size, 0xf00);
	assert_int_equal(elf_parse(made_bytes(m), &elf, &err), 0);
	assert_int_equal(elf_section(&elf, 0, &bytes, &err), 0);
	assert_ptr_equal(bytes.data, m->data + 0x100);
	assert_int_equal(bytes.size, 0xf00);
	MADE_SET(m, 0x200, Shdr, sh_size, 0xf01);
	assert_int_equal(elf_section(&elf, 0, &bytes, &err), -ENOEXEC);
	MADE_SET(m, 0x200, Shdr, sh_offset, UINT64_MAX);
	assert_int_equal(elf_section(&elf, 0, &bytes, &err), -ENOEXEC);
	MADE_SET(m, 0x200, Shdr, sh_type, SHT_NOBITS);
	assert_int_equal(elf_section(&elf, 0, &bytes, &err), 0);
	assert_int_equal(bytes.size, 0);
	free(m);

	assert_string_equal(elf_string(table, 0), "");
	assert_string_equal(elf_string(table, 1), "one");
	assert_string_equal(elf_string(table, 3), "e");
	assert_null(elf_string(table, 5));
	assert_null(elf_string(table, 7));
	assert_null(elf_string(table, UINT64_MAX));
	assert_null(elf_string((struct bytes){ NULL, 0 }, 0));
}

static void machine_names(void **state)
{
	(void)state;
	assert_string_equal(elf_machine_name(EXAMPLE_LE64), EXAMPLE_LE64_TITLE);
	assert_string_equal(elf_machine_name(EM_ALPHA), "alpha");
	assert_string_equal(elf_machine_name(0xfffe), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_every_format),
		cmocka_unit_test(symbols_and_records),
		cmocka_unit_test(mips64_info),
		cmocka_unit_test(counts_in_section_header_0),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(segments),
		cmocka_unit_test(sections_and_strings),
		cmocka_unit_test(machine_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
