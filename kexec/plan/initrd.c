/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initrds as one run of bytes.  The kernel unpacks archives one after
 * another, each starting at a multiple of 4
 * (kernel: driver-api/early-userspace/buffer-format.rst).
 */
#include "initrd.h"

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

static int open_one(struct ctx *ctx, const char *name, uint64_t limit, struct file *file)
{
	int ret = file_open(ctx, name, limit, file);

	return ret ? err_prefix(&ctx->err, "initrd") : 0;
}

/* Opens all initrds and adds up their sizes, with padding. */
static int open_all(struct ctx *ctx, const struct request *req, uint64_t limit, struct bytes *part,
		    uint64_t *total)
{
	*total = 0;
	for (size_t i = 0; i < req->initrd_count; i++) {
		const char *name = req->initrds[i];
		struct file file;
		int ret = open_one(ctx, name, limit, &file);

		if (ret)
			return ret;
		part[i] = file.bytes;
		file_close(&file);
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

	if (!area)
		return err_set(&ctx->err, -ENOMEM, "No memory for initrds of %" PRIu64 " bytes",
			       total);
	for (size_t i = 0; i < parts; i++) {
		offset = round_up(offset, INITRD_ALIGN);
		memcpy(area + offset, part[i].data, part[i].size);
		offset += part[i].size;
	}
	*out = (struct bytes){ area, (size_t)total };
	return 0;
}

/* The container's own initrds.  Microcode comes first, as when the container boots itself. */
static int take_own(struct ctx *ctx, const struct image *image, struct initrd *out)
{
	const struct bytes part[] = { image->ucode, image->initrd };
	uint64_t total;

	if (!image->ucode.size && !image->initrd.size)
		return 0;
	if (!image->ucode.size || !image->initrd.size) {
		out->bytes = image->ucode.size ? image->ucode : image->initrd;
		out->name = arena_printf(&ctx->arena, "%s (%s)", image->name,
					 image->ucode.size ? ".ucode" : ".initrd");
		return 0;
	}
	out->name = arena_printf(&ctx->arena, "%s (.ucode + .initrd)", image->name);
	if (!align_up(part[0].size, INITRD_ALIGN, &total) ||
	    __builtin_add_overflow(total, part[1].size, &total))
		return err_set(&ctx->err, -EOVERFLOW, "%s: sections too large", out->name);
	return join(ctx, part, 2, total, &out->bytes);
}

int initrd_open(struct ctx *ctx, const struct request *req, const struct image *image,
		uint64_t limit, struct initrd *out)
{
	struct bytes *part;
	uint64_t total;
	int ret;

	*out = (struct initrd){ .file.fd = -1 };
	if (!req->initrd_count)
		return take_own(ctx, image, out);
	out->name = req->initrds[0];
	if (req->initrd_count == 1) {
		ret = open_one(ctx, out->name, limit, &out->file);
		out->bytes = out->file.bytes;
		return ret;
	}
	part = arena_array(&ctx->arena, req->initrd_count, sizeof(*part));
	ret = open_all(ctx, req, limit, part, &total);
	if (ret)
		return ret;
	for (size_t i = 1; i < req->initrd_count; i++)
		out->name = arena_printf(&ctx->arena, "%s + %s", out->name, req->initrds[i]);
	return join(ctx, part, req->initrd_count, total, &out->bytes);
}
