/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes compression off a kernel file, layer by layer, and finds its version. */
#include <errno.h>

#include "../compress/compress.h"
#include "image.h"

/* A layer's error names the file and the way to the layer; a damaged image is a refused one. */
static int prefix_layers(struct ctx *ctx, const struct image *image)
{
	for (size_t i = image->layers; i > 0; i--)
		err_prefix(&ctx->err, "inside its %s data", image->layer[i - 1]);
	err_prefix(&ctx->err, "%s", image->name);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static int peel_one(struct ctx *ctx, const struct decompressor *format, uint64_t *limit,
		    struct image *image)
{
	struct bytes out;
	int ret;

	if (image->layers == IMAGE_MAX_LAYERS)
		return err_set(&ctx->err, -ELOOP, "compressed more than %d times",
			       IMAGE_MAX_LAYERS);
	ret = decompress(ctx, format, image->bytes, *limit, &out);
	if (ret)
		return ret;
	if (!out.size)
		return err_set(&ctx->err, -ENODATA, "the %s data decompresses to nothing",
			       format->name);
	log_debug(&ctx->log, "%s: %s, %zu bytes decompressed to %zu", image->name, format->name,
		  image->bytes.size, out.size);
	image->layer[image->layers++] = format->name;
	image->bytes = out;
	*limit -= out.size; /* all layers stay in memory */
	return 0;
}

/* What of the text can be shown: a file must not send escapes to the terminal. */
static size_t printable(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] >= ' ' && text[i] <= '~')
		i++;
	return i;
}

static const char *find_version(struct ctx *ctx, struct bytes bytes)
{
	struct err ignored = { 0 };
	struct bzimage bzimage;
	const char *version;
	size_t size;

	if (!bzimage_parse(bytes, &bzimage, &ignored) && bzimage.version)
		return arena_strndup(&ctx->arena, bzimage.version,
				     printable(bzimage.version, bzimage.version_size));
	if (linux_banner(bytes, &version, &size)) {
		const size_t skip = sizeof(LINUX_BANNER) - 1;

		return arena_strndup(&ctx->arena, version + skip, size - skip);
	}
	return NULL;
}

int image_peel(struct ctx *ctx, const char *name, struct bytes bytes, uint64_t limit,
	       struct image *image)
{
	const struct decompressor *format;

	*image = (struct image){ .name = name, .bytes = bytes };
	while ((format = compress_probe(image->bytes)))
		if (peel_one(ctx, format, &limit, image))
			return prefix_layers(ctx, image);
	image->version = find_version(ctx, image->bytes);
	return 0;
}

int image_open(struct ctx *ctx, const char *name, uint64_t limit, struct file *file,
	       struct image *image)
{
	int ret = file_open(ctx, name, limit, file);

	if (ret)
		return ret;
	ret = image_peel(ctx, name, file->bytes, limit, image);
	if (ret)
		file_close(file);
	return ret;
}

bool linux_banner(struct bytes bytes, const char **text, size_t *size)
{
	const size_t skip = sizeof(LINUX_BANNER) - 1;
	const char *at = (const char *)bytes.data;
	const char *end = at + bytes.size;

	/* Other programs have such words too; only a kernel has its own number behind them. */
	while ((at = memmem(at, (size_t)(end - at), LINUX_BANNER, skip))) {
		size_t room = (size_t)(end - at);

		if (room > skip && at[skip] >= '0' && at[skip] <= '9') {
			*text = at;
			*size = printable(at, room < LINUX_BANNER_MAX ? room : LINUX_BANNER_MAX);
			return true;
		}
		at += skip;
	}
	return false;
}
