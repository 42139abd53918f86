/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF kernel for s390, from which the kernel's build makes the image (Linux:
 * arch/s390/boot/vmlinux, or vmlinux before 4.20).  kexec makes the same image in memory,
 * with the bss.
 */
#include "s390x.h"

#include <errno.h>
#include <inttypes.h>

#include "image/elf_flatten.h"
#include "image/elf_kernel.h"

static int check_header(const struct elf_file *elf, struct err *err)
{
	if (!elf->is64 || elf->order != ORDER_BE)
		return err_set(err, -ENOEXEC,
			       "the ELF file is %u-bit, %s endian: s390x kernels are 64-bit, big "
			       "endian",
			       elf->is64 ? 64 : 32, elf->order == ORDER_BE ? "big" : "little");
	if (elf->entry == S390_IMAGE_START)
		return 0;
	err_set(err, -ENOEXEC, "the ELF entry is 0x%" PRIx64 ", s390 kernels start at 0x%x",
		elf->entry, S390_IMAGE_START);
	return err_hint(err, "The vmlinux of Linux 4.20 and later does not start by itself: load "
			     "arch/s390/boot/bzImage, or the vmlinux there.");
}

/* Finds the end of the memory of all segments.  Fails for a segment that lies outside the file. */
static int memory_end(const struct elf_file *elf, uint64_t *end, struct err *err)
{
	*end = 0;
	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		struct bytes ignored;
		int ret = elf_segment(elf, i, &ignored, err);

		if (ret)
			return ret;
		if (ph.type != PT_LOAD)
			continue;
		if (ph.paddr + ph.memsz > *end)
			*end = ph.paddr + ph.memsz;
	}
	return elf_check_extent((struct range){ 0, *end }, err);
}

static int parse(struct bytes vmlinux, struct elf_file *elf, uint64_t *end, struct err *err)
{
	int ret = elf_parse(vmlinux, elf, err);

	if (!ret)
		ret = elf_kernel_check_type(elf, err);
	if (!ret)
		ret = check_header(elf, err);
	return ret ? ret : memory_end(elf, end, err);
}

/* Only a kernel has both its ELF entry at S390_IMAGE_START and S390EP. */
static int check_mark(struct bytes image, struct err *err)
{
	if (s390_image_probe(image))
		return 0;
	return err_set(err, -ENOEXEC,
		       "the ELF segments contain no S390EP for 0x10008: not a kernel of Linux "
		       "3.2 or later");
}

static int flatten(struct ctx *ctx, struct bytes vmlinux, struct bytes *out)
{
	struct elf_file elf;
	uint64_t end = 0;
	int ret = parse(vmlinux, &elf, &end, &ctx->err);

	if (!ret)
		ret = elf_lay_out(ctx, &elf, (struct range){ 0, end }, true, out);
	if (ret)
		return ret;
	out->size = (size_t)end; /* with its bss */
	return check_mark(*out, &ctx->err);
}

int s390x_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct bytes flat;
	int ret = flatten(ctx, load->image.bytes, &flat);

	return ret ? ret : s390x_plan_boot(ctx, load, flat, plan);
}

/* Finds the segment at physical 0.  The running kernel's loader looks for the parameters there. */
static int first_segment(struct bytes vmlinux, struct bytes *out, struct err *err)
{
	struct elf_file elf;
	uint64_t end;
	int ret = parse(vmlinux, &elf, &end, err);

	if (ret)
		return ret;
	for (uint32_t i = 0; i < elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&elf, i);

		if (ph.type == PT_LOAD && !ph.paddr && ph.memsz > S390_IMAGE_START &&
		    !elf_segment(&elf, i, out, err))
			return check_mark(*out, err);
	}
	err_set(err, -EOPNOTSUPP,
		"no ELF segment starts at physical 0: kexec_file_load looks for parameters there");
	return err_hint(err, "Use kexec_load: -c instead of -s.");
}

int s390x_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct bytes first;
	int ret = first_segment(bytes, &first, err);

	return ret ? ret : s390x_image_file_check(first, cmdline_size, err);
}

const char *s390x_vmlinux_own_cmdline(struct ctx *ctx, struct bytes bytes)
{
	struct bytes first;

	return first_segment(bytes, &first, NULL) ? NULL : s390x_image_own_cmdline(ctx, first);
}
