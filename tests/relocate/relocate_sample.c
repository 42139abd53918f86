/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: relocate_sample FILE OUT1 OUT2
 *
 * Loads FILE with the PIE loader at two addresses and fails unless the two images
 * differ in exactly the words whose offsets stand on standard input, each by the
 * distance of the addresses.  Prints how many, and writes both images as
 * executables that run at their address.
 */
#include <inttypes.h>
#include <stdio.h>

#include "kexec/relocate/backend.h"
#include "tests/unit/make_elf.h"

#define FILE_OFFSET 0x10000 /* a multiple of every arch's page size */

static int relocated(struct ctx *ctx, const char *name, struct bytes bytes, uint64_t address,
		     struct purgatory_image *image)
{
	struct purgatory_target target = { 0 };
	struct purgatory_info info;
	struct elf_file elf;
	int ret;

	ret = elf_parse(bytes, &elf, &ctx->err);
	target.machine = elf.machine;
	if (!ret)
		ret = purgatory_pie.load(ctx, name, bytes, &target, image);
	if (!ret)
		ret = purgatory_pie.relocate(ctx, image, address);
	return ret ? ret : purgatory_header_check(ctx, image, elf.machine, &info);
}

static int write_executable(const char *name, const struct purgatory_image *image, uint64_t address)
{
	FILE *out = fopen(name, "w");
	struct made_elf *m;
	int ret;

	if (!out) {
		perror(name);
		return 1;
	}
	m = calloc(1, sizeof(*m));
	m->is64 = image->elf.is64;
	m->order = image->elf.order;
	made_ehdr(m, ET_EXEC, image->elf.machine);
	MADE_SET(m, 0, Ehdr, e_flags, image->elf.flags);
	MADE_SET(m, 0, Ehdr, e_entry, address);
	made_phdr(m, 0, PT_LOAD, FILE_OFFSET, address, image->image_size, image->memory_size);
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_align, FILE_OFFSET);
	fwrite(m->data, 1, MADE_ROOM, out);
	fseek(out, FILE_OFFSET, SEEK_SET);
	fwrite(image->data, 1, image->image_size, out);
	ret = ferror(out) | fclose(out);
	free(m);
	return ret;
}

static uint64_t word(const struct purgatory_image *image, uint64_t offset)
{
	const uint8_t *p = image->data + offset;

	return image->elf.is64 ? get_u64(image->elf.order, p) : get_u32(image->elf.order, p);
}

static void copy_bytes(uint8_t *to, const uint8_t *from, uint64_t offset, size_t size)
{
	memcpy(to + offset, from + offset, size);
}

/* The words at the offsets on standard input, and nothing else, must differ. */
static int compare(const struct purgatory_image *a, const struct purgatory_image *b,
		   uint64_t distance)
{
	uint64_t applied = offsetof(struct purgatory_header, applied_bias);
	uint64_t mask = a->elf.is64 ? UINT64_MAX : UINT32_MAX;
	size_t size = a->elf.is64 ? 8 : 4;
	enum byte_order order = a->elf.order;
	struct purgatory_image same = *b;
	unsigned int words = 0;
	uint64_t at;

	same.data = malloc(same.image_size);
	memcpy(same.data, b->data, same.image_size);
	if (get_u64(order, b->data + applied) - get_u64(order, a->data + applied) != distance) {
		fprintf(stderr, "the recorded bias is wrong\n");
		return 1;
	}
	copy_bytes(same.data, a->data, applied, 8);
	while (scanf("%" SCNx64, &at) == 1) {
		if (at > a->image_size - size || ((word(b, at) - word(a, at)) & mask) != distance) {
			fprintf(stderr, "the word at 0x%" PRIx64 " was not relocated right\n", at);
			return 1;
		}
		copy_bytes(same.data, a->data, at, size);
		words++;
	}
	for (at = 0; at < a->image_size; at++) {
		if (same.data[at] == a->data[at])
			continue;
		fprintf(stderr, "the byte at 0x%" PRIx64 " should not have changed\n", at);
		return 1;
	}
	free(same.data);
	printf("%u words", words);
	return words == 0 || words != a->relocations;
}

int main(int argc, char **argv)
{
	struct purgatory_image a, b;
	struct ctx ctx = { 0 };
	uint64_t low = 0x10000000, high;
	struct file file;
	int ret;

	if (argc != 4)
		return 2;
	if (file_open(&ctx, argv[1], 0, &file) || relocated(&ctx, argv[1], file.bytes, low, &a)) {
		fprintf(stderr, "%s\n", ctx.err.what);
		return 1;
	}
	high = a.elf.is64 ? 0x4123450000 : 0x20350000;
	if (relocated(&ctx, argv[1], file.bytes, high, &b)) {
		fprintf(stderr, "%s\n", ctx.err.what);
		return 1;
	}
	ret = compare(&a, &b, high - low) || write_executable(argv[2], &a, low) ||
	      write_executable(argv[3], &b, high);
	arena_free(&ctx.arena);
	return ret;
}
