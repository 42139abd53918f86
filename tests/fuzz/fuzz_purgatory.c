/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a purgatory file, for both back ends.  A file is refused with a
 * sentence, or gives an image that keeps its promises.
 */
#include <stdlib.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/relocate.h"

static void expect(bool condition)
{
	if (!condition)
		abort();
}

static const struct rel_arch *find_rel(uint16_t machine, enum byte_order order)
{
	for (const struct arch *const *arch = arches; *arch; arch++)
		if ((*arch)->e_machine == machine && (*arch)->order == order)
			return (*arch)->rel;
	return NULL;
}

static void try_format(struct bytes bytes, const struct elf_file *elf,
		       const struct purgatory_format *format)
{
	struct purgatory_image image;
	struct purgatory_info info;
	const struct purgatory_target target = {
		.machine = elf->machine,
		.rel = find_rel(elf->machine, elf->order),
	};
	struct ctx ctx = { 0 };
	uint64_t address;
	int ret;

	ret = format->load(&ctx, "fuzz", bytes, &target, &image);
	if (!ret) {
		expect(image.image_size <= image.memory_size && image.align >= 4096);
		expect((format == &purgatory_rel) == (image.elf.type == ET_REL));
		address = image.align > 0x1000000 ? image.align : 0x1000000;
		ret = format->relocate(&ctx, &image, address);
	}
	if (!ret)
		ret = purgatory_header_check(&ctx, &image, elf->machine, &info);
	if (!ret)
		expect(info.params_offset + (uint64_t)info.params_size <= image.image_size);
	expect(!ret || (ret == ctx.err.code && ctx.err.what[0]));
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	struct elf_file elf;
	struct err err;

	if (elf_parse(bytes, &elf, &err))
		return 0;
	try_format(bytes, &elf, &purgatory_rel);
	try_format(bytes, &elf, &purgatory_pie);
	return 0;
}
