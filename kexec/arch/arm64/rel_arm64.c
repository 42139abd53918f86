/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relocations of arm64 objects (ELF for the Arm 64-bit Architecture, "Relocation types"). */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

enum base {
	ABSOLUTE, /* S + A */
	RELATIVE, /* S + A - P */
	PAGES, /* distance in 4 KiB pages: Page(S + A) - Page(P) */
};

/* Place of the value in a word or instruction.  The other bits do not change. */
enum field {
	WORD32,
	WORD64,
	IMM26_AT_0,
	IMM19_AT_5,
	IMM16_AT_5,
	IMM14_AT_5,
	IMM12_AT_10,
	ADR, /* low 2 bits at 29, high 19 bits at 5 */
};

static const uint8_t field_bits[] = {
	[WORD32] = 32,	   [WORD64] = 64,     [IMM26_AT_0] = 26,  [IMM19_AT_5] = 19,
	[IMM16_AT_5] = 16, [IMM14_AT_5] = 14, [IMM12_AT_10] = 12, [ADR] = 21,
};

enum check {
	UNCHECKED, /* bits above the field are ignored */
	SIGNED,
	UNSIGNED,
	EITHER, /* fits as a signed or as an unsigned number */
};

struct howto {
	struct rel_type type;
	enum base base;
	enum field field;
	enum check check;
	uint8_t shift; /* number of low bits that the field leaves out */
	uint8_t zeros; /* number of low bits that must be 0 */
	uint8_t keep; /* number of bits, from shift on, that are stored; 0: all bits of the field */
};

/* clang-format off */
#define TYPE(name) { R_AARCH64_##name, "R_AARCH64_" #name }
static const struct howto howtos[] = {
	{ TYPE(ABS64),			ABSOLUTE, WORD64,	UNCHECKED, 0, 0, 0 },
	{ TYPE(ABS32),			ABSOLUTE, WORD32,	EITHER, 0, 0, 0 },
	{ TYPE(PREL64),			RELATIVE, WORD64,	UNCHECKED, 0, 0, 0 },
	{ TYPE(PREL32),			RELATIVE, WORD32,	EITHER, 0, 0, 0 },
	{ TYPE(MOVW_UABS_G0),		ABSOLUTE, IMM16_AT_5,	UNSIGNED, 0, 0, 0 },
	{ TYPE(MOVW_UABS_G0_NC),	ABSOLUTE, IMM16_AT_5,	UNCHECKED, 0, 0, 0 },
	{ TYPE(MOVW_UABS_G1),		ABSOLUTE, IMM16_AT_5,	UNSIGNED, 16, 0, 0 },
	{ TYPE(MOVW_UABS_G1_NC),	ABSOLUTE, IMM16_AT_5,	UNCHECKED, 16, 0, 0 },
	{ TYPE(MOVW_UABS_G2),		ABSOLUTE, IMM16_AT_5,	UNSIGNED, 32, 0, 0 },
	{ TYPE(MOVW_UABS_G2_NC),	ABSOLUTE, IMM16_AT_5,	UNCHECKED, 32, 0, 0 },
	{ TYPE(MOVW_UABS_G3),		ABSOLUTE, IMM16_AT_5,	UNCHECKED, 48, 0, 0 },
	{ TYPE(LD_PREL_LO19),		RELATIVE, IMM19_AT_5,	SIGNED, 2, 2, 0 },
	{ TYPE(ADR_PREL_LO21),		RELATIVE, ADR,		SIGNED, 0, 0, 0 },
	{ TYPE(ADR_PREL_PG_HI21),	PAGES,	  ADR,		SIGNED, 12, 0, 0 },
	{ TYPE(ADR_PREL_PG_HI21_NC),	PAGES,	  ADR,		UNCHECKED, 12, 0, 0 },
	{ TYPE(ADD_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 0, 0, 12 },
	{ TYPE(LDST8_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 0, 0, 12 },
	{ TYPE(LDST16_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 1, 1, 11 },
	{ TYPE(LDST32_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 2, 2, 10 },
	{ TYPE(LDST64_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 3, 3, 9 },
	{ TYPE(LDST128_ABS_LO12_NC),	ABSOLUTE, IMM12_AT_10,	UNCHECKED, 4, 4, 8 },
	{ TYPE(TSTBR14),		RELATIVE, IMM14_AT_5,	SIGNED, 2, 2, 0 },
	{ TYPE(CONDBR19),		RELATIVE, IMM19_AT_5,	SIGNED, 2, 2, 0 },
	{ TYPE(JUMP26),			RELATIVE, IMM26_AT_0,	SIGNED, 2, 2, 0 },
	{ TYPE(CALL26),			RELATIVE, IMM26_AT_0,	SIGNED, 2, 2, 0 },
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(howtos);

static uint64_t compute(enum base base, const struct rel_site *site)
{
	const uint64_t page = ~UINT64_C(0xfff);

	switch (base) {
	case ABSOLUTE: return site->value;
	case RELATIVE: return site->value - site->place;
	case PAGES: break;
	}
	return (site->value & page) - (site->place & page);
}

static bool fits(const struct howto *how, uint64_t value)
{
	unsigned int bits = field_bits[how->field] + how->shift;
	bool is_signed = rel_fits_signed(value, bits);
	bool is_unsigned = rel_fits_unsigned(value, bits);

	if (value & ((1u << how->zeros) - 1))
		return false;
	switch (how->check) {
	case UNCHECKED: return true;
	case SIGNED: return is_signed;
	case UNSIGNED: return is_unsigned;
	case EITHER: break;
	}
	return is_signed || is_unsigned;
}

static uint32_t insert(uint32_t insn, enum field field, uint32_t value)
{
	uint32_t mask = (1u << field_bits[field]) - 1;

	value &= mask;
	switch (field) {
	case IMM26_AT_0: return (insn & ~mask) | value;
	case IMM12_AT_10: return (insn & ~(mask << 10)) | value << 10;
	case ADR: return (insn & 0x9f00001fu) | (value & 3) << 29 | (value >> 2) << 5;
	default: return (insn & ~(mask << 5)) | value << 5;
	}
}

static int apply(struct rel_site *site)
{
	const struct howto *how = rel_find_type(&types, site->type);
	uint64_t value;

	/* Type 256 means the same as R_AARCH64_NONE: the place is not changed. */
	if (site->type == R_AARCH64_NONE || site->type == 256)
		return 0;
	if (!how)
		return -ENOTSUP;
	site->result = compute(how->base, site);
	if (!fits(how, site->result))
		return -ERANGE;
	if (site->room < (how->field == WORD64 ? 8 : 4))
		return -EFBIG;
	value = site->result >> how->shift;
	if (how->keep)
		value &= (1u << how->keep) - 1;
	if (how->field == WORD64)
		put_le64(site->bytes, value);
	else if (how->field == WORD32)
		put_le32(site->bytes, (uint32_t)value);
	else
		put_le32(site->bytes, insert(get_le32(site->bytes), how->field, (uint32_t)value));
	return 1;
}

const struct rel_arch rel_arch_arm64 = {
	.machine = EM_AARCH64,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.apply = apply,
	.types = &types,
};
