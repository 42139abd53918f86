/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocates a PIE: adds the bias to the words that the linker listed (System V ABI,
 * chapter 5).  One row of table.c contains the relocation type that an arch may use.
 */
#include "pie.h"

static int pie_relocate_record(const struct pie_walk *walk, const struct elf_rel *rel, bool rela)
{
	const struct pie_arch *arch = walk->pie->arch;
	uint64_t addend = (uint64_t)rel->addend;
	struct bytes target;

	if (rel->type == 0)
		return 0;
	if (!pie_loaded_bytes(walk->image, rel->offset, pie_word_size(walk->image), &target))
		return pie_bad_record(walk, rel, "it would change a word that was not loaded");
	if (!rela)
		addend = pie_get_word(walk->image, rel->offset);
	if (arch->record)
		return arch->record(walk, rel, addend);
	if (rel->type != arch->relative)
		return pie_bad_record(walk, rel, "the linker must resolve this type");
	if (rel->sym)
		return pie_bad_record(walk, rel, "it must not need a symbol");
	pie_put_word(walk, rel->offset, walk->bias + addend);
	return 0;
}

int pie_relocate_words(const struct pie_walk *walk)
{
	const struct pie *pie = walk->pie;
	struct elf_rel rel;
	int ret;

	walk->image->relocations = 0;
	for (int i = 0; i < PIE_TABLES; i++) {
		struct bytes table = pie->table[i].bytes;
		bool rela = pie->table[i].rela;

		for (uint64_t n = 0; elf_rel(&walk->image->elf, table, rela, n, &rel); n++) {
			ret = pie_relocate_record(walk, &rel, rela);
			if (ret)
				return ret;
		}
	}
	return pie->arch->words ? pie->arch->words(walk) : 0;
}
