/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start code of baked images, and the purgatory that was linked together with it. */
#include <errno.h>

#include "backend.h"
#include "bake_abi.h"

static int load(struct ctx *ctx, const char *name, struct bytes file,
		const struct purgatory_target *target, struct purgatory_image *out)
{
	uint32_t memory_size;

	if (file.size < BAKE_PURGATORY + PURGATORY_HEADER_SIZE)
		return err_set(&ctx->err, -ENOEXEC, "%s: it has only %zu bytes", name, file.size);
	*out = (struct purgatory_image){
		.name = name,
		.format = &purgatory_bake,
		.elf = { .machine = target->machine, .order = target->order },
		.image_size = file.size - BAKE_PURGATORY,
		.align = PURGATORY_MIN_ALIGN,
	};
	out->data = arena_alloc(&ctx->arena, (size_t)out->image_size);
	memcpy(out->data, file.data + BAKE_PURGATORY, (size_t)out->image_size);
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
