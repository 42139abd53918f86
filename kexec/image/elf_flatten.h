/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF kernels as memory has them. */
#ifndef IMAGE_ELF_FLATTEN_H
#define IMAGE_ELF_FLATTEN_H

#include "core/ctx.h"
#include "core/range.h"
#include "elf/elf_file.h"

/*
 * The bytes of an ELF file's PT_LOADs, each as far from the first byte as its address, the
 * physical or the virtual one, is from extent.start; zeros between, up to the last that the
 * file has.  The caller has checked that each lies in extent and in the file.  -ENOMEM.
 */
int image_lay_out(struct ctx *ctx, const struct elf_file *elf, struct range extent, bool physical,
		  struct bytes *out);

/*
 * The Image that objcopy would make of an ELF kernel whose entry is the Image header: the
 * bytes of its loadable segments, by virtual address, from the entry on.  -ENOEXEC: the
 * probe does not accept what is there.
 */
int image_flatten(struct ctx *ctx, struct bytes vmlinux, bool (*probe)(struct bytes),
		  struct bytes *out);

#endif
