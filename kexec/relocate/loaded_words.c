/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds, reads and changes words of a PIE's image by their address in the file. */
#include <errno.h>
#include <inttypes.h>

#include "pie.h"

bool pie_loaded_bytes(const struct purgatory_image *image, uint64_t vaddr, uint64_t size,
		      struct bytes *out)
{
	const struct elf_file *elf = &image->elf;

	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		struct bytes segment;

		/* Only PT_LOADs are known to lie in the file. */
		if (ph.type != PT_LOAD || vaddr < ph.vaddr)
			continue;
		segment = bytes_sub(elf->bytes, ph.offset, ph.filesz);
		if (!bytes_has(segment, vaddr - ph.vaddr, size))
			continue;
		*out = bytes_sub(segment, vaddr - ph.vaddr, size);
		return true;
	}
	return false;
}

size_t pie_word_size(const struct purgatory_image *image)
{
	return image->elf.is64 ? 8 : 4;
}

uint64_t pie_get_word(const struct purgatory_image *image, uint64_t vaddr)
{
	const uint8_t *p = image->data + (vaddr - image->link_base);

	return image->elf.is64 ? get_u64(image->elf.order, p) : get_u32(image->elf.order, p);
}

void pie_put_word(const struct pie_walk *walk, uint64_t vaddr, uint64_t value)
{
	struct purgatory_image *image = walk->image;
	uint8_t *p = image->data + (vaddr - image->link_base);

	image->relocations++;
	if (!walk->apply)
		return;
	if (image->elf.is64)
		put_u64(image->elf.order, p, value);
	else
		put_u32(image->elf.order, p, (uint32_t)value);
}

int pie_bad_record(const struct pie_walk *walk, const struct elf_rel *rel, const char *why)
{
	return err_set(&walk->ctx->err, -ENOEXEC,
		       "relocation of type %u, symbol %u, at 0x%" PRIx64
		       " of a purgatory for %s: %s",
		       rel->type, rel->sym, rel->offset, elf_machine_name(walk->image->elf.machine),
		       why);
}
