/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF kernels as memory has them: one run of bytes.  Some arches load a vmlinux as the Image that
 * the kernel's build makes of it with objcopy.
 */
#ifndef IMAGE_ELF_FLATTEN_H
#define IMAGE_ELF_FLATTEN_H

#include "core/ctx.h"
#include "core/range.h"
#include "elf/elf_file.h"

/* -ENOEXEC: the segments, which lie in this range of addresses, take more than 1 GiB. */
int elf_check_extent(struct range extent, struct err *err);

/*
 * Lays out the bytes of the PT_LOADs that lie in extent, with zeros between them.  The offset of
 * a PT_LOAD in the result is its address, physical or virtual, minus extent.start.  The result
 * ends with the last byte that the file contains; zeros follow in memory up to the end of extent.
 * The caller has checked that each segment lies in the file.  -ENOEXEC: elf_check_extent();
 * -ENOMEM.
 */
int elf_lay_out(struct ctx *ctx, const struct elf_file *elf, struct range extent, bool physical,
		struct bytes *out);

/* Whole pages of physical memory with the contents of one PT_LOAD or more. */
struct elf_pages {
	struct range range;
	struct bytes bytes; /* from range.start on; zeros follow up to its end */
	uint32_t index; /* of the first program header in these pages */
	size_t loads; /* number of PT_LOADs in these pages */
};

/*
 * Divides the kernel into runs of whole pages, by address.  PT_LOADs that share a page are one
 * run; adjacent PT_LOADs are one run only if there are more than most runs otherwise.  The bytes
 * of a run that is one PT_LOAD from the start of a page on are those of the file.
 * out: ELF_KERNEL_MAX_LOADS elements.  -ENOEXEC: a run ends after the address space, or
 * elf_check_extent(); -ENOMEM.
 */
int elf_split_pages(struct ctx *ctx, const struct elf_file *elf, uint64_t page_size, size_t most,
		    struct elf_pages *out, size_t *count);

/*
 * Makes the Image that objcopy would make of an ELF kernel whose entry is the Image header: the
 * bytes of its loadable segments, by virtual address, from the entry on.  -ENOEXEC: the
 * probe does not accept the bytes at the entry, or the file is damaged.
 */
int elf_make_image(struct ctx *ctx, struct bytes vmlinux, bool (*probe)(struct bytes),
		   struct bytes *out);

#endif
