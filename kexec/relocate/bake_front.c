/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start code of baked images, and the purgatory that was linked together with it. */
#include <errno.h>

#include "backend.h"
#include "bake_abi.h"

size_t purgatory_bake_skip(struct bytes file)
{
	for (size_t skip = 0; skip <= BAKE_MAX_SKIP; skip += BAKE_MAX_SKIP)
		if (bytes_match(file, skip + BAKE_HEADER, BAKE_MAGIC, BAKE_MAGIC_SIZE))
			return skip;
	return SIZE_MAX;
}

static int load(struct ctx *ctx, const char *name, struct bytes file,
		const struct purgatory_target *target, struct purgatory_image *out)
{
	size_t skip = purgatory_bake_skip(file), at = skip + BAKE_PURGATORY;
	uint32_t memory_size;

	if (skip == SIZE_MAX || !bytes_has(file, at, PURGATORY_HEADER_SIZE))
		return err_set(&ctx->err, -ENOEXEC, "%s: it has no bake header or no purgatory",
			       name);
	*out = (struct purgatory_image){
		.name = name,
		.format = &purgatory_bake,
		.elf = { .machine = target->machine, .order = target->order },
		.image_size = file.size - at,
		.align = PURGATORY_MIN_ALIGN,
	};
	out->data = arena_alloc(&ctx->arena, (size_t)out->image_size);
	memcpy(out->data, file.data + at, (size_t)out->image_size);
	memory_size = get_u32(target->order,
			      out->data + offsetof(struct purgatory_header, memory_size));
	if (memory_size < out->image_size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: its header has a memory size of 0x%x, less than its size", name,
			       memory_size);
	out->memory_size = memory_size;
	return 0;
}

static int relocate(struct ctx *ctx, struct purgatory_image *image, uint64_t address)
{
	if (address == BAKE_PURGATORY)
		return 0;
	return err_set(&ctx->err, -ERANGE, "%s: placed at 0x%llx instead of 0x%x", image->name,
		       (unsigned long long)address, BAKE_PURGATORY);
}

const struct purgatory_format purgatory_bake = { "bake", load, relocate };
