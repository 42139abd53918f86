/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of this folder and the relocation types of each arch (arch/<a>/rel_*.c). */
#ifndef RELOCATE_INTERNAL_H
#define RELOCATE_INTERNAL_H

#include "relocate.h"

/* A page on every arch.  Instructions that add a page address (ADRP) need this alignment. */
#define PURGATORY_MIN_ALIGN 4096
/* Upper bound on a purgatory.  A larger file is refused. */
#define PURGATORY_MAX_SIZE (1 << 20)

/* Checks that the image starts with a purgatory header.  -ENOEXEC: no header. */
int purgatory_magic_check(struct ctx *ctx, const struct purgatory_image *image);

/*
 * Writes params into the image at info's offset, in the image's byte order.  write_cpu: NULL, or
 * the hook of struct purgatory_target.
 */
void purgatory_params_write(const struct purgatory_image *image, const struct purgatory_info *info,
			    const struct purgatory_params *params, purgatory_write_cpu *write_cpu);

/*
 * Computes the digest of the image and writes it into the parameter block.  The last change of
 * the image: relocations, the next kernel's first bytes and the parameters are in it.
 */
void purgatory_seal(const struct purgatory_image *image, const struct purgatory_info *info,
		    uint8_t digest[PURGATORY_DIGEST_SIZE]);

struct pie_walk;

/* Relocations that the loader applies in a PIE of one machine, besides NONE (0). */
struct pie_arch {
	uint16_t machine;
	bool is64;
	bool little;
	bool big;
	uint32_t relative; /* number of the type RELATIVE: word = bias + addend */
	/* Applies one record on an arch that has no type RELATIVE.  NULL: the arch has it. */
	int (*record)(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t addend);
	/* Words that the ABI relocates without records, once per walk. */
	int (*words)(const struct pie_walk *walk); /* NULL: no such words */
};

/* record() of hppa, words() of MIPS. */
int pie_hppa_record(const struct pie_walk *walk, const struct elf_rel *rel, uint64_t addend);
int pie_mips_got(const struct pie_walk *walk);

/* The row for the file's machine, class and byte order.  NULL: no such row. */
const struct pie_arch *pie_arch_find(const struct elf_file *elf);

/* One relocation of `ld -r` output, with run-time addresses. */
struct rel_site {
	uint8_t *bytes; /* the place in the image */
	uint64_t room; /* bytes from the place to the end of the section */
	uint64_t place; /* P */
	uint64_t value; /* S + A, modulo 2^64; S if the place contains the addend */
	uint64_t toc; /* .TOC. or _GLOBAL_OFFSET_TABLE_; only for an arch that uses the symbol */
	uint32_t type;
	uint8_t other; /* the symbol's st_other */
	enum byte_order order;
	uint64_t result; /* out: the value that was written, or does not fit */
	const char
		*why; /* out, for -ENOEXEC: the end of a sentence that begins with the relocation */
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

/* True if value fits into the given number of bits (1 to 64) as a signed or unsigned number. */
bool rel_fits_signed(uint64_t value, unsigned int bits);
bool rel_fits_unsigned(uint64_t value, unsigned int bits);

struct rel_arch {
	uint16_t machine;
	bool is64;
	enum byte_order order;
	bool rela; /* its tables are SHT_RELA; else SHT_REL */
	uint64_t toc; /* offset of .TOC. or _GLOBAL_OFFSET_TABLE_ in the image; 0: no such symbol */
	/*
	 * Applies one relocation and returns the number of words changed.  -ERANGE: the result
	 * does not fit into the field; -EFBIG: the field does not fit into room; -ENOTSUP:
	 * unknown type; -ENOEXEC: site->why contains the reason.
	 */
	int (*apply)(struct rel_site *site);
	/*
	 * For a type whose symbol labels the place of a second record: returns the type of the
	 * second record, whose S + A - P becomes site->value.  0: a type without a label.
	 * NULL: the arch has no such types.
	 */
	uint32_t (*labelled)(uint32_t type);
	const struct rel_types *types; /* with names for messages, also types that apply refuses */
};

/* NULL: the arch's table has no such type. */
const char *rel_type_name(const struct rel_arch *arch, uint32_t number);

#endif
