# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c uart8250.c fault.c
# Linux keeps a window of uncached memory.
override arch_flags := -march=loongarch64 -mabi=lp64s -msoft-float -mcmodel=normal \
	-DDEVICE_WINDOW=0x8000000000000000
# The ABI is a part of clang's name for the target.
override arch_optional := --target=loongarch64-linux-gnusf -mno-relax -Wa,-mno-relax -mtune=loongarch64 -mstrict-align -mno-lsx -mno-lasx -msimd=none \
	-mexplicit-relocs=always -mdirect-extern-access -mno-direct-extern-access \
	-mno-annotate-tablejump
