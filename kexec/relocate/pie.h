/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the PIE loader: pie.c, relative.c, loaded_words.c and pie_ARCH.c. */
#ifndef RELOCATE_PIE_H
#define RELOCATE_PIE_H

#include "backend.h"

enum { PIE_RELA, PIE_REL, PIE_JMPREL, PIE_TABLES };
#define PIE_TAGS 64

struct pie {
	const struct pie_arch *arch;
	uint64_t tag[PIE_TAGS]; /* values of the dynamic tags; 0: the file has no such tag */
	uint64_t arch_tag[PIE_TAGS]; /* of DT_LOPROC + index */
	struct {
		struct bytes bytes;
		bool rela;
	} table[PIE_TABLES];
};

/* One walk over all relocations.  The first, when the file is loaded, only checks. */
struct pie_walk {
	struct ctx *ctx;
	struct purgatory_image *image;
	const struct pie *pie;
	uint64_t bias;
	bool apply;
};

/* Changes, or only checks, every word that the file lists.  -ENOEXEC: a forbidden record. */
int pie_relocate_words(const struct pie_walk *walk);

/* Finds the file's bytes for [vaddr, vaddr + size).  false: no PT_LOAD contains all of them. */
bool pie_loaded_bytes(const struct purgatory_image *image, uint64_t vaddr, uint64_t size,
		      struct bytes *out);

/* Words of the file's class in the image; the caller has checked that they were loaded. */
size_t pie_word_size(const struct purgatory_image *image);
uint64_t pie_get_word(const struct purgatory_image *image, uint64_t vaddr);
void pie_put_word(const struct pie_walk *walk, uint64_t vaddr, uint64_t value);

/* Reports a record that is not allowed: type, symbol, offset, machine and why. */
int pie_bad_record(const struct pie_walk *walk, const struct elf_rel *rel, const char *why);

#endif
