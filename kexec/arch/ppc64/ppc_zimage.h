/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PowerPC's zImage: an ELF program that unpacks itself (Linux: arch/powerpc/bootwrapper.rst). */
#ifndef ARCH_PPC64_PPC_ZIMAGE_H
#define ARCH_PPC64_PPC_ZIMAGE_H

#include "image/image.h"

/* True for an ELF file for PowerPC, 32 or 64 bits.  Cheap, sets no error. */
bool ppc_elf_probe(struct bytes bytes);
/*
 * Returns 1: a zImage; *initrd is empty if the zImage contains no initrd.  0: another file.
 * -ENOEXEC: damaged.
 */
int ppc_zimage_parse(struct bytes bytes, struct bytes *kernel, struct bytes *initrd,
		     struct err *err);
/* peel() of struct image_format. */
int ppc_zimage_peel(struct ctx *ctx, struct image *image, struct bytes *inside);

#endif
