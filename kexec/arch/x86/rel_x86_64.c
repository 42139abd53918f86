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

static bool fits_signed(uint64_t value)
{
	return (int64_t)value >= INT32_MIN && (int64_t)value <= INT32_MAX;
}

static int apply(struct rel_site *site)
{
	switch (site->type) {
	case R_X86_64_NONE: return 0;
	case R_X86_64_64: site->result = site->value; return store64(site);
	case R_X86_64_PC64: site->result = site->value - site->place; return store64(site);
	case R_X86_64_32:
		site->result = site->value;
		return store32(site, site->result <= UINT32_MAX);
	case R_X86_64_32S:
		site->result = site->value;
		return store32(site, fits_signed(site->result));
	case R_X86_64_PC32:
	case R_X86_64_PLT32: /* there is no PLT: the function itself is called */
		site->result = site->value - site->place;
		return store32(site, fits_signed(site->result));
	default: return -ENOTSUP;
	}
}

static const char *type_name(uint32_t type)
{
	/* clang-format off */
	static const char *const names[] = {
#define NAME(suffix) [R_X86_64_##suffix] = "R_X86_64_" #suffix
		NAME(NONE), NAME(64), NAME(PC32), NAME(GOT32), NAME(PLT32), NAME(COPY),
		NAME(GLOB_DAT), NAME(JUMP_SLOT), NAME(RELATIVE), NAME(GOTPCREL), NAME(32),
		NAME(32S), NAME(16), NAME(PC16), NAME(8), NAME(PC8), NAME(DTPMOD64),
		NAME(DTPOFF64), NAME(TPOFF64), NAME(TLSGD), NAME(TLSLD), NAME(DTPOFF32),
		NAME(GOTTPOFF), NAME(TPOFF32), NAME(PC64), NAME(GOTOFF64), NAME(GOTPC32),
		NAME(GOT64), NAME(GOTPCREL64), NAME(GOTPC64), NAME(GOTPLT64), NAME(PLTOFF64),
		NAME(SIZE32), NAME(SIZE64), NAME(GOTPC32_TLSDESC), NAME(TLSDESC_CALL),
		NAME(TLSDESC), NAME(IRELATIVE), NAME(RELATIVE64), NAME(GOTPCRELX),
		NAME(REX_GOTPCRELX),
#undef NAME
	};
	/* clang-format on */

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

const struct rel_arch rel_arch_x86_64 = {
	.machine = EM_X86_64,
	.is64 = true,
	.order = ORDER_LE,
	.rela = true,
	.apply = apply,
	.type_name = type_name,
};
