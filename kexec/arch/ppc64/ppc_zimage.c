/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PowerPC's zImage: sections of the boot wrapper (Linux: arch/powerpc/boot/wrapper). */
#include <errno.h>

#include "image/elf_kernel.h"
#include "ppc_zimage.h"

#define KERNEL ".kernel:vmlinux.strip"
#define INITRD ".kernel:initrd"

/* Returns 1: found; 0: no such section. */
static int find_section(const struct elf_file *elf, const char *name, struct bytes *out,
			struct err *err)
{
	struct bytes names;
	int ret;

	*out = (struct bytes){ 0 };
	if (elf->shstrndx >= elf->shnum)
		return 0;
	ret = elf_section(elf, elf->shstrndx, &names, err);
	for (uint32_t i = 0; !ret && i < elf->shnum; i++) {
		const char *found = elf_string(names, elf_shdr(elf, i).name);

		if (!found || strcmp(found, name))
			continue;
		ret = elf_section(elf, i, out, err);
		return ret ? ret : 1;
	}
	return ret;
}

bool ppc_elf_probe(struct bytes bytes)
{
	return elf_kernel_probe(bytes, EM_PPC64) || elf_kernel_probe(bytes, EM_PPC);
}

int ppc_zimage_parse(struct bytes bytes, struct bytes *kernel, struct bytes *initrd,
		     struct err *err)
{
	struct elf_file elf;
	int ret;

	if (!ppc_elf_probe(bytes))
		return 0;
	ret = elf_parse(bytes, &elf, err);
	if (!ret)
		ret = find_section(&elf, KERNEL, kernel, err);
	if (ret <= 0)
		return ret;
	if (!kernel->size)
		return err_set(err, -ENOEXEC, "the zImage's section " KERNEL " is empty");
	ret = find_section(&elf, INITRD, initrd, err);
	return ret < 0 ? ret : 1;
}

int ppc_zimage_peel(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct bytes initrd;
	int ret = ppc_zimage_parse(image->bytes, inside, &initrd, &ctx->err);

	if (ret > 0)
		image->initrd = initrd;
	return ret;
}
