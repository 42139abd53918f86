/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relocations of x86-64 objects (System V ABI, AMD64 supplement, table 4.9). */
#include <errno.h>

#include "arch/arch.h"
#include "relocate/backend.h"

static int store32(struct rel_site *site, bool fits)
{
	if (!fits)
		return -ERANGE;
	if (site->room < 4)
		return -EFBIG;
	put_le32(site->bytes, (uint32_t)site->result);
	return 1;
}

static int store64(struct rel_site *site)
{
	if (site->room < 8)
		return -EFBIG;
	put_le64(site->bytes, site->result);
	return 1;
}

static int apply(struct rel_site *site)
{
	switch (site->type) {
	case R_X86_64_NONE: return 0;
	case R_X86_64_64: site->result = site->value; return store64(site);
	case R_X86_64_PC64: site->result = site->value - site->place; return store64(site);
	case R_X86_64_32:
		site->result = site->value;
		return store32(site, rel_fits_unsigned(site->result, 32));
	case R_X86_64_32S:
		site->result = site->value;
		return store32(site, rel_fits_signed(site->result, 32));
	case R_X86_64_PC32:
	case R_X86_64_PLT32: /* purgatory has no PLT: the call goes to the function itself */
		site->result = site->value - site->place;
		return store32(site, rel_fits_signed(site->result, 32));
	default: return -ENOTSUP;
	}
}

/* clang-format off */
#define TYPE(name) { R_X86_64_##name, "R_X86_64_" #name }
static const struct rel_type rows[] = {
	TYPE(NONE), TYPE(64), TYPE(PC32), TYPE(GOT32), TYPE(PLT32), TYPE(COPY),
	TYPE(GLOB_DAT), TYPE(JUMP_SLOT), TYPE(RELATIVE), TYPE(GOTPCREL), TYPE(32),
	TYPE(32S), TYPE(16), TYPE(PC16), TYPE(8), TYPE(PC8), TYPE(DTPMOD64),
	TYPE(DTPOFF64), TYPE(TPOFF64), TYPE(TLSGD), TYPE(TLSLD), TYPE(DTPOFF32),
	TYPE(GOTTPOFF), TYPE(TPOFF32), TYPE(PC64), TYPE(GOTOFF64), TYPE(GOTPC32),
	TYPE(GOT64), TYPE(GOTPCREL64), TYPE(GOTPC64), TYPE(GOTPLT64), TYPE(PLTOFF64),
	TYPE(SIZE32), TYPE(SIZE64), TYPE(GOTPC32_TLSDESC), TYPE(TLSDESC_CALL),
	TYPE(TLSDESC), TYPE(IRELATIVE), TYPE(RELATIVE64), TYPE(GOTPCRELX),
	TYPE(REX_GOTPCRELX),
};
#undef TYPE
/* clang-format on */

static const struct rel_types types = REL_TYPES(rows);

const struct rel_arch rel_arch_x86_64 = {
	.machine = EM_X86_64,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.apply = apply,
	.types = &types,
};
