# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c mmio_serial.c uart8250.c fault.c psci.c
override arch_flags := -mcpu=arm946e-s -march=armv5te -marm -mfloat-abi=soft -mlittle-endian \
	-mno-unaligned-access -DBAKE_PSCI
override bake_sources := bake_head.S bake_state.c bake_chosen.c bake_tree.c
override arch_optional := -mabi=aapcs-linux -mno-thumb-interwork -mtp=soft -mtune=generic-armv7-a \
	-mno-long-calls -mno-single-pic-base -mharden-sls=none -mbranch-protection=none \
	-mfpu=auto -mfpu=none
# clang always writes this section: a line per function that cannot be unwound.
override unwanted_sections := .ARM.exidx
