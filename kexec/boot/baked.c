/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A baked image (include/bake_abi.h) that is loaded as a kernel, after bake_check(). */
#include "baked.h"

#include <errno.h>
#include <string.h>

#include "bake_abi.h"
#include "relocate/relocate.h"

bool baked_probe(struct bytes file)
{
	return purgatory_bake_skip(file) != SIZE_MAX;
}

/* Sets the kernel's part; an image without it leaves zeros. */
static void find_kernel(const uint8_t *header, enum byte_order order, struct bytes image,
			struct baked_kernel *out)
{
	uint32_t count = get_u32(order, header + offsetof(struct bake_header, part_count));

	for (uint32_t i = 0; i < count && i < BAKE_MAX_PARTS; i++) {
		const uint8_t *part = header + offsetof(struct bake_header, part) +
				      i * sizeof(struct bake_part);

		if (memcmp(part, "kernel", sizeof("kernel")))
			continue;
		out->bytes = bytes_sub(image,
				       get_u64(order, part + offsetof(struct bake_part, offset)),
				       get_u64(order, part + offsetof(struct bake_part, size)));
		out->memory_size = get_u64(order, part + offsetof(struct bake_part, memory));
	}
}

void baked_read(const struct load *load, enum byte_order order, struct baked_kernel *out)
{
	size_t skip = purgatory_bake_skip(load->image.bytes);
	const uint8_t *header;

	*out = (struct baked_kernel){ .image = bytes_from(load->image.bytes, skip) };
	header = out->image.data + BAKE_HEADER;
	out->align = 1ull << (get_u16(order, header + offsetof(struct bake_header, align_log2)) &
			      63);
	out->image_memory = get_u64(order, header + offsetof(struct bake_header, memory_size));
	out->address = get_u64(order, header + offsetof(struct bake_header, address));
	out->entry = get_u32(order, header + offsetof(struct bake_header, entry_start));
	find_kernel(header, order, out->image, out);
}

int baked_place(struct ctx *ctx, const struct load *load, const struct baked_kernel *kernel,
		const struct placement *placement, struct plan *plan, uint64_t *entry)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = kernel->image,
		.placement = *placement,
		.sealed = true,
	};
	int ret;

	if (load->req->crash)
		return err_set(&ctx->err, -ENOEXEC,
			       "a baked image with its own command line is no crash kernel");
	segment.placement.align = kernel->align;
	ret = kernel->address == BAKE_ANYWHERE
		      ? plan_place(ctx, plan, &segment, kernel->image_memory)
		      : plan_fix(ctx, plan, &segment, kernel->address, kernel->image_memory);
	if (ret < 0)
		return ret;
	*entry = plan->segment[ret].range.start + kernel->entry;
	return 0;
}
