/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of loongarch64 objects (ELF for the LoongArch Architecture, "Relocation types"): the
 * types that compilers use with -mcmodel=normal or medium and -mno-relax.  Relaxation, which
 * shortens code, the types of the GOT and the stack machine of old tools are not supported.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

enum base {
	ABSOLUTE, /* S + A */
	RELATIVE, /* S + A - P */
	PAGES, /* distance in 4 KiB pages; a second instruction adds a signed number of 12 bits */
	ADDED, /* to the value at the place */
	SUBTRACTED, /* from the value at the place */
};

enum field {
	BITS6, /* of a byte */
	WORD,
	IMM12_AT_10,
	IMM16_AT_10,
	IMM20_AT_5,
	IMM21, /* low 16 bits at 10, high 5 bits at 0 */
	IMM26, /* low 16 bits at 10, high 10 bits at 0 */
	CALL, /* pcaddu18i with the high 20 bits at 5, jirl after it with the low 16 bits at 10 */
};

/* NONE and types without a row of their own in the table. */
#define R_NONE 0
#define R_RELAX 100
#define R_ALIGN 102

struct howto {
	struct rel_type type;
	enum base base;
	enum field field;
	uint8_t size; /* bytes that the relocation changes */
	uint8_t bits; /* size of the largest signed value that fits; 0: not checked */
	uint8_t shift; /* number of low bits that the field leaves out */
	uint8_t zeros; /* number of low bits that must be 0 */
};

/* The <elf.h> of some C libraries lacks most names. */
/* clang-format off */
#define TYPE(name, number) { number, "R_LARCH_" #name }
static const struct howto howtos[] = {
	{ TYPE(32, 1),		ABSOLUTE, WORD, 4, 0, 0, 0 },
	{ TYPE(64, 2),		ABSOLUTE, WORD, 8, 0, 0, 0 },
	{ TYPE(ADD8, 47),	ADDED, WORD, 1, 0, 0, 0 },
	{ TYPE(ADD16, 48),	ADDED, WORD, 2, 0, 0, 0 },
	{ TYPE(ADD24, 49),	ADDED, WORD, 3, 0, 0, 0 },
	{ TYPE(ADD32, 50),	ADDED, WORD, 4, 0, 0, 0 },
	{ TYPE(ADD64, 51),	ADDED, WORD, 8, 0, 0, 0 },
	{ TYPE(SUB8, 52),	SUBTRACTED, WORD, 1, 0, 0, 0 },
	{ TYPE(SUB16, 53),	SUBTRACTED, WORD, 2, 0, 0, 0 },
	{ TYPE(SUB24, 54),	SUBTRACTED, WORD, 3, 0, 0, 0 },
	{ TYPE(SUB32, 55),	SUBTRACTED, WORD, 4, 0, 0, 0 },
	{ TYPE(SUB64, 56),	SUBTRACTED, WORD, 8, 0, 0, 0 },
	{ TYPE(B16, 64),	RELATIVE, IMM16_AT_10, 4, 18, 2, 2 },
	{ TYPE(B21, 65),	RELATIVE, IMM21, 4, 23, 2, 2 },
	{ TYPE(B26, 66),	RELATIVE, IMM26, 4, 28, 2, 2 },
	{ TYPE(ABS_HI20, 67),	ABSOLUTE, IMM20_AT_5, 4, 0, 12, 0 },
	{ TYPE(ABS_LO12, 68),	ABSOLUTE, IMM12_AT_10, 4, 0, 0, 0 },
	{ TYPE(ABS64_LO20, 69),	ABSOLUTE, IMM20_AT_5, 4, 0, 32, 0 },
	{ TYPE(ABS64_HI12, 70),	ABSOLUTE, IMM12_AT_10, 4, 0, 52, 0 },
	{ TYPE(PCALA_HI20, 71),	PAGES, IMM20_AT_5, 4, 32, 12, 0 },
	{ TYPE(PCALA_LO12, 72),	ABSOLUTE, IMM12_AT_10, 4, 0, 0, 0 },
	{ TYPE(32_PCREL, 99),	RELATIVE, WORD, 4, 32, 0, 0 },
	{ TYPE(ALIGN, R_ALIGN),	ABSOLUTE, WORD, 0, 0, 0, 0 }, /* never applied */
	{ TYPE(PCREL20_S2, 103), RELATIVE, IMM20_AT_5, 4, 22, 2, 2 },
	{ TYPE(ADD6, 105),	ADDED, BITS6, 1, 0, 0, 0 },
	{ TYPE(SUB6, 106),	SUBTRACTED, BITS6, 1, 0, 0, 0 },
	{ TYPE(64_PCREL, 109),	RELATIVE, WORD, 8, 0, 0, 0 },
	{ TYPE(CALL36, 110),	RELATIVE, CALL, 8, 38, 0, 2 },
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(howtos);

static uint64_t get(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static void put(uint8_t *bytes, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		bytes[i] = (uint8_t)value;
}

static uint64_t compute(enum base base, const struct rel_site *site, uint64_t before)
{
	const uint64_t page = ~UINT64_C(0xfff);

	switch (base) {
	case ABSOLUTE: return site->value;
	case RELATIVE: return site->value - site->place;
	case PAGES: return ((site->value + 0x800) & page) - (site->place & page);
	case ADDED: return before + site->value;
	case SUBTRACTED: break;
	}
	return before - site->value;
}

static bool fits(const struct howto *how, uint64_t value)
{
	if (value & ((1u << how->zeros) - 1))
		return false;
	if (how->field == CALL)
		value += 0x20000; /* corrects for the sign of the lower 18 bits */
	return !how->bits || rel_fits_signed(value, how->bits);
}

/* Returns the instruction with the low bits of value in bits [at, at + bits). */
static uint32_t set(uint32_t insn, unsigned int at, unsigned int bits, uint64_t value)
{
	uint32_t mask = (1u << bits) - 1;

	return (insn & ~(mask << at)) | ((uint32_t)value & mask) << at;
}

static uint64_t insert(uint64_t before, enum field field, uint64_t value)
{
	uint32_t insn = (uint32_t)before;

	switch (field) {
	case BITS6: return (before & 0xc0) | (value & 0x3f);
	case WORD: return value;
	case IMM12_AT_10: return set(insn, 10, 12, value);
	case IMM16_AT_10: return set(insn, 10, 16, value);
	case IMM20_AT_5: return set(insn, 5, 20, value);
	case IMM21: return set(set(insn, 10, 16, value), 0, 5, value >> 16);
	case IMM26: return set(set(insn, 10, 16, value), 0, 10, value >> 16);
	case CALL: break;
	}
	return set(insn, 5, 20, (value + 0x20000) >> 18) |
	       (uint64_t)set((uint32_t)(before >> 32), 10, 16, value >> 2) << 32;
}

static int apply(struct rel_site *site)
{
	const struct howto *how = rel_find_type(&types, site->type);
	uint64_t before;

	/* RELAX allows a linker to shorten the code.  It is ignored. */
	if (site->type == R_NONE || site->type == R_RELAX)
		return 0;
	if (site->type == R_ALIGN) {
		site->why =
			"stands for padding that only a linker can cut; compile with -mno-relax";
		return -ENOEXEC;
	}
	if (!how)
		return -ENOTSUP;
	if (site->room < how->size)
		return -EFBIG;
	before = get(site->bytes, how->size);
	site->result = compute(how->base, site, before);
	if (!fits(how, site->result))
		return -ERANGE;
	put(site->bytes, how->size, insert(before, how->field, site->result >> how->shift));
	return 1;
}

const struct rel_arch rel_arch_loongarch64 = {
	.machine = EM_LOONGARCH,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.apply = apply,
	.types = &types,
};
