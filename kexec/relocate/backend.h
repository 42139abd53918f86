/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share with each other only. */
#ifndef RELOCATE_INTERNAL_H
#define RELOCATE_INTERNAL_H

#include "relocate.h"

/* Page tables of every arch can map these, and ADRP-like addressing needs it. */
#define PURGATORY_MIN_ALIGN 4096
/* No purgatory is larger; a file that says otherwise is not one. */
#define PURGATORY_MAX_SIZE (1 << 20)

/* Does the image start with a purgatory header?  -ENOEXEC otherwise. */
int purgatory_magic_check(struct ctx *ctx, const struct purgatory_image *image);

/*
 * Writes params into the image at info's offset, in the image's byte order.  write_cpu: NULL, or
 * the hook of struct purgatory_target.
 */
void purgatory_params_write(const struct purgatory_image *image, const struct purgatory_info *info,
			    const struct purgatory_params *params, purgatory_write_cpu *write_cpu);

struct pie_walk;

/* What a position-independent executable may leave to the loader, besides NONE (0). */
struct pie_arch {
	uint16_t machine;
	bool is64;
	bool little;
	bool big;
	uint32_t relative; /* type: word = bias + addend */
	/* An arch without RELATIVE: applies one record. */
	int (*record)(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t addend);
	/* Words that the ABI relocates without records, once per walk. */
	int (*words)(const struct pie_walk *walk);
};

/* record() of hppa, words() of MIPS. */
int pie_hppa_record(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t addend);
int pie_mips_got(const struct pie_walk *walk);

/* NULL: no such machine, class or byte order. */
const struct pie_arch *pie_arch_find(const struct elf_file *elf);

/* One relocation of `ld -r` output, all addresses as they will be at run time. */
struct rel_site {
	uint8_t *bytes; /* where it changes the image ... */
	uint64_t room; /* ... and what the section holds from there on */
	uint64_t place; /* P */
	uint64_t value; /* S + A, modulo 2^64; S where the addend is in place */
	uint64_t toc; /* .TOC., where the arch has it */
	uint32_t type;
	uint8_t other; /* the symbol's st_other */
	enum byte_order order;
	uint64_t result; /* out: what was, or could not be, written */
	const char *why; /* out, for -ENOEXEC: what is wrong, in words */
};

/* A relocation type.  It begins each row of an arch's table of types. */
struct rel_type {
	uint32_t number;
	const char *name;
};

struct rel_types {
	const void *rows;
	size_t count;
	size_t row_size;
};
/* clang-format off */
#define REL_TYPES(rows) { rows, ARRAY_SIZE(rows), sizeof((rows)[0]) }
/* clang-format on */

/* The row of the type with that number.  NULL: the table has no such row. */
const void *rel_find_type(const struct rel_types *types, uint32_t number);

/* Is value a signed, or an unsigned, number of that many bits (1 to 64)? */
bool rel_fits_signed(uint64_t value, unsigned int bits);
bool rel_fits_unsigned(uint64_t value, unsigned int bits);

struct rel_arch {
	uint16_t machine;
	bool is64;
	enum byte_order order;
	bool rela; /* of SHT_RELA; else SHT_REL */
	uint64_t toc; /* of the symbol .TOC., from the image's start; 0: there is none */
	/*
	 * -ERANGE: the result does not fit; -EFBIG: the field does not fit into room;
	 * -ENOTSUP: unknown type; -ENOEXEC: why tells.  Returns the number of words changed.
	 */
	int (*apply)(struct rel_site *site);
	/*
	 * The symbol of a record of this type labels the place of another one, of the type
	 * that is returned, and value is to be that one's S + A - P; 0: it does not.  NULL: none does.
	 */
	uint32_t (*labelled)(uint32_t type);
	const struct rel_types *types; /* with names for messages, also types that apply refuses */
};

/* NULL: the arch's table has no such type. */
const char *rel_type_name(const struct rel_arch *arch, uint32_t number);

#endif
