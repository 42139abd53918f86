/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/relocate/rel.c and rel_x86_64.c on hand-made objects: layout, every
 * relocation type at the edges of its range, and what must be refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/backend.h"
#include "example.h"
#include "make_elf.h"
#include "pie_rows.h"

static const struct purgatory_target x86_64 = { .machine = EM_X86_64, .rel = &rel_arch_x86_64 };

#define ADDRESS 0x1000000

/* The object.  Section bytes lie at fixed places of the file. */
enum {
	S_NULL,
	S_TEXT,
	S_BSS,
	S_HEAD,
	S_DATA,
	S_DEBUG,
	S_SYMTAB,
	S_STRTAB,
	S_SHSTRTAB,
	S_RELA,
	S_RELA_DEBUG,
	SECTIONS,
};

enum {
	AT_TEXT = 0x100,
	AT_HEAD = 0x200,
	AT_DATA = 0x300,
	AT_SYMTAB = 0x400,
	AT_STRTAB = 0x600,
	AT_SHSTRTAB = 0x700,
	AT_RELA = 0x800,
	AT_RELA_DEBUG = 0x900,
	AT_SHDRS = 0xa00,
	TEXT_SIZE = 0x31,
	DATA_SIZE = 0x20,
	BSS_SIZE = 0x100,
	/* Where they must end up: head, text, data (aligned to 32), bss (to 64). */
	TEXT = 0x40,
	DATA = 0x80,
	BSS = 0xc0,
	IMAGE_SIZE = 0xa0,
	MEMORY_SIZE = 0x1c0,
};

static const char names[] = "\0.text\0.bss\0.purgatory.head\0.data\0.debug\0.rela.text";
enum { N_TEXT = 1, N_BSS = 7, N_HEAD = 12, N_DATA = 28, N_DEBUG = 34, N_RELA = 41 };

static const char strings[] =
	"\0variable\0local\0purgatory_image_end\0purgatory_memory_end\0missing";
enum { T_VARIABLE = 1, T_LOCAL = 10, T_IMAGE_END = 16, T_MEMORY_END = 36, T_MISSING = 57 };

enum { Y_NULL, Y_VARIABLE, Y_LOCAL, Y_IMAGE_END, Y_MEMORY_END, Y_SECTION, Y_ABS, Y_BSS, SYMBOLS };

static size_t shdr(unsigned int index)
{
	return AT_SHDRS + index * sizeof(Elf64_Shdr);
}

static void section(struct made_elf *m, unsigned int index, uint32_t name, uint32_t type,
		    uint64_t flags, size_t offset, uint64_t size, uint64_t align)
{
	MADE_SET(m, shdr(index), Shdr, sh_name, name);
	MADE_SET(m, shdr(index), Shdr, sh_type, type);
	MADE_SET(m, shdr(index), Shdr, sh_flags, flags);
	MADE_SET(m, shdr(index), Shdr, sh_offset, offset);
	MADE_SET(m, shdr(index), Shdr, sh_size, size);
	MADE_SET(m, shdr(index), Shdr, sh_addralign, align);
}

static void symbol(struct made_elf *m, unsigned int index, uint32_t name, uint8_t bind,
		   uint8_t type, uint16_t shndx, uint64_t value)
{
	size_t at = AT_SYMTAB + index * sizeof(Elf64_Sym);

	MADE_SET(m, at, Sym, st_name, name);
	MADE_SET(m, at, Sym, st_info, ELF64_ST_INFO(bind, type));
	MADE_SET(m, at, Sym, st_shndx, shndx);
	MADE_SET(m, at, Sym, st_value, value);
}

static void record(struct made_elf *m, unsigned int index, uint64_t offset, uint32_t sym,
		   uint32_t type, int64_t addend)
{
	made_rel(m, AT_RELA, true, index, offset, (uint64_t)sym << 32 | type, addend);
	MADE_SET(m, shdr(S_RELA), Shdr, sh_size, (index + 1) * sizeof(Elf64_Rela));
}

static void link_sections(struct made_elf *m)
{
	MADE_SET(m, shdr(S_SYMTAB), Shdr, sh_link, S_STRTAB);
	MADE_SET(m, shdr(S_SYMTAB), Shdr, sh_entsize, sizeof(Elf64_Sym));
	for (unsigned int i = S_RELA; i <= S_RELA_DEBUG; i++) {
		MADE_SET(m, shdr(i), Shdr, sh_link, S_SYMTAB);
		MADE_SET(m, shdr(i), Shdr, sh_info, i == S_RELA ? S_TEXT : S_DEBUG);
		MADE_SET(m, shdr(i), Shdr, sh_entsize, sizeof(Elf64_Rela));
	}
}

static struct made_elf *made_object(void)
{
	struct made_elf *m = calloc(1, sizeof(*m));

	m->is64 = true;
	m->order = ORDER_LE;
	made_ehdr(m, ET_REL, EM_X86_64);
	MADE_SET(m, 0, Ehdr, e_shoff, AT_SHDRS);
	MADE_SET(m, 0, Ehdr, e_shnum, SECTIONS);
	MADE_SET(m, 0, Ehdr, e_shstrndx, S_SHSTRTAB);
	section(m, S_TEXT, N_TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, AT_TEXT, TEXT_SIZE, 0);
	section(m, S_BSS, N_BSS, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0xffffff, BSS_SIZE, 64);
	section(m, S_HEAD, N_HEAD, SHT_PROGBITS, SHF_ALLOC, AT_HEAD, PURGATORY_HEADER_SIZE, 1);
	section(m, S_DATA, N_DATA, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, AT_DATA, DATA_SIZE, 32);
	section(m, S_DEBUG, N_DEBUG, SHT_PROGBITS, 0, AT_DATA, DATA_SIZE, 1);
	section(m, S_SYMTAB, 0, SHT_SYMTAB, 0, AT_SYMTAB, SYMBOLS * sizeof(Elf64_Sym), 8);
	section(m, S_STRTAB, 0, SHT_STRTAB, 0, AT_STRTAB, sizeof(strings), 1);
	section(m, S_SHSTRTAB, 0, SHT_STRTAB, 0, AT_SHSTRTAB, sizeof(names), 1);
	section(m, S_RELA, N_RELA, SHT_RELA, 0, AT_RELA, 0, 8);
	/* Debug data is not loaded, so its relocations do not matter. */
	section(m, S_RELA_DEBUG, N_RELA, SHT_RELA, 0, AT_RELA_DEBUG, sizeof(Elf64_Rela), 8);
	link_sections(m);
	made_rel(m, AT_RELA_DEBUG, true, 0, 0, 99, 0);
	memcpy(m->data + AT_STRTAB, strings, sizeof(strings));
	memcpy(m->data + AT_SHSTRTAB, names, sizeof(names));
	memset(m->data + AT_TEXT, 0x90, TEXT_SIZE);
	memset(m->data + AT_DATA, 0xda, DATA_SIZE);
	made_header(m, AT_HEAD, EM_X86_64, IMAGE_SIZE, MEMORY_SIZE, 0);
	symbol(m, Y_VARIABLE, T_VARIABLE, STB_GLOBAL, STT_OBJECT, S_DATA, 8);
	symbol(m, Y_LOCAL, T_LOCAL, STB_LOCAL, STT_FUNC, S_TEXT, 0x10);
	symbol(m, Y_IMAGE_END, T_IMAGE_END, STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	symbol(m, Y_MEMORY_END, T_MEMORY_END, STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	symbol(m, Y_SECTION, 0, STB_LOCAL, STT_SECTION, S_DATA, 0);
	symbol(m, Y_ABS, T_LOCAL, STB_LOCAL, STT_NOTYPE, SHN_ABS, 0x7fffffff);
	symbol(m, Y_BSS, T_LOCAL, STB_WEAK, STT_OBJECT, S_BSS, 0x20);
	m->size = AT_SHDRS + SECTIONS * sizeof(Elf64_Shdr);
	return m;
}

static void layout(void **state)
{
	struct made_elf *m = made_object();
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	if (purgatory_rel.load(&ctx, "test.rel", made_bytes(m), &x86_64, &image))
		fail_msg("%s", ctx.err.what);
	assert_int_equal(image.image_size, IMAGE_SIZE);
	assert_int_equal(image.memory_size, MEMORY_SIZE);
	assert_int_equal(image.align, 4096);
	assert_int_equal(image.entry, 0);
	assert_memory_equal(image.data, m->data + AT_HEAD, PURGATORY_HEADER_SIZE);
	assert_memory_equal(image.data + TEXT, m->data + AT_TEXT, TEXT_SIZE);
	assert_memory_equal(image.data + DATA, m->data + AT_DATA, DATA_SIZE);
	for (size_t i = TEXT + TEXT_SIZE; i < DATA; i++)
		assert_int_equal(image.data[i], 0);
	assert_int_equal(purgatory_rel.relocate(&ctx, &image, ADDRESS + 0x800), -EINVAL);
	assert_int_equal(purgatory_rel.relocate(&ctx, &image, UINT64_MAX & ~0xfffULL), 0);
	assert_int_equal(image.relocations, 0);
	arena_free(&ctx.arena);

	section(m, S_DATA, N_DATA, SHT_PROGBITS, SHF_ALLOC, AT_DATA, DATA_SIZE - 3, 0x4000);
	assert_int_equal(purgatory_rel.load(&ctx, "test.rel", made_bytes(m), &x86_64, &image), 0);
	assert_int_equal(image.align, 0x4000);
	assert_int_equal(image.image_size, 0x4000 + DATA_SIZE); /* a multiple of 16 */
	assert_int_equal(image.memory_size % 16, 0);
	arena_free(&ctx.arena);
	free(m);
}

/* One relocation at TEXT + 0x20; the whole of .text is compared. */
struct one {
	uint32_t type;
	uint32_t sym;
	int64_t addend;
	uint64_t address;
	size_t bytes; /* that it changes; 0: none */
	uint64_t expected;
	int ret;
};

#define P (ADDRESS + TEXT + 0x20)
#define HIGH 0x123456789000

static const struct one ones[] = {
	{ R_X86_64_NONE, Y_VARIABLE, 1, ADDRESS, 0, 0, 0 },
	{ R_X86_64_64, Y_VARIABLE, 5, ADDRESS, 8, ADDRESS + DATA + 8 + 5, 0 },
	{ R_X86_64_64, Y_VARIABLE, -5, HIGH, 8, HIGH + DATA + 8 - 5, 0 },
	{ R_X86_64_64, Y_SECTION, 3, ADDRESS, 8, ADDRESS + DATA + 3, 0 },
	{ R_X86_64_64, Y_LOCAL, 0, ADDRESS, 8, ADDRESS + TEXT + 0x10, 0 },
	{ R_X86_64_64, Y_BSS, 0, ADDRESS, 8, ADDRESS + BSS + 0x20, 0 },
	{ R_X86_64_64, Y_ABS, 0, ADDRESS, 8, 0x7fffffff, 0 },
	{ R_X86_64_64, Y_NULL, 0x77, ADDRESS, 8, 0x77, 0 },
	{ R_X86_64_64, Y_IMAGE_END, 0, ADDRESS, 8, ADDRESS + IMAGE_SIZE, 0 },
	{ R_X86_64_64, Y_MEMORY_END, 0, ADDRESS, 8, ADDRESS + MEMORY_SIZE, 0 },
	{ R_X86_64_PC64, Y_VARIABLE, 0, HIGH, 8, DATA + 8 - TEXT - 0x20, 0 },
	{ R_X86_64_PC64, Y_LOCAL, -1, HIGH, 8, (uint64_t)(0x10 - 0x20 - 1), 0 },
	{ R_X86_64_PC32, Y_VARIABLE, -4, HIGH, 4, DATA + 8 - TEXT - 0x20 - 4, 0 },
	{ R_X86_64_PLT32, Y_LOCAL, -4, HIGH, 4, 0xffffffff & (uint64_t)(0x10 - 0x20 - 4), 0 },
	{ R_X86_64_PC32, Y_NULL, P + 0x7fffffffLL, ADDRESS, 4, 0x7fffffff, 0 },
	{ R_X86_64_PC32, Y_NULL, P + 0x80000000LL, ADDRESS, 0, 0x80000000, -ERANGE },
	{ R_X86_64_PC32, Y_NULL, P - 0x80000000LL, ADDRESS, 4, 0x80000000, 0 },
	{ R_X86_64_PC32, Y_NULL, P - 0x80000001LL, ADDRESS, 0, 0xffffffff7fffffff, -ERANGE },
	{ R_X86_64_PLT32, Y_NULL, P + 0x80000000LL, ADDRESS, 0, 0x80000000, -ERANGE },
	{ R_X86_64_32, Y_ABS, 0x80000000, ADDRESS, 4, 0xffffffff, 0 },
	{ R_X86_64_32, Y_ABS, 0x80000001, ADDRESS, 0, 0x100000000, -ERANGE },
	{ R_X86_64_32, Y_NULL, -1, ADDRESS, 0, 0xffffffffffffffff, -ERANGE },
	{ R_X86_64_32, Y_VARIABLE, 0, HIGH, 0, HIGH + DATA + 8, -ERANGE },
	{ R_X86_64_32S, Y_ABS, 0, ADDRESS, 4, 0x7fffffff, 0 },
	{ R_X86_64_32S, Y_ABS, 1, ADDRESS, 0, 0x80000000, -ERANGE },
	{ R_X86_64_32S, Y_NULL, -1, ADDRESS, 4, 0xffffffff, 0 },
	{ R_X86_64_32S, Y_NULL, INT32_MIN, ADDRESS, 4, 0x80000000, 0 },
	{ R_X86_64_32S, Y_NULL, INT32_MIN - 1LL, ADDRESS, 0, 0xffffffff7fffffff, -ERANGE },
};

static void every_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		const struct one *one = &ones[i];
		struct made_elf *m = made_object();
		uint8_t expected[TEXT_SIZE];
		struct purgatory_image image;
		struct ctx ctx = { 0 };
		char value[32];

		record(m, 0, 0x20, one->sym, one->type, one->addend);
		assert_int_equal(purgatory_rel.load(&ctx, "t", made_bytes(m), &x86_64, &image), 0);
		if (purgatory_rel.relocate(&ctx, &image, one->address) != one->ret)
			fail_msg("case %zu: %s", i, ctx.err.what);
		memset(expected, 0x90, sizeof(expected));
		for (size_t n = 0; n < one->bytes; n++)
			expected[0x20 + n] = (uint8_t)(one->expected >> (8 * n));
		assert_memory_equal(image.data + TEXT, expected, TEXT_SIZE);
		if (one->ret) {
			snprintf(value, sizeof(value), "value 0x%llx ",
				 (unsigned long long)one->expected);
			assert_non_null(strstr(ctx.err.what, value));
			assert_non_null(strstr(ctx.err.what, ".text+0x20"));
			assert_non_null(strstr(ctx.err.what, "R_X86_64_"));
		} else {
			assert_int_equal(image.relocations, one->bytes ? 1 : 0);
		}
		arena_free(&ctx.arena);
		free(m);
	}
}

/* Each change to the good object, when it is refused, and with which words. */
static void unknown_type(struct made_elf *m)
{
	record(m, 0, 0, Y_VARIABLE, 9, 0);
}
static void nameless_type(struct made_elf *m)
{
	record(m, 0, 0, Y_SECTION, 200, 0);
}
static void field_at_end_64(struct made_elf *m)
{
	record(m, 0, TEXT_SIZE - 7, 1, 1, 0);
}
static void field_at_end_32(struct made_elf *m)
{
	record(m, 0, TEXT_SIZE - 3, 1, 2, 0);
}
static void field_beyond(struct made_elf *m)
{
	record(m, 0, UINT64_MAX, 1, 1, 0);
}
static void no_such_symbol(struct made_elf *m)
{
	record(m, 0, 0, SYMBOLS, 1, 0);
}

static void undefined(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_MISSING, STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
}

static void weak_undefined(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_MISSING, STB_WEAK, STT_FUNC, SHN_UNDEF, 0);
}

static void common(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_LOCAL, STB_GLOBAL, STT_OBJECT, SHN_COMMON, 8);
}

static void symbol_not_loaded(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_LOCAL, STB_LOCAL, STT_OBJECT, S_DEBUG, 0);
	record(m, 0, 0, Y_LOCAL, R_X86_64_64, 0);
}

static void symbol_in_no_section(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_LOCAL, STB_LOCAL, STT_OBJECT, SECTIONS, 0);
	record(m, 0, 0, Y_LOCAL, R_X86_64_64, 0);
}

static void symbol_reserved_section(struct made_elf *m)
{
	symbol(m, Y_LOCAL, T_LOCAL, STB_LOCAL, STT_OBJECT, SHN_XINDEX, 0);
	record(m, 0, 0, Y_LOCAL, R_X86_64_64, 0);
}

static void no_symbols(struct made_elf *m)
{
	MADE_SET(m, shdr(S_SYMTAB), Shdr, sh_type, SHT_PROGBITS);
}

static void two_symbol_tables(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DEBUG), Shdr, sh_type, SHT_SYMTAB);
	MADE_SET(m, shdr(S_DEBUG), Shdr, sh_link, S_STRTAB);
	MADE_SET(m, shdr(S_DEBUG), Shdr, sh_entsize, sizeof(Elf64_Sym));
}

static void no_strings(struct made_elf *m)
{
	MADE_SET(m, shdr(S_SYMTAB), Shdr, sh_link, SECTIONS);
}

static void symbol_size(struct made_elf *m)
{
	MADE_SET(m, shdr(S_SYMTAB), Shdr, sh_entsize, 16);
}

static void implicit_addends(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_type, SHT_REL);
	record(m, 0, 0, Y_VARIABLE, R_X86_64_64, 0);
}

static void record_size(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_entsize, 16);
}

static void relocates_bss(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_info, S_BSS);
}

static void relocates_nothing(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_info, SECTIONS);
}

static void other_symbols(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_link, S_STRTAB);
}

static void records_outside(struct made_elf *m)
{
	MADE_SET(m, shdr(S_RELA), Shdr, sh_offset, UINT64_MAX - 7);
	MADE_SET(m, shdr(S_RELA), Shdr, sh_size, sizeof(Elf64_Rela));
}

static void no_head(struct made_elf *m)
{
	MADE_SET(m, shdr(S_HEAD), Shdr, sh_name, N_DATA);
}

static void head_without_magic(struct made_elf *m)
{
	m->data[AT_HEAD + 20] ^= 1;
}

static void head_of_zeros(struct made_elf *m)
{
	MADE_SET(m, shdr(S_HEAD), Shdr, sh_type, SHT_NOBITS);
}

static void nothing_loaded(struct made_elf *m)
{
	for (unsigned int i = 0; i < SECTIONS; i++)
		MADE_SET(m, shdr(i), Shdr, sh_flags, 0);
}

static void bad_align(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_addralign, 24);
}

static void huge_align(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_addralign, 1ULL << 63);
}

static void huge_bss(struct made_elf *m)
{
	MADE_SET(m, shdr(S_BSS), Shdr, sh_size, UINT64_MAX - 8);
}

static void section_outside(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_offset, m->size - DATA_SIZE + 1);
}

static void thread_local_data(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_flags, SHF_ALLOC | SHF_TLS);
}

static void compressed(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_flags, SHF_ALLOC | SHF_COMPRESSED);
}

static void constructors(struct made_elf *m)
{
	MADE_SET(m, shdr(S_DATA), Shdr, sh_type, SHT_INIT_ARRAY);
}

static void names_outside(struct made_elf *m)
{
	MADE_SET(m, shdr(S_SHSTRTAB), Shdr, sh_offset, UINT64_MAX);
}

static void no_names(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_shstrndx, SECTIONS);
}

static void executable(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_type, ET_DYN);
}

static void other_machine(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_machine, EXAMPLE_BE64);
}

static void refuses(void **state)
{
	static const struct {
		void (*change)(struct made_elf *m);
		const char *said;
	} bad[] = {
		{ unknown_type,
		  "R_X86_64_GOTPCREL (9) of symbol variable at .text+0x0 is of a type" },
		{ nameless_type, "type (200) of symbol .data at .text+0x0 is of a type that" },
		{ field_at_end_64, "R_X86_64_64 (1) of symbol variable at .text+0x2a reaches" },
		{ field_at_end_32, "R_X86_64_PC32 (2) of symbol variable at .text+0x2e reaches" },
		{ field_beyond, "at .text+0xffffffffffffffff reaches beyond the section's 0x31" },
		{ no_such_symbol, "symbol 8, which does not exist" },
		{ undefined, "symbol missing is not defined" },
		{ weak_undefined, "symbol missing is not defined" },
		{ common, "symbol local is a common block" },
		{ symbol_not_loaded, "symbol local lies in section 5, which is not loaded" },
		{ symbol_in_no_section, "symbol local lies in section 11" },
		{ symbol_reserved_section, "symbol local lies in section 65535" },
		{ no_symbols, "no symbol table" },
		{ two_symbol_tables, "second symbol table" },
		{ no_strings, "no string table" },
		{ symbol_size, "symbols of 16 bytes" },
		{ implicit_addends, "section 9 (.rela.text) is not a relocation table for .text" },
		{ record_size, "section 9 (.rela.text) is not a relocation table" },
		{ relocates_bss, "not a relocation table for .bss" },
		{ relocates_nothing, "section 9 relocates section 11 of 11" },
		{ other_symbols, "not a relocation table" },
		{ records_outside, "beyond the file's end" },
		{ no_head, "no purgatory header" },
		{ head_without_magic, "no purgatory header" },
		{ head_of_zeros, "no purgatory header" },
		{ nothing_loaded, "no purgatory header" },
		{ bad_align, ".data is aligned to 0x18" },
		{ huge_align, ".data of 0x20 bytes makes it larger" },
		{ huge_bss, ".bss of 0xfffffffffffffff7 bytes makes it larger" },
		{ section_outside, "section 4: 0x20 bytes" },
		{ thread_local_data, ".data is thread-local" },
		{ compressed, ".data is compressed" },
		{ constructors, ".data: constructors" },
		{ names_outside, "beyond the file's end" },
		{ no_names, "no purgatory header" },
		{ executable, "ELF type 3 instead of 1" },
		{ other_machine, "it is for " EXAMPLE_BE64_TITLE " (machine 22)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct made_elf *m = made_object();
		struct purgatory_image image;
		struct ctx ctx = { 0 };
		int ret;

		bad[i].change(m);
		ret = purgatory_rel.load(&ctx, "bad.rel", made_bytes(m), &x86_64, &image);
		if (!ret)
			ret = purgatory_rel.relocate(&ctx, &image, ADDRESS);
		if (ret != -ENOEXEC || strncmp(ctx.err.what, "bad.rel: ", 9) ||
		    !strstr(ctx.err.what, bad[i].said))
			fail_msg("%d \"%s\" does not contain \"%s\"", ret, ctx.err.what,
				 bad[i].said);
		assert_true(ctx.err.hint[0]);
		arena_free(&ctx.arena);
		free(m);
	}
}

static void other_machines_have_no_linker(void **state)
{
	struct made_elf *m = made_object();
	struct rel_arch rel = rel_arch_x86_64;
	const struct purgatory_target other = { .machine = EXAMPLE_BE64, .rel = &rel };
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	rel.machine = EXAMPLE_BE64;
	rel.order = ORDER_BE;
	MADE_SET(m, 0, Ehdr, e_machine, EXAMPLE_BE64);
	assert_int_equal(purgatory_rel.load(&ctx, "t", made_bytes(m), &other, &image), -ENOEXEC);
	assert_non_null(strstr(ctx.err.what, "relocatable objects of " EXAMPLE_BE64_TITLE));
	arena_free(&ctx.arena);
	free(m);
}

static int load_copy(struct bytes bytes)
{
	uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
	struct purgatory_image image;
	struct ctx ctx = { 0 };
	int ret;

	memcpy(copy, bytes.data, bytes.size);
	ret = purgatory_rel.load(&ctx, "t", (struct bytes){ copy, bytes.size }, &x86_64, &image);
	if (!ret)
		ret = purgatory_rel.relocate(&ctx, &image, ADDRESS);
	assert_true(!ret || ctx.err.what[0]);
	arena_free(&ctx.arena);
	free(copy);
	return ret;
}

static struct made_elf *made_full(void)
{
	struct made_elf *m = made_object();

	record(m, 0, 0, Y_VARIABLE, R_X86_64_64, 0);
	record(m, 1, 8, Y_SECTION, R_X86_64_PC32, 0);
	record(m, 2, 16, Y_MEMORY_END, R_X86_64_32, 0);
	return m;
}

static void every_truncation(void **state)
{
	struct made_elf *m = made_full();

	(void)state;
	assert_int_equal(load_copy(made_bytes(m)), 0);
	while (m->size--)
		assert_int_not_equal(load_copy(made_bytes(m)), 0);
	free(m);
}

/* Damage of any one byte is refused or harmless. */
static void every_byte_damaged(void **state)
{
	static const uint8_t damage[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct made_elf *m = made_full();

	(void)state;
	for (size_t n = 0; n < m->size; n++) {
		uint8_t good = m->data[n];

		for (size_t d = 0; d < sizeof(damage); d++) {
			m->data[n] = damage[d];
			load_copy(made_bytes(m));
		}
		m->data[n] = good;
	}
	free(m);
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "x86_64", 62, true, ORDER_LE, true, 8 },
		{ "i386", 3, false, ORDER_LE, false, 8 },
		{ "x86_64 by lld -z rel", 62, true, ORDER_LE, false, 8 },
	};

	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie),
		cmocka_unit_test(layout),
		cmocka_unit_test(every_type),
		cmocka_unit_test(refuses),
		cmocka_unit_test(other_machines_have_no_linker),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(every_byte_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
