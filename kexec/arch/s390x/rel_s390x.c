/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of s390x objects (ELF Application Binary Interface, s390x Supplement,
 * "Relocation").  The DBL types count distances in halfwords of 2 bytes.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

struct howto {
	struct rel_type type;
	uint8_t bytes;
	bool relative;
	bool halfwords;
};

/* clang-format off */
#define TYPE(name, bytes, relative, halfwords) \
	{ { R_390_##name, "R_390_" #name }, bytes, relative, halfwords }
static const struct howto howtos[] = {
	TYPE(16,	2, false, false),
	TYPE(32,	4, false, false),
	TYPE(64,	8, false, false),
	TYPE(PC32,	4, true,  false),
	TYPE(PC64,	8, true,  false),
	TYPE(PC16DBL,	2, true,  true),
	TYPE(PLT16DBL,	2, true,  true),
	TYPE(PC32DBL,	4, true,  true),
	TYPE(PLT32DBL,	4, true,  true),
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(howtos);

/* A distance must fit as a signed number, an address as a signed or an unsigned number. */
static bool fits(const struct howto *how, uint64_t value)
{
	unsigned int bits = 8u * how->bytes + how->halfwords;

	if (how->halfwords && (value & 1))
		return false;
	return rel_fits_signed(value, bits) || (!how->relative && rel_fits_unsigned(value, bits));
}

static int apply(struct rel_site *site)
{
	const struct howto *how = rel_find_type(&types, site->type);
	uint64_t value;

	if (site->type == R_390_NONE)
		return 0;
	if (!how)
		return -ENOTSUP;
	site->result = how->relative ? site->value - site->place : site->value;
	if (!fits(how, site->result))
		return -ERANGE;
	if (site->room < how->bytes)
		return -EFBIG;
	value = how->halfwords ? site->result >> 1 : site->result;
	switch (how->bytes) {
	case 2: put_u16(ORDER_BE, site->bytes, (uint16_t)value); break;
	case 4: put_u32(ORDER_BE, site->bytes, (uint32_t)value); break;
	default: put_u64(ORDER_BE, site->bytes, value);
	}
	return 1;
}

const struct rel_arch rel_arch_s390x = {
	.machine = EM_S390,
	.is64 = true,
	.order = ORDER_BE,
	.rela = true,
	.apply = apply,
	.types = &types,
};
