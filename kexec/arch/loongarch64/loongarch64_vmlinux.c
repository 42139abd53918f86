/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LoongArch's vmlinux.  Its physical addresses are addresses in the cached window, as the virtual
 * ones are (Linux: arch/loongarch/kernel/vmlinux.lds.S).
 */
#include <errno.h>
#include <inttypes.h>

#include "image/elf_flatten.h"
#include "image/elf_kernel.h"
#include "loongarch64.h"

/* Sections of a kernel that corrects its own addresses, CONFIG_RELOCATABLE. */
static const char *const relocatable[] = { ".la_abs", ".rela.dyn", ".relr.dyn", NULL };

static bool is_relocatable_section(struct bytes names, const struct elf_shdr *section)
{
	const char *name = elf_string(names, section->name);

	for (size_t i = 0; name && relocatable[i]; i++)
		if (section->size && !strcmp(name, relocatable[i]))
			return true;
	return false;
}

/* True if the section headers show that the kernel runs at one address only. */
static bool is_fixed(const struct elf_file *elf)
{
	struct bytes names;

	if (elf->type == ET_DYN || elf->shstrndx >= elf->shnum ||
	    elf_section(elf, elf->shstrndx, &names, NULL))
		return false;
	for (uint32_t i = 0; i < elf->shnum; i++) {
		struct elf_shdr section = elf_shdr(elf, i);

		if (is_relocatable_section(names, &section))
			return false;
	}
	return true;
}

static int parse(struct bytes bytes, struct elf_kernel *elf, struct err *err)
{
	int ret = elf_parse(bytes, &elf->elf, err);

	if (!ret && (!elf->elf.is64 || elf->elf.order != ORDER_LE))
		return err_set(err, -ENOEXEC,
			       "a kernel of %d bits, %s endian: loongarch64 has 64 bits and is "
			       "little endian",
			       elf->elf.is64 ? 64 : 32,
			       elf->elf.order == ORDER_LE ? "little" : "big");
	if (!ret)
		ret = elf_kernel_parse(bytes, elf, err);
	return ret ? ret : elf_check_extent(elf->physical, err);
}

static int check(struct bytes bytes, struct elf_kernel *elf, struct loongarch64_kernel *out,
		 struct err *err)
{
	int ret = parse(bytes, elf, err);
	uint64_t start = elf->physical.start;

	*out = (struct loongarch64_kernel){ 0 };
	if (ret)
		return ret;
	if (start % LOONGARCH64_IMAGE_ALIGN)
		return err_set(err, -ENOEXEC,
			       "the ELF segments begin at 0x%" PRIx64
			       ", not at a multiple of 64 KiB",
			       start);
	out->image = (struct linux_image){
		.text_offset = start & LOONGARCH64_PHYSICAL,
		.image_size = round_up(range_size(elf->physical), LOONGARCH64_IMAGE_ALIGN),
		.sized = true,
	};
	out->entry = elf->entry_physical - start;
	out->fixed = is_fixed(&elf->elf);
	return 0;
}

int loongarch64_vmlinux_check(struct bytes bytes, struct loongarch64_kernel *out, struct err *err)
{
	struct elf_kernel elf;

	return check(bytes, &elf, out, err);
}

int loongarch64_vmlinux_parse(struct ctx *ctx, struct bytes bytes, struct loongarch64_kernel *out)
{
	struct elf_kernel elf;
	int ret = check(bytes, &elf, out, &ctx->err);

	return ret ? ret : elf_lay_out(ctx, &elf.elf, elf.physical, true, &out->image.kernel);
}

int loongarch64_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct loongarch64_kernel kernel;

	*cmdline_size = LOONGARCH64_FILE_CMDLINE_SIZE;
	return loongarch64_vmlinux_check(bytes, &kernel, err);
}
