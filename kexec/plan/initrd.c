/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initrds as one run of bytes.  The kernel unpacks archives one after
 * another, each starting at a multiple of 4
 * (kernel: driver-api/early-userspace/buffer-format.rst).
 */
#include "arch/arch.h"

#include <errno.h>
#include <inttypes.h>

#define INITRD_ALIGN 4

static int refuse_large(struct ctx *ctx, const char *name, uint64_t limit)
{
	return err_set(&ctx->err, -EFBIG,
		       "initrd %s: with it the initrds are larger than the "
		       "machine's memory of %" PRIu64 " bytes",
		       name, limit);
}

static int open_one(struct ctx *ctx, const char *name, uint64_t limit, struct bytes *out)
{
	struct file file;
	int ret = file_open(ctx, name, limit, &file);

	if (ret < 0)
		return err_prefix(&ctx->err, "initrd");
	*out = file.bytes;
	file_close(&file);
	return 0;
}

/* Opens all and sums up what they take, padding included. */
static int open_all(struct ctx *ctx, const struct request *req, uint64_t limit, struct bytes *part,
		    uint64_t *total)
{
	size_t i;
	int ret;

	*total = 0;
	for (i = 0; i < req->initrd_count; i++) {
		const char *name = req->initrds[i];

		ret = open_one(ctx, name, limit, &part[i]);
		if (ret < 0)
			return ret;
		if (!align_up(*total, INITRD_ALIGN, total) ||
		    __builtin_add_overflow(*total, part[i].size, total) || *total > limit ||
		    *total > SIZE_MAX)
			return refuse_large(ctx, name, limit);
	}
	return 0;
}

static int join(struct ctx *ctx, const struct bytes *part, size_t parts, uint64_t total,
		struct bytes *out)
{
	uint8_t *area = map_anonymous(ctx, (size_t)total);
	uint64_t offset = 0;
	size_t i;

	if (!area)
		return err_set(&ctx->err, -ENOMEM, "No memory for initrds of %" PRIu64 " bytes",
			       total);
	for (i = 0; i < parts; i++) {
		offset = round_up(offset, INITRD_ALIGN);
		memcpy(area + offset, part[i].data, part[i].size);
		offset += part[i].size;
	}
	*out = (struct bytes){ area, (size_t)total };
	return 0;
}

/* As it boots by itself: microcode before everything else. */
static int join_own(struct ctx *ctx, const struct image *image, struct bytes *out,
		    const char **name)
{
	const struct bytes part[] = { image->ucode, image->initrd };
	uint64_t total;

	if (!image->ucode.size || !image->initrd.size) {
		*out = image->ucode.size ? image->ucode : image->initrd;
		*name = arena_printf(&ctx->arena, "%s (%s)", image->name,
				     image->ucode.size ? ".ucode" : ".initrd");
		return 0;
	}
	*name = arena_printf(&ctx->arena, "%s (.ucode + .initrd)", image->name);
	/* Both lie in one file: the sum cannot overflow. */
	total = round_up(part[0].size, INITRD_ALIGN) + part[1].size;
	return join(ctx, part, 2, total, out);
}

int arch_initrd(struct ctx *ctx, const struct request *req, const struct image *image,
		uint64_t limit, struct bytes *out, const char **name)
{
	struct bytes *part;
	uint64_t total;
	size_t i;
	int ret;

	*out = image->initrd;
	*name = image->initrd_name;
	if (*name)
		return 0;
	*out = (struct bytes){ 0 };
	if (!req->initrd_count && (image->initrd.size || image->ucode.size))
		return join_own(ctx, image, out, name);
	if (!req->initrd_count)
		return 0;
	part = arena_array(&ctx->arena, req->initrd_count, sizeof(*part));
	ret = open_all(ctx, req, limit, part, &total);
	if (ret < 0)
		return ret;
	*name = req->initrds[0];
	if (req->initrd_count == 1) {
		*out = part[0];
		return 0;
	}
	for (i = 1; i < req->initrd_count; i++)
		*name = arena_printf(&ctx->arena, "%s + %s", *name, req->initrds[i]);
	return join(ctx, part, req->initrd_count, total, out);
}

int arch_place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct image *image, const struct placement *placement,
		      struct plan *plan, struct range *initrd)
{
	struct segment segment = { .name = "initrd", .placement = *placement, .sealed = true };
	int ret = arch_initrd(ctx, req, image, range_set_size(&machine->ram), &segment.bytes,
			      &segment.file);

	*initrd = (struct range){ 0 };
	if (ret < 0 || !segment.bytes.size)
		return ret;
	arch_limit_placement(req, &segment.placement);
	ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	initrd->start = plan->segment[ret].range.start;
	initrd->end = initrd->start + segment.bytes.size;
	return 0;
}
