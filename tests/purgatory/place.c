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
	const struct purgatory_format *format;
	struct purgatory_target target = { 0 };
	struct purgatory_image image = { 0 };
	struct bytes file;
	struct elf_file elf;
	uint64_t address;
	FILE *out;
	int ret;

	if (argc != 5)
		return 2;
	format = strcmp(argv[1], "rel") ? &purgatory_pie : &purgatory_rel;
	address = strtoull(argv[3], NULL, 0);
	file = slurp(argv[2]);
	ret = elf_parse(file, &elf, &ctx.err);
	if (!ret) {
		target.machine = elf.machine;
		target.rel = find_rel(&elf);
		ret = format->load(&ctx, argv[2], file, &target, &image);
	}
	if (!ret)
		ret = format->relocate(&ctx, &image, address);
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
