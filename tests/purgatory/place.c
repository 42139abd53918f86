/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: place pie|rel FILE ADDRESS OUTPUT
 * Writes the image that kexec's own loader makes of FILE for ADDRESS.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "relocate/backend.h"

static struct bytes slurp(const char *name)
{
	static uint8_t buffer[1 << 20];
	FILE *f = fopen(name, "rb");
	struct bytes file = { buffer, 0 };

	if (f) {
		file.size = fread(buffer, 1, sizeof(buffer), f);
		fclose(f);
	}
	return file;
}

static const struct rel_arch *find_rel(const struct elf_file *elf)
{
#define REL_ARCH(name) &rel_arch_##name,
	static const struct rel_arch *const known[] = { FOR_EACH_ARCH(REL_ARCH) };
#undef REL_ARCH

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i]->machine == elf->machine && known[i]->order == elf->order)
			return known[i];
	return NULL;
}

int main(int argc, char **argv)
{
	static struct ctx ctx;
	struct purgatory_image image = { 0 };
	struct bytes file;
	struct elf_file elf;
	uint64_t address;
	bool rel;
	FILE *out;
	int ret;

	if (argc != 5)
		return 2;
	rel = !strcmp(argv[1], "rel");
	address = strtoull(argv[3], NULL, 0);
	file = slurp(argv[2]);
	ret = elf_parse(file, &elf, &ctx.err);
	if (!ret && rel)
		ret = rel_load(&ctx, argv[2], file, elf.machine, find_rel(&elf), &image);
	else if (!ret)
		ret = pie_load(&ctx, argv[2], file, elf.machine, &image);
	if (!ret)
		ret = (rel ? rel_relocate : pie_relocate)(&ctx, &image, address);
	if (ret) {
		fprintf(stderr, "place: %s: %s\n", argv[2], strerror(-ret));
		return 1;
	}
	if (image.entry) {
		fprintf(stderr, "place: %s: the entry is at offset 0x%llx\n", argv[2],
			(unsigned long long)image.entry);
		return 1;
	}
	out = fopen(argv[4], "wb");
	if (!out || fwrite(image.data, 1, image.image_size, out) != image.image_size || fclose(out))
		return 1;
	return 0;
}
