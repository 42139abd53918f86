# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c console.c
# ELFv2 in either byte order: no function descriptors, so nothing to relocate.
override arch_flags := -m64 -mcpu=powerpc64 -mabi=elfv2 -msoft-float -mno-altivec -mno-vsx \
	$(if $(filter LE,$(order)),-mlittle-endian,-mbig-endian)
override arch_optional := -mcmodel=medium -mtraceback=no -mno-htm -mno-crypto -mno-rop-protect
override bake_sources := bake_head.S bake_state.c bake_chosen.c bake_tree.c
