/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of riscv64 objects (RISC-V ELF psABI, "Relocations"): the types that compilers
 * use with -mcmodel=medany -mno-relax.  Relaxation, which shortens code, is not supported.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

enum base {
	RELATIVE, /* S + A - P */
	DISTANCE, /* S + A - P of the record at the label that the symbol names */
	ABSOLUTE, /* S + A */
	ADDED, /* to the value at the place */
	SUBTRACTED, /* from the value at the place */
};

enum field {
	WORD,
	IMM_B,
	IMM_J,
	IMM_I,
	IMM_S,
	IMM_U, /* upper 20 bits; a second instruction adds the lower 12 bits as a signed number */
	IMM_U_AND_I, /* auipc and the jalr after it */
	IMM_CB,
	IMM_CJ,
};

struct howto {
	struct rel_type type;
	enum base base;
	enum field field;
	uint8_t size; /* bytes that the relocation changes */
	uint8_t bits; /* size of the largest signed value that fits; 0: not checked */
};

/* clang-format off */
#define TYPE(name) { R_RISCV_##name, "R_RISCV_" #name }
static const struct howto howtos[] = {
	{ TYPE(ALIGN),		ABSOLUTE, WORD, 0, 0 }, /* never applied */
	{ TYPE(64),		ABSOLUTE, WORD, 8, 0 },
	{ TYPE(BRANCH),		RELATIVE, IMM_B, 4, 13 },
	{ TYPE(JAL),		RELATIVE, IMM_J, 4, 21 },
	{ TYPE(CALL),		RELATIVE, IMM_U_AND_I, 8, 32 },
	{ TYPE(CALL_PLT),	RELATIVE, IMM_U_AND_I, 8, 32 },
	{ TYPE(PCREL_HI20),	RELATIVE, IMM_U, 4, 32 },
	{ TYPE(PCREL_LO12_I),	DISTANCE, IMM_I, 4, 0 },
	{ TYPE(PCREL_LO12_S),	DISTANCE, IMM_S, 4, 0 },
	{ TYPE(RVC_BRANCH),	RELATIVE, IMM_CB, 2, 9 },
	{ TYPE(RVC_JUMP),	RELATIVE, IMM_CJ, 2, 12 },
	{ TYPE(32_PCREL),	RELATIVE, WORD, 4, 32 },
	{ TYPE(ADD8),		ADDED, WORD, 1, 0 },
	{ TYPE(ADD16),		ADDED, WORD, 2, 0 },
	{ TYPE(ADD32),		ADDED, WORD, 4, 0 },
	{ TYPE(ADD64),		ADDED, WORD, 8, 0 },
	{ TYPE(SUB8),		SUBTRACTED, WORD, 1, 0 },
	{ TYPE(SUB16),		SUBTRACTED, WORD, 2, 0 },
	{ TYPE(SUB32),		SUBTRACTED, WORD, 4, 0 },
	{ TYPE(SUB64),		SUBTRACTED, WORD, 8, 0 },
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

static bool fits(const struct howto *how, uint64_t value)
{
	if (!how->bits)
		return true;
	if (how->field == IMM_U || how->field == IMM_U_AND_I)
		value += 0x800; /* corrects for the sign of the lower 12 bits */
	else if (how->field != WORD && value & 1)
		return false;
	return rel_fits_signed(value, how->bits);
}

/* Returns bits [low, low + count) of v, moved to bit `to`. */
static uint32_t move(uint32_t v, unsigned int low, unsigned int count, unsigned int to)
{
	return (v >> low & ((1u << count) - 1)) << to;
}

static uint32_t insert(uint32_t insn, enum field field, uint32_t v)
{
	switch (field) {
	case IMM_B:
		return (insn & 0x01fff07f) | move(v, 12, 1, 31) | move(v, 5, 6, 25) |
		       move(v, 1, 4, 8) | move(v, 11, 1, 7);
	case IMM_J:
		return (insn & 0xfff) | move(v, 20, 1, 31) | move(v, 1, 10, 21) |
		       move(v, 11, 1, 20) | move(v, 12, 8, 12);
	case IMM_I: return (insn & 0xfffff) | move(v, 0, 12, 20);
	case IMM_S: return (insn & 0x01fff07f) | move(v, 5, 7, 25) | move(v, 0, 5, 7);
	case IMM_U: return (insn & 0xfff) | move(v + 0x800, 12, 20, 12);
	case IMM_CB:
		return (insn & 0xe383) | move(v, 8, 1, 12) | move(v, 3, 2, 10) | move(v, 6, 2, 5) |
		       move(v, 1, 2, 3) | move(v, 5, 1, 2);
	case IMM_CJ:
		return (insn & 0xe003) | move(v, 11, 1, 12) | move(v, 4, 1, 11) | move(v, 8, 2, 9) |
		       move(v, 10, 1, 8) | move(v, 6, 1, 7) | move(v, 7, 1, 6) | move(v, 1, 3, 3) |
		       move(v, 5, 1, 2);
	default: return v;
	}
}

static uint64_t compute(enum base base, const struct rel_site *site, uint64_t before)
{
	switch (base) {
	case RELATIVE: return site->value - site->place;
	case ADDED: return before + site->value;
	case SUBTRACTED: return before - site->value;
	default: return site->value;
	}
}

static int apply(struct rel_site *site)
{
	const struct howto *how = rel_find_type(&types, site->type);
	uint64_t before, value;

	/* RELAX allows a linker to shorten the code.  It is ignored. */
	if (site->type == R_RISCV_NONE || site->type == R_RISCV_RELAX)
		return 0;
	if (site->type == R_RISCV_ALIGN) {
		site->why =
			"stands for padding that only a linker can cut; compile with -mno-relax";
		return -ENOEXEC;
	}
	if (!how)
		return -ENOTSUP;
	if (site->room < how->size)
		return -EFBIG;
	before = get(site->bytes, how->size);
	value = compute(how->base, site, before);
	site->result = value;
	if (!fits(how, value))
		return -ERANGE;
	if (how->field == IMM_U_AND_I)
		value = insert((uint32_t)before, IMM_U, (uint32_t)value) |
			(uint64_t)insert((uint32_t)(before >> 32), IMM_I, (uint32_t)value) << 32;
	else if (how->field != WORD)
		value = insert((uint32_t)before, how->field, (uint32_t)value);
	put(site->bytes, how->size, value);
	return 1;
}

/*
 * The symbol of PCREL_LO12 labels the first instruction of the pair.  The PCREL_HI20 record
 * there contains the target of both instructions.
 */
static uint32_t labelled(uint32_t type)
{
	return type == R_RISCV_PCREL_LO12_I || type == R_RISCV_PCREL_LO12_S ? R_RISCV_PCREL_HI20
									    : 0;
}

const struct rel_arch rel_arch_riscv64 = {
	.machine = EM_RISCV,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.apply = apply,
	.labelled = labelled,
	.types = &types,
};
