/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initrds as one run of bytes.  The kernel unpacks archives one after
 * another, each starting at a multiple of 4
 * (kernel: driver-api/early-userspace/buffer-format.rst).
 */
#include "initrd.h"

#include <errno.h>
#include <inttypes.h>

#include "image/uimage.h"
#include "next_cmdline.h"

#define INITRD_ALIGN 4

static int refuse_large(struct ctx *ctx, const char *name, uint64_t limit)
{
	return err_set(&ctx->err, -EFBIG,
		       "initrd %s: with it the initrds are larger than the "
		       "machine's memory of %" PRIu64 " bytes",
		       name, limit);
}

/* Removes U-Boot's wrapper, and warns of a file that no kernel unpacks as an initrd. */
static int unwrap(struct ctx *ctx, const char *name, const struct image_format *formats,
		  struct bytes *bytes)
{
	struct uimage uimage;
	const char *what;

	if (uimage_probe(*bytes)) {
		if (uimage_parse(*bytes, UIMAGE_RAMDISK, &uimage, &ctx->err))
			return err_prefix(&ctx->err, "initrd: %s", name);
		*bytes = uimage.data;
	}
	what = image_kind(formats, *bytes);
	if (what)
		log_warn(&ctx->log, "initrd %s is %s: no kernel unpacks it", name, what);
	return 0;
}

static int open_one(struct ctx *ctx, const char *name, const struct image_format *formats,
		    uint64_t limit, struct file *file, struct bytes *bytes)
{
	int ret = file_open(ctx, name, limit, file);

	if (!ret)
		ret = file_check_size(ctx, file, limit);
	if (ret)
		return err_prefix(&ctx->err, "initrd");
	*bytes = file->bytes;
	return unwrap(ctx, name, formats, bytes);
}

/* Opens all initrds and adds up their sizes, with padding. */
static int open_all(struct ctx *ctx, const struct request *req, const struct image_format *formats,
		    uint64_t limit, struct bytes *part, uint64_t *total)
{
	*total = 0;
	for (size_t i = 0; i < req->initrd_count; i++) {
		const char *name = req->initrds[i];
		struct file file = { .fd = -1 };
		int ret = open_one(ctx, name, formats, limit, &file, &part[i]);

		file_close(&file);
		if (ret)
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

/* Offset of the end of all parts, each at a multiple of INITRD_ALIGN. */
static bool total_size(const struct bytes *part, size_t parts, uint64_t *total)
{
	*total = 0;
	for (size_t i = 0; i < parts; i++)
		if (!align_up(*total, INITRD_ALIGN, total) ||
		    __builtin_add_overflow(*total, part[i].size, total))
			return false;
	return *total <= SIZE_MAX;
}

static void add_part(struct bytes part, struct bytes *parts, size_t *count)
{
	if (part.size)
		parts[(*count)++] = part;
}

/*
 * The initrds of the container and of its add-ons, in the order of the container's own stub.
 * Microcode comes first, beginning with that of the last add-on: the kernel uses the first file
 * that fits.
 */
static int take_own(struct ctx *ctx, const struct image *image, const struct image_format *formats,
		    struct initrd *out)
{
	struct bytes *part = arena_array(&ctx->arena, 2 * image->addons + 2, sizeof(*part));
	struct bytes own = image->initrd;
	const char *words = NULL;
	size_t parts = 0, own_parts;
	uint64_t total;
	int ret = unwrap(ctx, image->name, formats, &own);

	if (ret || !image_has_initrd(image))
		return ret;
	for (size_t i = image->addons; i > 0; i--)
		add_part(image->addon[i - 1].ucode, part, &parts);
	own_parts = parts;
	add_part(image->ucode, part, &parts);
	if (image->ucode.size)
		words = ".ucode";
	add_part(own, part, &parts);
	if (own.size)
		words = arena_join(&ctx->arena, words, " + ", ".initrd");
	own_parts = parts - own_parts;
	for (size_t i = 0; i < image->addons; i++)
		add_part(image->addon[i].initrd, part, &parts);
	if (parts > own_parts)
		words = arena_join(&ctx->arena, words, " + ", "add-ons");
	out->name = arena_printf(&ctx->arena, "%s (%s)", image->name, words);
	if (parts == 1) {
		out->bytes = part[0];
		return 0;
	}
	if (!total_size(part, parts, &total))
		return err_set(&ctx->err, -EOVERFLOW, "%s: sections too large", out->name);
	return join(ctx, part, parts, total, &out->bytes);
}

/* An initrd inside the image that the request does not replace. */
static bool keeps_own(struct ctx *ctx, const struct load *load)
{
	return !load->req->initrd_count ||
	       (image_has_initrd(&load->image) && next_keeps_inside(ctx, load, "initrd"));
}

int initrd_open(struct ctx *ctx, const struct load *load, const struct image_format *formats,
		uint64_t limit, struct initrd *out)
{
	const struct request *req = load->req;
	struct bytes *part;
	uint64_t total;
	int ret;

	*out = (struct initrd){ .file.fd = -1 };
	if (keeps_own(ctx, load))
		return take_own(ctx, &load->image, formats, out);
	out->name = req->initrds[0];
	if (req->initrd_count == 1) {
		ret = open_one(ctx, out->name, formats, limit, &out->file, &out->bytes);
		if (ret)
			file_close(&out->file);
		return ret;
	}
	part = arena_array(&ctx->arena, req->initrd_count, sizeof(*part));
	ret = open_all(ctx, req, formats, limit, part, &total);
	if (ret)
		return ret;
	for (size_t i = 1; i < req->initrd_count; i++)
		out->name = arena_printf(&ctx->arena, "%s + %s", out->name, req->initrds[i]);
	return join(ctx, part, req->initrd_count, total, &out->bytes);
}
