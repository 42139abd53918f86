/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF kernels as memory has them. */
#include <errno.h>
#include <inttypes.h>

#include "core/file.h"
#include "elf_flatten.h"
#include "elf_kernel.h"

#define LARGEST_KERNEL (1ull << 30)

int elf_check_extent(struct range extent, struct err *err)
{
	if (range_size(extent) <= LARGEST_KERNEL)
		return 0;
	return err_set(err, -ENOEXEC,
		       "the ELF segments lie in 0x%" PRIx64 "-0x%" PRIx64
		       ", too far apart for a kernel",
		       extent.start, extent.end - 1);
}

/*
 * The virtual addresses that the file has bytes for.  The physical addresses in a vmlinux that
 * becomes an Image mean nothing.
 */
static int file_extent(const struct elf_file *elf, struct range *extent, struct err *err)
{
	*extent = (struct range){ UINT64_MAX, 0 };
	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		struct bytes ignored;
		int ret = elf_segment(elf, i, &ignored, err);

		if (ret)
			return ret;
		if (ph.type != PT_LOAD || !ph.filesz)
			continue;
		if (ph.vaddr < extent->start)
			extent->start = ph.vaddr;
		if (ph.vaddr + ph.filesz > extent->end)
			extent->end = ph.vaddr + ph.filesz;
	}
	return 0;
}

static int check_entry(const struct elf_file *elf, struct range extent, struct err *err)
{
	if (range_empty(extent))
		return err_set(err, -ENOEXEC, "the ELF file has no loadable segment");
	if (elf->entry >= extent.start && elf->entry < extent.end)
		return 0;
	return err_set(err, -ENOEXEC, "the ELF entry 0x%" PRIx64 " is in no loadable segment",
		       elf->entry);
}

int elf_lay_out(struct ctx *ctx, const struct elf_file *elf, struct range extent, bool physical,
		struct bytes *out)
{
	uint64_t size = range_size(extent);
	int ret = elf_check_extent(extent, &ctx->err);
	uint8_t *flat;

	if (ret)
		return ret;
	flat = map_anonymous(ctx, size ? (size_t)size : 1);
	if (!flat)
		return err_set(&ctx->err, -ENOMEM, "no memory for %" PRIu64 " bytes of kernel",
			       size);
	*out = (struct bytes){ flat, 0 };
	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		uint64_t start = physical ? ph.paddr : ph.vaddr;
		size_t at = (size_t)(start - extent.start);
		struct bytes bytes;

		if (ph.type != PT_LOAD || !ph.filesz || elf_segment(elf, i, &bytes, &ctx->err) ||
		    !range_contains(extent, (struct range){ start, start + ph.filesz }))
			continue;
		memcpy(flat + at, bytes.data, bytes.size);
		if (at + bytes.size > out->size)
			out->size = at + bytes.size;
	}
	return 0;
}

/* The pages of all PT_LOADs, one element for each, by address. */
static int list_pages(const struct elf_file *elf, uint64_t page_size, struct elf_pages *out,
		      size_t *count, struct err *err)
{
	*count = 0;
	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		struct elf_pages pages = {
			.range.start = align_down(ph.paddr, page_size),
			.index = i,
			.loads = 1,
		};
		size_t at = *count;

		if (ph.type != PT_LOAD || !ph.memsz)
			continue;
		if (!align_up(ph.paddr + ph.memsz, page_size, &pages.range.end))
			return err_set(err, -ENOEXEC,
				       "the last page of ELF segment %" PRIu32
				       ", at physical 0x%" PRIx64
				       ", is at the end of the address space",
				       i, ph.paddr);
		for (; at && out[at - 1].range.start > pages.range.start; at--)
			out[at] = out[at - 1];
		out[at] = pages;
		++*count;
	}
	return 0;
}

/* Merges runs that share pages or, with adjacent set, have no page between them. */
static size_t merge_pages(struct elf_pages *pages, size_t count, bool adjacent)
{
	size_t last = 0;

	for (size_t i = 1; i < count; i++) {
		if (pages[i].range.start > pages[last].range.end ||
		    (pages[i].range.start == pages[last].range.end && !adjacent)) {
			pages[++last] = pages[i];
			continue;
		}
		if (pages[i].range.end > pages[last].range.end)
			pages[last].range.end = pages[i].range.end;
		if (pages[i].index < pages[last].index)
			pages[last].index = pages[i].index;
		pages[last].loads += pages[i].loads;
	}
	return count ? last + 1 : 0;
}

int elf_split_pages(struct ctx *ctx, const struct elf_file *elf, uint64_t page_size, size_t most,
		    struct elf_pages *out, size_t *count)
{
	int ret = list_pages(elf, page_size, out, count, &ctx->err);

	if (!ret)
		*count = merge_pages(out, *count, false);
	if (!ret && *count > most)
		*count = merge_pages(out, *count, true);
	for (size_t i = 0; i < *count && !ret; i++) {
		struct elf_phdr ph = elf_phdr(elf, out[i].index);

		if (out[i].loads == 1 && ph.paddr == out[i].range.start)
			ret = elf_segment(elf, out[i].index, &out[i].bytes, &ctx->err);
		else
			ret = elf_lay_out(ctx, elf, out[i].range, true, &out[i].bytes);
	}
	return ret;
}

int elf_make_image(struct ctx *ctx, struct bytes vmlinux, bool (*probe)(struct bytes),
		   struct bytes *out)
{
	struct elf_file elf;
	struct range extent = { 0 };
	int ret = elf_parse(vmlinux, &elf, &ctx->err);

	if (!ret)
		ret = elf_kernel_check_type(&elf, &ctx->err);
	if (!ret)
		ret = file_extent(&elf, &extent, &ctx->err);
	if (!ret)
		ret = check_entry(&elf, extent, &ctx->err);
	if (!ret)
		ret = elf_lay_out(ctx, &elf, extent, false, out);
	if (ret)
		return ret;
	/* The image starts with its header, and the entry is the header's first instruction. */
	*out = bytes_from(*out, elf.entry - extent.start);
	if (probe(*out))
		return 0;
	return err_set(&ctx->err, -ENOEXEC,
		       "the ELF entry 0x%" PRIx64 " is not at an Image header of this arch: no "
		       "Linux kernel, or one too old",
		       elf.entry);
}
