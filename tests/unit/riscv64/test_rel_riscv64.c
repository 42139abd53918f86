/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/riscv64/rel_riscv64.c: what `ld --no-relax` makes of the same code at the same
 * addresses, values that do not fit, and pairs of instructions in whole objects.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/backend.h"
#include "make_elf.h"
#include "pie_rows.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT 0x81000000 /* -Ttext */
/* --defsym */
#define SYM 0x81237abc
#define DOWN 0x80123456
#define NEAR 0x80fffc2a
#define NEAR2 0x810000f6
#define FAR 0x80f0aaaa
#define CLOSE 0x80ffff5e
#define MIDDLE 0x8100076a

struct sample {
	uint32_t type;
	unsigned int size;
	uint64_t value;
	uint64_t before;
	uint64_t after;
};

/* clang-format off */
static const struct sample samples[] = {
	{ R_RISCV_BRANCH,	4, NEAR,	0x00b50063,	0xc2b505e3 },
	{ R_RISCV_BRANCH,	4, NEAR2,	0x00b50063,	0x0eb50963 },
	{ R_RISCV_JAL,		4, NEAR,	0x000000ef,	0xc23ff0ef },
	{ R_RISCV_JAL,		4, FAR,		0x000000ef,	0xa9f0a0ef },
	{ R_RISCV_CALL,		8, SYM,		0x000080e700000097, 0xaac080e700238097 },
	{ R_RISCV_CALL_PLT,	8, DOWN,	0x0003006700000317, 0x43e30067ff123317 },
	{ R_RISCV_PCREL_HI20,	4, SYM,		0x00000517,	0x00238517 },
	{ R_RISCV_PCREL_LO12_I,	4, SYM - 0x81000020,  0x00050513, 0xa9c50513 },
	{ R_RISCV_PCREL_LO12_S,	4, SYM - 0x81000020,  0x00b52023, 0xa8b52e23 },
	{ R_RISCV_PCREL_HI20,	4, DOWN,	0x00000597,	0xff123597 },
	{ R_RISCV_PCREL_LO12_I,	4, DOWN - UINT64_C(0x8100002c), 0x0005b503, 0x42a5b503 },
	{ R_RISCV_PCREL_LO12_S,	4, DOWN - UINT64_C(0x8100002c), 0x00a5b023, 0x42a5b523 },
	{ R_RISCV_RVC_BRANCH,	2, NEAR2,	0xc101,		0xcd5d },
	{ R_RISCV_RVC_BRANCH,	2, CLOSE,	0xe101,		0xf115 },
	{ R_RISCV_RVC_JUMP,	2, NEAR,	0xa001,		0xb6fd },
	{ R_RISCV_RVC_JUMP,	2, MIDDLE,	0xa001,		0xa735 },
	{ R_RISCV_32_PCREL,	4, SYM,		0,		0x00237a7c },
	{ R_RISCV_32_PCREL,	4, DOWN,	0,		0xff123412 },
	{ R_RISCV_64,		8, SYM,		0,		0x81237abc },
	{ R_RISCV_ADD8,		1, SYM,		0x77,		0x33 },
	{ R_RISCV_SUB8,		1, SYM,		0x77,		0xbb },
	{ R_RISCV_ADD16,	2, SYM,		0x7777,		0xf233 },
	{ R_RISCV_SUB16,	2, SYM,		0x7777,		0xfcbb },
	{ R_RISCV_ADD32,	4, SYM,		0x77777777,	0xf89af233 },
	{ R_RISCV_SUB32,	4, SYM,		0x77777777,	0xf653fcbb },
	{ R_RISCV_ADD64,	8, SYM,		0x7777777777777777, 0x77777777f89af233 },
	{ R_RISCV_SUB64,	8, SYM,		0x7777777777777777, 0x77777776f653fcbb },
};
/* clang-format on */

/* The farthest that each reaches; the values are distances. */
/* clang-format off */
static const struct sample farthest[] = {
	{ R_RISCV_BRANCH, 4, 0xffe, 0xb50063, 0x7eb50fe3 },
	{ R_RISCV_BRANCH, 4, -UINT64_C(0x1000), 0xb50063, 0x80b50063 },
	{ R_RISCV_JAL, 4, 0xffffe, 0xef, 0x7ffff0ef },
	{ R_RISCV_JAL, 4, -UINT64_C(0x100000), 0xef, 0x800000ef },
	{ R_RISCV_RVC_BRANCH, 2, 0xfe, 0xc101, 0xcd7d },
	{ R_RISCV_RVC_BRANCH, 2, -UINT64_C(0x100), 0xc101, 0xd101 },
	{ R_RISCV_RVC_JUMP, 2, 0x7fe, 0xa001, 0xaffd },
	{ R_RISCV_RVC_JUMP, 2, -UINT64_C(0x800), 0xa001, 0xb001 },
	{ R_RISCV_CALL_PLT, 8, 0x7ffff7ff, 0x3006700000317, 0x7ff300677ffff317 },
	{ R_RISCV_CALL_PLT, 8, -UINT64_C(0x80000800), 0x3006700000317, 0x8003006780000317 },
	{ R_RISCV_PCREL_HI20, 4, 0x7ffff7ff, 0x517, 0x7ffff517 },
	{ R_RISCV_PCREL_LO12_I, 4, 0x7ffff7ff, 0x50513, 0x7ff50513 },
	{ R_RISCV_PCREL_LO12_S, 4, 0x7ffff7ff, 0xb52023, 0x7eb52fa3 },
	{ R_RISCV_PCREL_HI20, 4, -UINT64_C(0x80000800), 0x517, 0x80000517 },
	{ R_RISCV_PCREL_LO12_I, 4, -UINT64_C(0x80000800), 0x50513, 0x80050513 },
	{ R_RISCV_PCREL_LO12_S, 4, -UINT64_C(0x80000800), 0xb52023, 0x80b52023 },
};
/* clang-format on */

static void compare(const struct sample *s, uint64_t place, uint64_t value)
{
	uint8_t bytes[8], wanted[8];
	struct rel_site site = {
		.bytes = bytes, .room = s->size, .place = place, .value = value, .type = s->type
	};

	/* The bytes after the field stay. */
	memset(bytes, 0xa5, sizeof(bytes));
	memset(wanted, 0xa5, sizeof(wanted));
	for (unsigned int i = 0; i < s->size; i++) {
		bytes[i] = (uint8_t)(s->before >> (8 * i));
		wanted[i] = (uint8_t)(s->after >> (8 * i));
	}
	assert_non_null(rel_type_name(&rel_arch_riscv64, s->type));
	assert_int_equal(rel_arch_riscv64.apply(&site), 1);
	if (memcmp(bytes, wanted, sizeof(bytes)))
		fail_msg("%s at 0x%llx: 0x%llx, ld makes 0x%llx",
			 rel_type_name(&rel_arch_riscv64, s->type), (unsigned long long)place,
			 (unsigned long long)get_le64(bytes), (unsigned long long)s->after);
	site.room--;
	assert_int_equal(rel_arch_riscv64.apply(&site), -EFBIG);
}

static void test_as_ld(void **state)
{
	const uint64_t high = UINT64_C(1) << 32;
	uint64_t place = TEXT;

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		compare(&samples[i], place, samples[i].value);
		place += samples[i].size;
	}
	for (size_t i = 0; i < COUNT(farthest); i++) {
		bool half = farthest[i].type == R_RISCV_PCREL_LO12_I ||
			    farthest[i].type == R_RISCV_PCREL_LO12_S;

		compare(&farthest[i], high, farthest[i].value + (half ? 0 : high));
	}
}

static void test_edges(void **state)
{
	static const struct {
		uint32_t type;
		uint64_t distance;
		int result;
	} edges[] = {
		{ R_RISCV_BRANCH, 0xffe, 1 },
		{ R_RISCV_BRANCH, 0x1000, -ERANGE },
		{ R_RISCV_BRANCH, -UINT64_C(0x1000), 1 },
		{ R_RISCV_BRANCH, -UINT64_C(0x1002), -ERANGE },
		{ R_RISCV_BRANCH, 1, -ERANGE },
		{ R_RISCV_JAL, 0xffffe, 1 },
		{ R_RISCV_JAL, 0x100000, -ERANGE },
		{ R_RISCV_JAL, -UINT64_C(0x100000), 1 },
		{ R_RISCV_JAL, -UINT64_C(0x100002), -ERANGE },
		{ R_RISCV_JAL, 3, -ERANGE },
		{ R_RISCV_CALL_PLT, 0x7ffff7ff, 1 },
		{ R_RISCV_CALL_PLT, 0x7ffff800, -ERANGE },
		{ R_RISCV_CALL, -UINT64_C(0x80000800), 1 },
		{ R_RISCV_CALL, -UINT64_C(0x80000801), -ERANGE },
		{ R_RISCV_PCREL_HI20, 0x7ffff7ff, 1 },
		{ R_RISCV_PCREL_HI20, 0x7ffff800, -ERANGE },
		{ R_RISCV_PCREL_HI20, -UINT64_C(0x80000800), 1 },
		{ R_RISCV_PCREL_HI20, -UINT64_C(0x80000801), -ERANGE },
		{ R_RISCV_RVC_BRANCH, 0xfe, 1 },
		{ R_RISCV_RVC_BRANCH, 0x100, -ERANGE },
		{ R_RISCV_RVC_BRANCH, -UINT64_C(0x100), 1 },
		{ R_RISCV_RVC_BRANCH, -UINT64_C(0x102), -ERANGE },
		{ R_RISCV_RVC_JUMP, 0x7fe, 1 },
		{ R_RISCV_RVC_JUMP, 0x800, -ERANGE },
		{ R_RISCV_RVC_JUMP, -UINT64_C(0x800), 1 },
		{ R_RISCV_RVC_JUMP, -UINT64_C(0x802), -ERANGE },
		{ R_RISCV_32_PCREL, 0x7fffffff, 1 },
		{ R_RISCV_32_PCREL, 0x80000000, -ERANGE },
		{ R_RISCV_32_PCREL, -UINT64_C(0x80000000), 1 },
		{ R_RISCV_NONE, 1, 0 },
		{ R_RISCV_RELAX, 1, 0 },
		{ R_RISCV_RELATIVE, 0, -ENOTSUP },
		{ R_RISCV_HI20, 0, -ENOTSUP },
		{ 0xffffffff, 0, -ENOTSUP },
	};
	const uint64_t place = UINT64_C(1) << 40;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		uint8_t bytes[8] = { 0 };
		struct rel_site site = {
			.bytes = bytes,
			.room = sizeof(bytes),
			.place = place,
			.value = place + edges[i].distance,
			.type = edges[i].type,
		};
		int ret = rel_arch_riscv64.apply(&site);

		if (ret != edges[i].result)
			fail_msg("type %u, distance 0x%llx: %d", edges[i].type,
				 (unsigned long long)edges[i].distance, ret);
	}
}

/* A whole object: the head, and after the header four instructions to relocate. */
enum { S_NULL, S_HEAD, S_SYMTAB, S_STRTAB, S_SHSTRTAB, S_RELA, SECTIONS };
enum {
	CODE = PURGATORY_HEADER_SIZE,
	HEAD_SIZE = CODE + 16,
	AT_HEAD = 0x100,
	AT_SYMTAB = 0x200,
	AT_STRTAB = 0x300,
	AT_SHSTRTAB = 0x340,
	AT_RELA = 0x400,
	AT_SHDRS = 0x600,
	ADDRESS = 0x1000000,
	TARGET = ADDRESS + 0x12fff,
};
static const char strings[] = "\0label\0target";
static const char names[] = "\0.purgatory.head";
enum { Y_NULL, Y_LABEL, Y_TARGET, SYMBOLS };

static void section(struct made_elf *m, unsigned int index, uint32_t type, uint64_t offset,
		    uint64_t size)
{
	size_t at = AT_SHDRS + index * sizeof(Elf64_Shdr);

	MADE_SET(m, at, Shdr, sh_type, type);
	MADE_SET(m, at, Shdr, sh_offset, offset);
	MADE_SET(m, at, Shdr, sh_size, size);
	if (type == SHT_SYMTAB) {
		MADE_SET(m, at, Shdr, sh_link, S_STRTAB);
		MADE_SET(m, at, Shdr, sh_entsize, sizeof(Elf64_Sym));
	} else if (type == SHT_RELA) {
		MADE_SET(m, at, Shdr, sh_link, S_SYMTAB);
		MADE_SET(m, at, Shdr, sh_info, S_HEAD);
		MADE_SET(m, at, Shdr, sh_entsize, sizeof(Elf64_Rela));
	} else if (index == S_HEAD) {
		MADE_SET(m, at, Shdr, sh_name, 1);
		MADE_SET(m, at, Shdr, sh_flags, SHF_ALLOC);
	}
}

static void symbol(struct made_elf *m, unsigned int index, uint32_t name, uint16_t shndx,
		   uint64_t value)
{
	size_t at = AT_SYMTAB + index * sizeof(Elf64_Sym);

	MADE_SET(m, at, Sym, st_name, name);
	MADE_SET(m, at, Sym, st_shndx, shndx);
	MADE_SET(m, at, Sym, st_value, value);
}

struct record {
	uint64_t offset;
	uint32_t symbol;
	uint32_t type;
	int64_t addend;
};

static struct made_elf *made_object(const struct record *records, unsigned int count)
{
	struct made_elf *m = calloc(1, sizeof(*m));

	m->is64 = true;
	m->order = ORDER_LE;
	made_ehdr(m, ET_REL, EM_RISCV);
	MADE_SET(m, 0, Ehdr, e_shoff, AT_SHDRS);
	MADE_SET(m, 0, Ehdr, e_shnum, SECTIONS);
	MADE_SET(m, 0, Ehdr, e_shstrndx, S_SHSTRTAB);
	section(m, S_HEAD, SHT_PROGBITS, AT_HEAD, HEAD_SIZE);
	section(m, S_SYMTAB, SHT_SYMTAB, AT_SYMTAB, SYMBOLS * sizeof(Elf64_Sym));
	section(m, S_STRTAB, SHT_STRTAB, AT_STRTAB, sizeof(strings));
	section(m, S_SHSTRTAB, SHT_STRTAB, AT_SHSTRTAB, sizeof(names));
	section(m, S_RELA, SHT_RELA, AT_RELA, count * sizeof(Elf64_Rela));
	memcpy(m->data + AT_STRTAB, strings, sizeof(strings));
	memcpy(m->data + AT_SHSTRTAB, names, sizeof(names));
	made_header(m, AT_HEAD, EM_RISCV, HEAD_SIZE, HEAD_SIZE, 0);
	made_put(m, AT_HEAD + CODE, 4, 0x00000517); /* auipc a0, 0 */
	made_put(m, AT_HEAD + CODE + 4, 4, 0x00050513); /* addi a0, a0, 0 */
	made_put(m, AT_HEAD + CODE + 8, 4, 0x00b52023); /* sw a1, 0(a0) */
	symbol(m, Y_LABEL, 1, S_HEAD, CODE);
	symbol(m, Y_TARGET, 7, SHN_ABS, TARGET);
	for (unsigned int i = 0; i < count; i++)
		made_rel(m, AT_RELA, true, i, records[i].offset,
			 (uint64_t)records[i].symbol << 32 | records[i].type, records[i].addend);
	m->size = AT_SHDRS + SECTIONS * sizeof(Elf64_Shdr);
	return m;
}

static int relocate(struct ctx *ctx, struct made_elf *m, struct purgatory_image *image)
{
	const struct purgatory_target target = { .machine = EM_RISCV, .rel = &rel_arch_riscv64 };
	int ret = purgatory_rel.load(ctx, "t", made_bytes(m), &target, image);

	return ret ? ret : purgatory_rel.relocate(ctx, image, ADDRESS);
}

/* The other half comes first, and has a bit 11 that the first instruction makes up for. */
static void test_pair(void **state)
{
	static const struct record records[] = {
		{ CODE + 8, Y_LABEL, R_RISCV_PCREL_LO12_S, 0 },
		{ CODE + 4, Y_LABEL, R_RISCV_PCREL_LO12_I, 0 },
		{ CODE, Y_LABEL, R_RISCV_RELAX, 0 },
		{ CODE + 12, Y_TARGET, R_RISCV_PCREL_HI20, 0 },
		{ CODE, Y_TARGET, R_RISCV_PCREL_HI20, 1 },
	};
	const uint32_t distance = TARGET + 1 - (ADDRESS + CODE); /* 0x12fc0 */
	struct made_elf *m = made_object(records, COUNT(records));
	struct purgatory_image image;
	struct ctx ctx = { 0 };

	(void)state;
	assert_int_equal(relocate(&ctx, m, &image), 0);
	assert_int_equal(image.relocations, 4);
	assert_int_equal(distance, 0x12fc0);
	assert_int_equal(get_le32(image.data + CODE), 0x00013517);
	assert_int_equal(get_le32(image.data + CODE + 4), 0xfc050513);
	assert_int_equal(get_le32(image.data + CODE + 8), 0xfcb52023);
	arena_free(&ctx.arena);
	free(m);
}

static void test_refuses(void **state)
{
	static const struct {
		struct record record;
		const char *said;
	} bad[] = {
		{ { CODE + 4, Y_LABEL, R_RISCV_PCREL_LO12_I, 0 },
		  "R_RISCV_PCREL_LO12_I (24) of symbol label at .purgatory.head+0x44 "
		  "needs a second relocation" },
		{ { CODE + 4, Y_LABEL, R_RISCV_PCREL_LO12_S, 4 },
		  "R_RISCV_PCREL_LO12_S (25) of symbol label at .purgatory.head+0x44 "
		  "needs a second relocation" },
		{ { CODE, 0, R_RISCV_ALIGN, 6 },
		  "R_RISCV_ALIGN (43) of symbol  at .purgatory.head+0x40 stands for padding" },
		{ { CODE, Y_TARGET, R_RISCV_GOT_HI20, 0 },
		  "type (20) of symbol target at .purgatory.head+0x40 is of a type that kexec does "
		  "not support" },
		{ { HEAD_SIZE - 4, Y_TARGET, R_RISCV_CALL, 0 },
		  "R_RISCV_CALL (18) of symbol target at .purgatory.head+0x4c reaches beyond" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct made_elf *m = made_object(&bad[i].record, 1);
		struct purgatory_image image;
		struct ctx ctx = { 0 };

		assert_int_equal(relocate(&ctx, m, &image), -ENOEXEC);
		if (!strstr(ctx.err.what, bad[i].said))
			fail_msg("\"%s\" does not contain \"%s\"", ctx.err.what, bad[i].said);
		assert_non_null(strstr(ctx.err.hint, "--purgatory=pie"));
		arena_free(&ctx.arena);
		free(m);
	}
}

static void pie(void **state)
{
	static const struct pie_row rows[] = {
		{ "riscv64", 243, true, ORDER_LE, true, 3 },
	};

	(void)state;
	pie_check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie),		cmocka_unit_test(test_as_ld),
		cmocka_unit_test(test_edges),	cmocka_unit_test(test_pair),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
