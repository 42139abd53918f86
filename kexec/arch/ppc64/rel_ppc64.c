/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of ppc64 objects of either byte order (64-bit ELF V2 ABI for Power, section
 * 3.5).  Only the types of the medium code model are supported.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

/* r2 points into the middle of 64 KiB: an instruction reaches 32 KiB to either side of r2. */
#define TOC_BIAS 0x8000

enum base {
	ABSOLUTE, /* S + A */
	RELATIVE, /* S + A - P */
	TOC, /* S + A - .TOC. */
};

enum field {
	WORD64,
	WORD32,
	BRANCH, /* 24 bits; the distance is counted in words of 4 bytes */
	LOW16, /* the low half of a value that two instructions add up */
	LOW16_DS, /* LOW16 whose last two bits belong to the opcode and do not change */
	HIGH16, /* the high half, plus 1 if the low half is negative as a signed number */
};

static const uint8_t field_size[] = {
	[WORD64] = 8, [WORD32] = 4, [BRANCH] = 4, [LOW16] = 2, [LOW16_DS] = 2, [HIGH16] = 2,
};

struct howto {
	struct rel_type type;
	enum base base;
	enum field field;
};

/* clang-format off */
#define TYPE(name) { R_PPC64_##name, "R_PPC64_" #name }
static const struct howto howtos[] = {
	{ TYPE(ADDR64),		ABSOLUTE, WORD64 },
	{ TYPE(REL64),		RELATIVE, WORD64 },
	{ TYPE(REL32),		RELATIVE, WORD32 },
	{ TYPE(REL24),		RELATIVE, BRANCH },
	{ TYPE(REL16_LO),	RELATIVE, LOW16 },
	{ TYPE(REL16_HA),	RELATIVE, HIGH16 },
	{ TYPE(TOC16_LO),	TOC,	  LOW16 },
	{ TYPE(TOC16_LO_DS),	TOC,	  LOW16_DS },
	{ TYPE(TOC16_HA),	TOC,	  HIGH16 },
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(howtos);

static uint64_t compute(const struct howto *how, const struct rel_site *site)
{
	switch (how->base) {
	case ABSOLUTE: return site->value;
	case TOC: return site->value - site->toc;
	case RELATIVE: break;
	}
	return site->value - site->place;
}

/* Offset of the entry point for callers with the same r2, decoded from the top bits of st_other. */
static uint64_t local_entry(const struct rel_site *site)
{
	return (1u << (site->other >> 5)) & ~3u;
}

static bool fits(enum field field, uint64_t value)
{
	switch (field) {
	case WORD32: return rel_fits_signed(value, 32);
	case BRANCH: return value % 4 == 0 && rel_fits_signed(value, 26);
	case HIGH16: return rel_fits_signed(value + 0x8000, 32);
	case LOW16_DS: return value % 4 == 0;
	default: return true;
	}
}

static void store(const struct rel_site *site, enum field field, uint64_t value)
{
	enum byte_order order = site->order;
	uint8_t *p = site->bytes;

	switch (field) {
	case WORD64: put_u64(order, p, value); break;
	case WORD32: put_u32(order, p, (uint32_t)value); break;
	case BRANCH:
		put_u32(order, p,
			(get_u32(order, p) & 0xfc000003u) | ((uint32_t)value & 0x3fffffcu));
		break;
	case LOW16: put_u16(order, p, (uint16_t)value); break;
	case LOW16_DS:
		put_u16(order, p, (uint16_t)((get_u16(order, p) & 3u) | (value & 0xfffcu)));
		break;
	case HIGH16: put_u16(order, p, (uint16_t)((value + 0x8000) >> 16)); break;
	}
}

static int apply(struct rel_site *site)
{
	const struct howto *how = rel_find_type(&types, site->type);

	if (site->type == R_PPC64_NONE)
		return 0;
	if (!how)
		return -ENOTSUP;
	site->result = compute(how, site);
	if (how->field == BRANCH)
		site->result += local_entry(site);
	if (!fits(how->field, site->result))
		return -ERANGE;
	if (site->room < field_size[how->field])
		return -EFBIG;
	store(site, how->field, site->result);
	return 1;
}

const struct rel_arch rel_arch_ppc64 = {
	.machine = EM_PPC64,
	.is64 = true,
	.order = ORDER_BE,
	.rela = true,
	.toc = TOC_BIAS,
	.apply = apply,
	.types = &types,
};

const struct rel_arch rel_arch_ppc64le = {
	.machine = EM_PPC64,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.toc = TOC_BIAS,
	.apply = apply,
	.types = &types,
};
