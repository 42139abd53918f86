/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hppa (32-bit PA-RISC ELF supplement) has no RELATIVE type.  A PIE of its linker contains
 * records for addresses, which may refer to a section symbol of .dynsym, and for function
 * descriptors.
 */
#include "pie.h"

static int symbol_value(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t *value)
{
	size_t size = elf_sym_size(&walk->image->elf);
	uint64_t table = walk->pie->tag[DT_SYMTAB];
	struct elf_sym sym;
	struct bytes entry;

	*value = 0;
	if (!rel->sym)
		return 0;
	if (!table ||
	    !pie_loaded_bytes(walk->image, table + rel->sym * (uint64_t)size, size, &entry))
		return pie_bad_record(walk, rel, "its symbol is not in the image (DT_SYMTAB)");
	elf_sym(&walk->image->elf, entry, 0, &sym);
	if (sym.shndx == SHN_UNDEF)
		return pie_bad_record(walk, rel, "its symbol is undefined");
	*value = sym.value;
	return 0;
}

int pie_hppa_record(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t addend)
{
	struct bytes target;
	uint64_t value;
	int ret;

	if (rel->type != R_PARISC_DIR32 && rel->type != R_PARISC_PLABEL32 &&
	    rel->type != R_PARISC_IPLT)
		return pie_bad_record(walk, rel, "the linker must resolve this type");
	ret = symbol_value(walk, rel, &value);
	if (ret)
		return ret;
	if (rel->type == R_PARISC_IPLT) {
		/* A function descriptor: the code address, then the GOT pointer. */
		if (!pie_loaded_bytes(walk->image, rel->offset, 8, &target))
			return pie_bad_record(walk, rel, "its second word was not loaded");
		pie_put_word(walk, rel->offset + 4, walk->bias + walk->pie->tag[DT_PLTGOT]);
	}
	pie_put_word(walk, rel->offset, walk->bias + value + addend);
	return 0;
}
