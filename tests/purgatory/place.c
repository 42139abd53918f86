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

#include "relocate/relocate.h"

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

static uint16_t machine_of(struct bytes file)
{
	if (file.size < EI_NIDENT + 4)
		return EM_NONE;
	return get_u16(file.data[EI_DATA] == ELFDATA2MSB ? ORDER_BE : ORDER_LE,
		       file.data + EI_NIDENT + 2);
}

int main(int argc, char **argv)
{
	static struct ctx ctx;
	struct purgatory_image image = { 0 };
	struct bytes file;
	uint16_t machine;
	uint64_t address;
	bool rel;
	FILE *out;
	int ret;

	if (argc != 5)
		return 2;
	rel = !strcmp(argv[1], "rel");
	address = strtoull(argv[3], NULL, 0);
	file = slurp(argv[2]);
	machine = machine_of(file);
	ret = (rel ? rel_load : pie_load)(&ctx, argv[2], file, machine, &image);
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
