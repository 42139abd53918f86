/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relocations of i386 objects (System V ABI, Intel386 supplement, "Relocation").
 * The addend is the value at the place to be relocated.
 */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

static int apply(struct rel_site *site)
{
	uint64_t base;

	switch (site->type) {
	case R_386_NONE: return 0;
	case R_386_32: base = 0; break;
	case R_386_PC32:
	case R_386_PLT32: /* purgatory has no PLT: the call goes to the function itself */
	case R_386_GOTPC: base = site->place; break;
	case R_386_GOTOFF: base = site->toc; break;
	default: return -ENOTSUP;
	}
	site->result = site->value;
	if (site->value > UINT32_MAX || site->place > UINT32_MAX)
		return -ERANGE;
	if (site->room < 4)
		return -EFBIG;
	site->result = (uint32_t)(site->value + get_le32(site->bytes) - base);
	put_le32(site->bytes, (uint32_t)site->result);
	return 1;
}

/* clang-format off */
#define TYPE(name) { R_386_##name, "R_386_" #name }
static const struct rel_type rows[] = {
	TYPE(NONE), TYPE(32), TYPE(PC32), TYPE(GOT32), TYPE(PLT32), TYPE(COPY), TYPE(GLOB_DAT),
	TYPE(JMP_SLOT), TYPE(RELATIVE), TYPE(GOTOFF), TYPE(GOTPC), TYPE(16), TYPE(PC16), TYPE(8),
	TYPE(PC8), TYPE(GOT32X),
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(rows);

const struct rel_arch rel_arch_i386 = {
	.machine = EM_386,
	.order = ORDER_LE,
	.toc = PURGATORY_MIN_ALIGN, /* the table is empty: any offset but 0 is right */
	.apply = apply,
	.types = &types,
};
