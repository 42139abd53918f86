/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Position-independent purgatories of one machine each: relocated as kexec/relocate/table.c and
 * pie.c do it, then cut off and damaged.  The test of an arch's relocation types checks its rows.
 */
#ifndef TESTS_PIE_ROWS_H
#define TESTS_PIE_ROWS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "kexec/relocate/backend.h"
#include "make_elf.h"

#define PIE_TARGET(e_machine) (&(const struct purgatory_target){ .machine = (e_machine) })

#define PIE_ADDRESS 0x7f5000
#define PIE_ADDEND 0x400 /* target of the relocated words */

/* Numbers by the processor supplements; those of <elf.h> could repeat a mistake of table.c. */
struct pie_row {
	const char *name;
	uint16_t machine;
	bool is64;
	enum byte_order order;
	bool rela;
	uint32_t relative;
};

static inline uint64_t pie_info(const struct pie_row *row, uint32_t sym, uint32_t type)
{
	if (!row->is64)
		return (uint64_t)sym << 8 | type;
	if (row->machine == EM_MIPS && row->order == ORDER_LE)
		return sym | (uint64_t)__builtin_bswap32(type) << 32;
	return (uint64_t)sym << 32 | type;
}

static inline void pie_record(struct made_elf *m, const struct pie_row *row, unsigned int index,
			      uint64_t offset, uint32_t sym, uint32_t type)
{
	made_rel(m, PIE_FILE + PIE_TABLE, row->rela, index, offset, pie_info(row, sym, type),
		 PIE_ADDEND);
	if (!row->rela)
		made_word(m, PIE_FILE + offset, PIE_ADDEND);
}

/* Records: NONE, then two pointers, the second at the very end of the file's bytes. */
static inline struct made_elf *pie_made(const struct pie_row *row)
{
	struct made_elf *m = made_pie(row->machine, row->is64, row->order, row->rela, 3);
	size_t word = row->is64 ? 8 : 4;

	pie_record(m, row, 1, PIE_DATA, 0, row->relative);
	pie_record(m, row, 2, PIE_SIZE - word, 0, row->relative);
	return m;
}

static inline uint64_t pie_word(const struct purgatory_image *image, uint64_t offset)
{
	return image->elf.is64 ? get_u64(image->elf.order, image->data + offset)
			       : get_u32(image->elf.order, image->data + offset);
}

/* Exactly the words that the records name change, and the header's bias. */
static inline void pie_relocates(const struct pie_row *row)
{
	struct made_elf *m = pie_made(row);
	size_t word = row->is64 ? 8 : 4;
	struct purgatory_image image;
	struct purgatory_info info;
	uint8_t before[PIE_SIZE];
	struct ctx ctx = { 0 };

	if (purgatory_pie.load(&ctx, "test.pie", made_bytes(m), PIE_TARGET(row->machine), &image))
		fail_msg("%s: %s", row->name, ctx.err.what);
	assert_int_equal(image.image_size, PIE_SIZE);
	assert_int_equal(image.memory_size, PIE_MEMORY);
	assert_int_equal(image.align, 4096);
	assert_int_equal(image.entry, 0);
	memcpy(before, image.data, PIE_SIZE);
	assert_memory_equal(before, m->data + PIE_FILE, PIE_SIZE);

	assert_int_equal(purgatory_pie.relocate(&ctx, &image, PIE_ADDRESS), 0);
	assert_int_equal(image.relocations, 2);
	assert_int_equal(pie_word(&image, PIE_DATA), PIE_ADDRESS + PIE_ADDEND);
	assert_int_equal(pie_word(&image, PIE_SIZE - word), PIE_ADDRESS + PIE_ADDEND);
	assert_int_equal(get_u64(row->order, image.data + 48), PIE_ADDRESS);
	/* Nothing else changed. */
	memcpy(image.data + PIE_DATA, before + PIE_DATA, word);
	memcpy(image.data + PIE_SIZE - word, before + PIE_SIZE - word, word);
	memset(image.data + 48, 0, 8);
	assert_memory_equal(image.data, before, PIE_SIZE);
	assert_int_equal(purgatory_header_check(&ctx, &image, row->machine, &info), 0);
	arena_free(&ctx.arena);
	free(m);
}

/* Loads a copy of exactly this size, so that a read after its end is caught. */
static inline int pie_load_copy(struct bytes bytes, uint16_t machine)
{
	uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
	struct purgatory_image image;
	struct purgatory_info info;
	struct ctx ctx = { 0 };
	int ret;

	memcpy(copy, bytes.data, bytes.size);
	ret = purgatory_pie.load(&ctx, "t", (struct bytes){ copy, bytes.size }, PIE_TARGET(machine),
				 &image);
	if (!ret)
		ret = purgatory_pie.relocate(&ctx, &image, PIE_ADDRESS);
	if (!ret)
		ret = purgatory_header_check(&ctx, &image, machine, &info);
	assert_true(!ret || ctx.err.what[0]);
	arena_free(&ctx.arena);
	free(copy);
	return ret;
}

/* No part of the file is taken for the whole. */
static inline void pie_truncated(const struct pie_row *row)
{
	struct made_elf *m = pie_made(row);

	assert_int_equal(pie_load_copy(made_bytes(m), row->machine), 0);
	while (m->size--)
		assert_int_not_equal(pie_load_copy(made_bytes(m), row->machine), 0);
	free(m);
}

/* Damage of any one byte is refused or harmless. */
static inline void pie_damaged(const struct pie_row *row)
{
	static const uint8_t damage[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct made_elf *m = pie_made(row);

	for (size_t n = 0; n < m->size; n++) {
		uint8_t good;

		if (n == 0x200)
			n = PIE_FILE; /* only zeros between */
		if (n == PIE_FILE + PIE_PARAMS)
			break;
		good = m->data[n];
		for (size_t d = 0; d < sizeof(damage); d++) {
			m->data[n] = damage[d];
			pie_load_copy(made_bytes(m), row->machine);
		}
		m->data[n] = good;
	}
	free(m);
}

static inline void pie_check(const struct pie_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		pie_relocates(&rows[i]);
		pie_truncated(&rows[i]);
		pie_damaged(&rows[i]);
	}
}

#endif
