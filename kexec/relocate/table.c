/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PIE loader's table of machines, including machines that kexec cannot load yet.  The
 * RELATIVE numbers come from the machines' ELF supplements.  doc/relocation.md describes how
 * to link a purgatory that contains only these relocation types.
 */
#include "backend.h"

/* A record of the n64 ABI contains three types: REL32, then 64, then NONE. */
#define MIPS64_REL32 (R_MIPS_REL32 | R_MIPS_64 << 8)

static const struct pie_arch pie_arches[] = {
	{ EM_X86_64, .is64 = true, .little = true, .relative = R_X86_64_RELATIVE },
	{ EM_386, .little = true, .relative = R_386_RELATIVE },
	{ EM_AARCH64, .is64 = true, .little = true, .relative = R_AARCH64_RELATIVE },
	{ EM_ARM, .little = true, .big = true, .relative = R_ARM_RELATIVE },
	{ EM_PPC64, .is64 = true, .little = true, .big = true, .relative = R_PPC64_RELATIVE },
	{ EM_PPC, .big = true, .relative = R_PPC_RELATIVE },
	{ EM_S390, .is64 = true, .big = true, .relative = R_390_RELATIVE },
	{ EM_RISCV, .is64 = true, .little = true, .relative = R_RISCV_RELATIVE },
	{ EM_MIPS, .little = true, .big = true, .relative = R_MIPS_REL32, .words = pie_mips_got },
	{ EM_MIPS, .is64 = true, .little = true, .big = true, .relative = MIPS64_REL32,
	  .words = pie_mips_got },
	{ EM_LOONGARCH, .is64 = true, .little = true, .relative = R_LARCH_RELATIVE },
	{ EM_68K, .big = true, .relative = R_68K_RELATIVE },
	{ EM_SH, .little = true, .big = true, .relative = R_SH_RELATIVE },
	{ EM_PARISC, .big = true, .record = pie_hppa_record },
	{ EM_ALPHA, .is64 = true, .little = true, .relative = R_ALPHA_RELATIVE },
};

const struct pie_arch *pie_arch_find(const struct elf_file *elf)
{
	for (size_t i = 0; i < ARRAY_SIZE(pie_arches); i++) {
		const struct pie_arch *arch = &pie_arches[i];

		if (arch->machine == elf->machine && arch->is64 == elf->is64 &&
		    (elf->order == ORDER_LE ? arch->little : arch->big))
			return arch;
	}
	return NULL;
}
