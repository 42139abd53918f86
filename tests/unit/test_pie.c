/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/relocate/pie.c and params.c on hand-made images: machines that have no arch yet (each arch
 * has its own rows in its test of relocation types), and every kind of file that must be refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "example.h"
#include "pie_rows.h"

static const struct pie_row le64 = { EXAMPLE_LE64_NAME, EXAMPLE_LE64, true,
				     ORDER_LE,		true,	      EXAMPLE_LE64_RELATIVE };
static const struct pie_row le32 = { "32 bits", EXAMPLE_LE32, false,
				     ORDER_LE,	false,	      EXAMPLE_LE32_RELATIVE };
static const struct pie_row be64 = { EXAMPLE_BE64_NAME, EXAMPLE_BE64, true,
				     ORDER_BE,		true,	      EXAMPLE_BE64_RELATIVE };

static const struct pie_row rows[] = {
	{ "mips", 8, false, ORDER_BE, false, 3 },
	{ "mipsel", 8, false, ORDER_LE, false, 3 },
	{ "mips64", 8, true, ORDER_BE, false, 3 | 18 << 8 },
	{ "mips64el", 8, true, ORDER_LE, false, 3 | 18 << 8 },
	{ "m68k", 4, false, ORDER_BE, true, 22 },
	{ "sh4", 42, false, ORDER_LE, true, 165 },
	{ "hppa", 15, false, ORDER_BE, true, 1 },
	{ "alpha", 0x9026, true, ORDER_LE, true, 27 },
};

static void machines_without_an_arch(void **state)
{
	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void linked_elsewhere(void **state)
{
	const struct pie_row *row = &le64;
	struct made_elf *m = pie_made(row);
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	made_phdr(m, 0, PT_LOAD, PIE_FILE, 0x10000, PIE_SIZE, PIE_MEMORY);
	made_phdr(m, 1, PT_DYNAMIC, PIE_FILE + PIE_DYNAMIC, 0x10000 + PIE_DYNAMIC, 0x100, 0x100);
	made_dynamic(m, 0, DT_RELA, 0x10000 + PIE_TABLE);
	MADE_SET(m, 0, Ehdr, e_entry, 0x10000);
	pie_record(m, row, 1, 0x10000 + PIE_DATA, 0, row->relative);
	pie_record(m, row, 2, 0x10000 + PIE_DATA + 8, 0, row->relative);
	assert_int_equal(purgatory_pie.load(&ctx, "test.pie", made_bytes(m),
					    PIE_TARGET(row->machine), &image),
			 0);
	assert_int_equal(purgatory_pie.relocate(&ctx, &image, 0x8000), 0);
	assert_int_equal(pie_word(&image, PIE_DATA), PIE_ADDEND - (uint64_t)0x8000);
	assert_int_equal(get_le64(image.data + 48), 0x8000 - (uint64_t)0x10000);
	arena_free(&ctx.arena);
	free(m);
}

static void several_segments(void **state)
{
	struct made_elf *m = pie_made(&le64);
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	made_phdr(m, 0, PT_LOAD, PIE_FILE, 0, 0xf00, 0xf00);
	made_phdr(m, 2, PT_LOAD, PIE_FILE + 0xf00, 0x2f00, 0x100, 0x200);
	MADE_SET(m, made_phdr_offset(m, 2), Phdr, p_align, 0x10000);
	pie_record(m, &le64, 2, 0x2f08, 0, le64.relative);
	assert_int_equal(purgatory_pie.load(&ctx, "test.pie", made_bytes(m),
					    PIE_TARGET(EXAMPLE_LE64), &image),
			 0);
	assert_int_equal(image.image_size, 0x3000);
	assert_int_equal(image.memory_size, 0x3100);
	assert_int_equal(image.align, 0x10000);
	assert_int_equal(purgatory_pie.relocate(&ctx, &image, 0x8000), -EINVAL);
	assert_int_equal(purgatory_pie.relocate(&ctx, &image, 0x10000), 0);
	assert_int_equal(pie_word(&image, 0x2f08), 0x10000 + PIE_ADDEND);
	arena_free(&ctx.arena);
	free(m);
}

static void no_dynamic_section(void **state)
{
	struct made_elf *m = pie_made(&le64);
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	MADE_SET(m, 0, Ehdr, e_phnum, 1);
	assert_int_equal(purgatory_pie.load(&ctx, "test.pie", made_bytes(m),
					    PIE_TARGET(EXAMPLE_LE64), &image),
			 0);
	assert_int_equal(purgatory_pie.relocate(&ctx, &image, 0xfffffffff000 - PIE_MEMORY), 0);
	assert_int_equal(image.relocations, 0);
	assert_int_equal(pie_word(&image, PIE_DATA), 0);
	arena_free(&ctx.arena);
	free(m);
}

static void beyond_the_address_space(void **state)
{
	static const struct {
		const struct pie_row *row;
		uint64_t address;
		int expected;
	} at[] = {
		{ &le64, UINT64_MAX - 0xfff, -ERANGE },
		{ &le32, 0x100000000 - PIE_MEMORY, 0 },
		{ &le32, 0x100000000 - PIE_MEMORY + 0x1000, -ERANGE },
		{ &le64, 0x100000000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const struct pie_row *row = at[i].row;
		struct made_elf *m = pie_made(row);
		struct purgatory_image image;
		struct ctx ctx = { 0 };

		assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
						    PIE_TARGET(row->machine), &image),
				 0);
		assert_int_equal(purgatory_pie.relocate(&ctx, &image, at[i].address),
				 at[i].expected);
		arena_free(&ctx.arena);
		free(m);
	}
}

/* Words of the GOT that no record mentions: [first, DT_MIPS_LOCAL_GOTNO). */
static void mips_local_got(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pie_row *row = &rows[i];
		size_t word = row->is64 ? 8 : 4;

		if (row->machine != EM_MIPS)
			continue;
		for (unsigned int first = 1; first <= 2; first++) {
			struct made_elf *m = pie_made(row);
			struct purgatory_image image;
			struct ctx ctx = { 0 };

			made_dynamic(m, 3, DT_PLTGOT, 0x800);
			made_dynamic(m, 4, DT_MIPS_LOCAL_GOTNO, 5);
			made_dynamic(m, 5, DT_MIPS_GOTSYM, 4);
			made_dynamic(m, 6, DT_MIPS_SYMTABNO, 4);
			for (unsigned int n = 0; n < 6; n++)
				made_word(m, PIE_FILE + 0x800 + n * word, 0x10 + n);
			if (first == 2)
				made_word(m, PIE_FILE + 0x800 + word, 1ULL << (word * 8 - 1));
			assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
							    PIE_TARGET(EM_MIPS), &image),
					 0);
			assert_int_equal(purgatory_pie.relocate(&ctx, &image, PIE_ADDRESS), 0);
			assert_int_equal(image.relocations, 2 + 5 - first);
			for (unsigned int n = 2; n < 6; n++)
				assert_int_equal(pie_word(&image, 0x800 + n * word),
						 0x10 + n + (n < 5 ? PIE_ADDRESS : 0));
			assert_int_equal(pie_word(&image, 0x800), 0x10);
			if (first == 1)
				assert_int_equal(pie_word(&image, 0x800 + word),
						 0x11 + PIE_ADDRESS);
			arena_free(&ctx.arena);

			made_dynamic(m, 6, DT_MIPS_SYMTABNO, 5);
			assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
							    PIE_TARGET(EM_MIPS), &image),
					 -ENOEXEC);
			made_dynamic(m, 6, DT_MIPS_SYMTABNO, 4);
			made_dynamic(m, 4, DT_MIPS_LOCAL_GOTNO, 1);
			assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
							    PIE_TARGET(EM_MIPS), &image),
					 -ENOEXEC);
			made_dynamic(m, 4, DT_MIPS_LOCAL_GOTNO,
				     row->is64 ? (1ULL << 61) + 2 : UINT32_MAX);
			assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
							    PIE_TARGET(EM_MIPS), &image),
					 -ENOEXEC);
			arena_free(&ctx.arena);
			free(m);
		}
	}
}

static void hppa_types(void **state)
{
	const struct pie_row row = { "hppa", EM_PARISC, false, ORDER_BE, true, 0 };
	struct made_elf *m = made_pie(EM_PARISC, false, ORDER_BE, true, 4);
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	made_dynamic(m, 3, DT_PLTGOT, 0x700);
	made_dynamic(m, 4, DT_SYMTAB, 0x800);
	MADE_SET(m, PIE_FILE + 0x800 + 16, Sym, st_value, 0x60);
	MADE_SET(m, PIE_FILE + 0x800 + 16, Sym, st_shndx, 1);
	pie_record(m, &row, 0, PIE_DATA, 1, 1); /* DIR32 with a symbol */
	pie_record(m, &row, 1, PIE_DATA + 4, 0, 1); /* DIR32 without */
	pie_record(m, &row, 2, PIE_DATA + 8, 0, 65); /* PLABEL32 */
	pie_record(m, &row, 3, PIE_DATA + 12, 0, 129); /* IPLT */
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 0);
	assert_int_equal(purgatory_pie.relocate(&ctx, &image, PIE_ADDRESS), 0);
	assert_int_equal(image.relocations, 5);
	assert_int_equal(pie_word(&image, PIE_DATA), PIE_ADDRESS + 0x60 + PIE_ADDEND);
	assert_int_equal(pie_word(&image, PIE_DATA + 4), PIE_ADDRESS + PIE_ADDEND);
	assert_int_equal(pie_word(&image, PIE_DATA + 8), PIE_ADDRESS + PIE_ADDEND);
	assert_int_equal(pie_word(&image, PIE_DATA + 12), PIE_ADDRESS + PIE_ADDEND);
	assert_int_equal(pie_word(&image, PIE_DATA + 16), PIE_ADDRESS + 0x700);
	arena_free(&ctx.arena);

	pie_record(m, &row, 3, PIE_SIZE - 4, 0, 129); /* second word outside */
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 -ENOEXEC);
	pie_record(m, &row, 3, PIE_DATA, 2, 1); /* undefined symbol */
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 -ENOEXEC);
	pie_record(m, &row, 3, PIE_DATA, 0xffffff, 1); /* symbol outside */
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 -ENOEXEC);
	pie_record(m, &row, 3, PIE_DATA, 0, 2);
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 -ENOEXEC);
	pie_record(m, &row, 3, PIE_DATA, 0, 1);
	made_dynamic(m, 4, DT_DEBUG, 0); /* no symbol table */
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EM_PARISC),
					    &image),
			 -ENOEXEC);
	arena_free(&ctx.arena);
	free(m);
}

/* Files that must be refused; each is the good file with one thing changed. */
static void set_entry(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_entry, 16);
}

static void set_type(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_type, ET_EXEC);
}

static void set_machine(struct made_elf *m)
{
	MADE_SET(m, 0, Ehdr, e_machine, EXAMPLE_BE64);
}

static void set_class(struct made_elf *m)
{
	struct made_elf *other = made_pie(EXAMPLE_LE64, false, ORDER_LE, true, 0);

	memcpy(m, other, sizeof(*m));
	free(other);
}

static void set_byte_order(struct made_elf *m)
{
	struct made_elf *other = made_pie(EXAMPLE_LE64, true, ORDER_BE, true, 0);

	memcpy(m, other, sizeof(*m));
	free(other);
}

static void add_interp(struct made_elf *m)
{
	made_phdr(m, 2, PT_INTERP, 0, 0, 0, 0);
}

static void add_tls(struct made_elf *m)
{
	made_phdr(m, 2, PT_TLS, 0, 0, 0, 0);
}

static void no_load(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_type, PT_NOTE);
}

static void only_bss(struct made_elf *m)
{
	made_phdr(m, 0, PT_LOAD, PIE_FILE, 0, 0, PIE_MEMORY);
	MADE_SET(m, 0, Ehdr, e_phnum, 2);
}

static void memory_below_file_size(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_memsz, PIE_SIZE - 1);
}

static void memory_too_large(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_memsz, (1 << 20) + 1);
}

static void bytes_without_memory(struct made_elf *m)
{
	made_phdr(m, 2, PT_LOAD, UINT64_MAX, PIE_MEMORY, 0x10, 0);
}

static void far_segment(struct made_elf *m)
{
	made_phdr(m, 2, PT_LOAD, 0, 0x7fffffff0000, 0x10, 0x10);
}

static void overlap(struct made_elf *m)
{
	made_phdr(m, 2, PT_LOAD, 0, PIE_MEMORY - 1, 0x10, 0x10);
}

static void descending(struct made_elf *m)
{
	made_phdr(m, 0, PT_LOAD, PIE_FILE, 0x1000, PIE_SIZE, PIE_SIZE);
	made_phdr(m, 2, PT_LOAD, PIE_FILE, 0, 0x10, 0x10);
}

static void bad_align(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_align, 0x1800);
}

static void unaligned_base(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_vaddr, 0x800);
}

static void no_magic(struct made_elf *m)
{
	m->data[PIE_FILE + 16] ^= 1;
}

static void dyn(struct made_elf *m, uint64_t tag, uint64_t value)
{
	made_dynamic(m, 3, tag, value);
}

static void needed(struct made_elf *m)
{
	dyn(m, DT_NEEDED, 1);
}
static void textrel(struct made_elf *m)
{
	dyn(m, DT_TEXTREL, 0);
}
static void flags_textrel(struct made_elf *m)
{
	dyn(m, DT_FLAGS, DF_TEXTREL);
}
static void relr(struct made_elf *m)
{
	dyn(m, 36, 0);
}
static void init(struct made_elf *m)
{
	dyn(m, DT_INIT, 0);
}
static void init_array(struct made_elf *m)
{
	dyn(m, DT_INIT_ARRAY, 0);
}
static void fini_array(struct made_elf *m)
{
	dyn(m, DT_FINI_ARRAY, 0);
}
static void table_entsize(struct made_elf *m)
{
	made_dynamic(m, 2, DT_RELAENT, 16);
}
static void table_partial(struct made_elf *m)
{
	made_dynamic(m, 1, DT_RELASZ, 25);
}
static void table_outside(struct made_elf *m)
{
	made_dynamic(m, 0, DT_RELA, PIE_SIZE - 71);
}
static void table_in_bss(struct made_elf *m)
{
	made_dynamic(m, 0, DT_RELA, PIE_SIZE);
}
static void table_wraps(struct made_elf *m)
{
	made_dynamic(m, 0, DT_RELA, UINT64_MAX - 7);
}

static void table_huge(struct made_elf *m)
{
	made_dynamic(m, 1, DT_RELASZ, UINT64_MAX / 24 * 24);
}

static void plt_kind(struct made_elf *m)
{
	made_dynamic(m, 3, DT_JMPREL, PIE_TABLE);
	made_dynamic(m, 4, DT_PLTRELSZ, 24);
	made_dynamic(m, 5, DT_PLTREL, DT_SYMTAB);
}

static void plt_record(struct made_elf *m)
{
	made_dynamic(m, 3, DT_JMPREL, PIE_TABLE + 3 * 24);
	made_dynamic(m, 4, DT_PLTRELSZ, 24);
	made_dynamic(m, 5, DT_PLTREL, DT_RELA);
	pie_record(m, &le64, 3, PIE_DATA, 0, 7);
}

static void plt_overlaps(struct made_elf *m)
{
	made_dynamic(m, 3, DT_JMPREL, PIE_TABLE + 2 * 24);
	made_dynamic(m, 4, DT_PLTRELSZ, 2 * 24);
	made_dynamic(m, 5, DT_PLTREL, DT_RELA);
}

static void no_end(struct made_elf *m)
{
	for (unsigned int i = 3; i < 16; i++)
		made_dynamic(m, i, DT_DEBUG, 0);
}

static void dynamic_outside(struct made_elf *m)
{
	MADE_SET(m, made_phdr_offset(m, 1), Phdr, p_offset, PIE_FILE + PIE_SIZE - 1);
}

static void other_type(struct made_elf *m)
{
	pie_record(m, &le64, 2, PIE_DATA, 0, 6);
}
static void with_symbol(struct made_elf *m)
{
	pie_record(m, &le64, 2, PIE_DATA, 1, le64.relative);
}

static void target_half_outside(struct made_elf *m)
{
	made_rel(m, PIE_FILE + PIE_TABLE, true, 2, PIE_SIZE - 7, le64.relative, 0);
}

static void target_in_bss(struct made_elf *m)
{
	made_rel(m, PIE_FILE + PIE_TABLE, true, 2, PIE_SIZE, le64.relative, 0);
}

static void target_wraps(struct made_elf *m)
{
	made_rel(m, PIE_FILE + PIE_TABLE, true, 2, UINT64_MAX - 3, le64.relative, 0);
}

static void refuses(void **state)
{
	static const struct {
		void (*change)(struct made_elf *m);
		const char *said;
	} bad[] = {
		{ set_entry, "entry point 0x10" },
		{ set_type, "ELF type 2 instead of 3" },
		{ set_machine, "it is for " EXAMPLE_BE64_TITLE " (machine 22" },
		{ set_class, "32 bits" },
		{ set_byte_order, "big-endian" },
		{ add_interp, "PT_INTERP" },
		{ add_tls, "PT_TLS" },
		{ no_load, "no PT_LOAD" },
		{ only_bss, "no PT_LOAD" },
		{ memory_below_file_size, "0x1000 bytes in the file but only 0xfff in memory" },
		{ memory_too_large, "spans 0x100001 bytes" },
		{ bytes_without_memory, "0x10 bytes in the file but only 0x0" },
		{ far_segment, "spans 0x7fffffff0010 bytes" },
		{ overlap, "overlaps the previous segment, which ends at 0x3000" },
		{ descending, "overlaps the previous segment" },
		{ bad_align, "0x1800, which is not a power of two" },
		{ unaligned_base, "linked at 0x800" },
		{ no_magic, "no purgatory header" },
		{ needed, "DT_NEEDED" },
		{ textrel, "DT_TEXTREL" },
		{ flags_textrel, "DF_TEXTREL" },
		{ relr, "DT_RELR" },
		{ init, "constructors" },
		{ init_array, "constructors" },
		{ fini_array, "destructors" },
		{ table_entsize, "tag 7): 0x48 bytes at 0x200, 16 each" },
		{ table_partial, "tag 7): 0x19 bytes" },
		{ table_outside, "0x48 bytes at 0xfb9, 24 each" },
		{ table_in_bss, "at 0x1000" },
		{ table_wraps, "at 0xfffffffffffffff8" },
		{ table_huge, "tag 7)" },
		{ plt_kind,
		  "tag 23): 0x18 bytes at 0x200, 16 each, are not records of 16 bytes, kind 6" },
		{ plt_record, "type 7, symbol 0, at 0x40 of a purgatory for " EXAMPLE_LE64_TITLE },
		{ plt_overlaps, "tables overlap" },
		{ no_end, "DT_NULL" },
		{ dynamic_outside, "beyond the file's end" },
		{ other_type, "type 6, symbol 0, at 0x40 of a purgatory for " EXAMPLE_LE64_TITLE },
		{ with_symbol, "type 8, symbol 1, at 0x40" },
		{ target_half_outside, "at 0xff9 of a purgatory" },
		{ target_in_bss, "at 0x1000 of a purgatory" },
		{ target_wraps, "at 0xfffffffffffffffc" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct made_elf *m = pie_made(&le64);
		struct purgatory_image image;
		struct ctx ctx = { 0 };

		bad[i].change(m);
		assert_int_equal(purgatory_pie.load(&ctx, "bad.pie", made_bytes(m),
						    PIE_TARGET(EXAMPLE_LE64), &image),
				 -ENOEXEC);
		if (strncmp(ctx.err.what, "bad.pie: ", 9) || !strstr(ctx.err.what, bad[i].said))
			fail_msg("\"%s\" does not contain \"%s\"", ctx.err.what, bad[i].said);
		assert_true(ctx.err.hint[0]);
		arena_free(&ctx.arena);
		free(m);
	}
}

#define HEADER_BAD(field, value, said)                                                             \
	{                                                                                          \
		offsetof(struct purgatory_header, field),                                          \
			sizeof(((struct purgatory_header *)0)->field), value, said                 \
	}

static void bad_purgatory_headers(void **state)
{
	static const struct {
		size_t offset, size;
		uint64_t value;
		const char *said;
	} bad[] = {
		HEADER_BAD(abi_version, 1, "version 1 of the purgatory ABI"),
		HEADER_BAD(abi_version, 2, "version 2 of the purgatory ABI"),
		HEADER_BAD(abi_version, 4, "version 4 of the purgatory ABI"),
		HEADER_BAD(machine, EXAMPLE_BE64,
			   "header is for " EXAMPLE_BE64_TITLE " (machine 22)"),
		HEADER_BAD(header_size, 63, "sizes 0x3f (header)"),
		HEADER_BAD(image_size, 63, "0x3f (image)"),
		HEADER_BAD(image_size, PIE_SIZE + 1, "0x1001 (image)"),
		HEADER_BAD(memory_size, PIE_SIZE - 1, "0xfff (memory)"),
		HEADER_BAD(memory_size, PIE_MEMORY + 1, "0x3001 (memory)"),
		HEADER_BAD(align_log2, 13, "2^13"),
		HEADER_BAD(align_log2, 64, "2^64"),
		HEADER_BAD(params_offset, 0x38, "parameter block"),
		HEADER_BAD(params_offset, PIE_PARAMS + 4, "parameter block"),
		HEADER_BAD(params_offset, PIE_SIZE - 8, "parameter block"),
		HEADER_BAD(params_offset, 0xfffffff8, "parameter block"),
		HEADER_BAD(params_size, sizeof(struct purgatory_params) - 1, "parameter block"),
		HEADER_BAD(params_size, 0xffffffff, "parameter block"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct made_elf *m = pie_made(&le64);
		struct purgatory_image image;
		struct purgatory_info info;
		struct ctx ctx = { 0 };

		made_put(m, PIE_FILE + bad[i].offset, bad[i].size, bad[i].value);
		assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m),
						    PIE_TARGET(EXAMPLE_LE64), &image),
				 0);
		assert_int_equal(purgatory_header_check(&ctx, &image, EXAMPLE_LE64, &info),
				 -ENOEXEC);
		if (!strstr(ctx.err.what, bad[i].said))
			fail_msg("\"%s\" does not contain \"%s\"", ctx.err.what, bad[i].said);
		arena_free(&ctx.arena);
		free(m);
	}
}

/* A big-endian machine's parameters, read back by hand. */
static void parameters_in_byte_order(void **state)
{
	struct made_elf *m = pie_made(&be64);
	struct purgatory_params params = {
		.flags = PURGATORY_VERIFY,
		.region_count = 2,
		.piece_count = 9,
		.region[1] = { 0x1122334455667788, 0x99, 0x33, "initrd" },
		.piece_digest[39] = { 1, 2, 3 },
		.copy = { 1, 2, 3 },
		.cmdline_end = 4,
		.serial_base = 0x3f8,
		.serial_kind = 5,
		.serial_baud = 115200,
		.serial_shift = 6,
		.ticks_per_ms = 7,
		.cpu.words = { [0] = 8, [31] = 0x0102030405060708 },
	};
	struct purgatory_image image;
	struct purgatory_info info;
	struct ctx ctx = { 0 };
	const uint8_t *p;

	(void)state;
	assert_int_equal(purgatory_pie.load(&ctx, "t", made_bytes(m), PIE_TARGET(EXAMPLE_BE64),
					    &image),
			 0);
	assert_int_equal(purgatory_header_check(&ctx, &image, EXAMPLE_BE64, &info), 0);
	assert_int_equal(info.params_offset, PIE_PARAMS);
	purgatory_params_write(&image, &info, &params, NULL);
	p = image.data + PIE_PARAMS;
	assert_int_equal(get_be32(p), PURGATORY_VERIFY);
	assert_int_equal(get_be32(p + 4), 2);
	assert_int_equal(get_be32(p + 8), 9);
	assert_int_equal(get_be64(p + 16 + 48), 0x1122334455667788);
	assert_int_equal(get_be64(p + 16 + 48 + 8), 0x99);
	assert_int_equal(get_be64(p + 16 + 48 + 16), 0x33);
	assert_string_equal((const char *)p + 16 + 48 + 24, "initrd");
	p += 16 + 16 * 48;
	assert_int_equal(get_be64(p), 1);
	assert_int_equal(get_be64(p + 8), 2);
	assert_int_equal(get_be64(p + 16), 3);
	assert_int_equal(get_be64(p + 24), 4);
	assert_int_equal(get_be64(p + 32), 0x3f8);
	assert_int_equal(get_be32(p + 40), 5);
	assert_int_equal(get_be32(p + 44), 115200);
	assert_int_equal(get_be32(p + 48), 6);
	assert_int_equal(get_be32(p + 52), 7);
	assert_int_equal(get_be64(p + 56), 8);
	assert_int_equal(get_be64(p + 56 + 31 * 8), 0x0102030405060708);
	assert_memory_equal(p + 56 + 32 * 8 + 39 * 32, "\1\2\3", 4);
	arena_free(&ctx.arena);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_without_an_arch),
		cmocka_unit_test(linked_elsewhere),
		cmocka_unit_test(several_segments),
		cmocka_unit_test(no_dynamic_section),
		cmocka_unit_test(beyond_the_address_space),
		cmocka_unit_test(mips_local_got),
		cmocka_unit_test(hppa_types),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bad_purgatory_headers),
		cmocka_unit_test(parameters_in_byte_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
