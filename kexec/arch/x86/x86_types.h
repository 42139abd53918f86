/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image types of x86, for the lists of its arches. */
#ifndef ARCH_X86_X86_TYPES_H
#define ARCH_X86_X86_TYPES_H

#include "arch/arch.h"

extern const struct image_type x86_multiboot2, x86_multiboot1, x86_elf64, x86_elf32, x86_bzimage64,
	x86_bzimage, x86_beoboot, x86_nbi, x86_uki;

#endif
