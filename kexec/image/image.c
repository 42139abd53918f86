/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes compression and containers off a kernel file, layer by layer, and finds its version. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "compress/compress.h"
#include "image.h"
#include "pe.h"

/* A layer's error names the file and the way to the layer; a damaged image is a refused one. */
static int prefix_layers(struct ctx *ctx, const struct image *image)
{
	for (size_t i = image->layers; i > 0; i--)
		err_prefix(&ctx->err, "inside its %s data", image->layer[i - 1]);
	err_prefix(&ctx->err, "%s", image->name);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* What of the text can be shown: a file must not send escapes to the terminal. */
static size_t printable(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] >= ' ' && text[i] <= '~')
		i++;
	return i;
}

static const char *printable_text(struct ctx *ctx, const char *text, size_t size)
{
	return arena_strndup(&ctx->arena, text, printable(text, size));
}

static int add_layer(struct ctx *ctx, struct image *image, const char *name, struct bytes inside)
{
	if (image->layers == IMAGE_MAX_LAYERS)
		return err_set(&ctx->err, -ELOOP, "packed more than %d times", IMAGE_MAX_LAYERS);
	log_debug(&ctx->log, "%s: %s, %zu bytes with %zu inside", image->name, name,
		  image->bytes.size, inside.size);
	image->layer[image->layers++] = name;
	image->bytes = inside;
	return 1;
}

static int peel_compressed(struct ctx *ctx, const struct decompressor *format, struct bytes in,
			   uint64_t *limit, struct bytes *out)
{
	int ret = decompress(ctx, format, in, *limit, out);

	if (ret)
		return ret;
	if (!out->size)
		return err_set(&ctx->err, -ENODATA, "the %s data decompresses to nothing",
			       format->name);
	*limit -= out->size; /* all layers stay in memory */
	return 0;
}

static int unknown_payload(struct ctx *ctx, const struct zboot *zboot)
{
	const char *name = zboot->compression;

	err_set(&ctx->err, -EOPNOTSUPP,
		"its zboot payload at %#" PRIx32 " is marked '%.*s': not a compression that this "
		"kexec knows, or not what is there",
		zboot->offset, (int)printable(name, strlen(name)), name);
	return err_hint(&ctx->err, "gzip, xz, lzma and zstd are known. Copy the file again, or "
				   "build the kernel with one of them.");
}

/* The build pads what it compresses, behind its signature, too. */
static struct bytes without_padding(struct bytes bytes)
{
	struct err ignored = { 0 };
	struct pe pe;

	if (pe_parse(bytes, &pe, &ignored))
		return bytes;
	return bytes_sub(bytes, 0, pe_signed_size(&pe));
}

static int peel_zboot(struct ctx *ctx, uint64_t *limit, struct image *image)
{
	const struct decompressor *format;
	struct zboot zboot;
	struct bytes out;
	int ret = zboot_parse(image->bytes, &zboot, &ctx->err);

	if (ret)
		return ret;
	format = compress_probe(zboot.payload);
	/* "zstd22" and "xzkern" are zstd and xz with options. */
	if (!format || strncmp(zboot.compression, format->name, strlen(format->name)))
		return unknown_payload(ctx, &zboot);
	ret = peel_compressed(ctx, format, zboot.payload, limit, &out);
	if (ret)
		return err_prefix(&ctx->err, "its zboot payload at %#" PRIx32, zboot.offset);
	return add_layer(ctx, image, "zboot", without_padding(out));
}

/* A damaged compressed kernel must not be taken for one that is not compressed. */
static int check_uimage_payload(struct ctx *ctx, const struct uimage *uimage)
{
	const struct decompressor *format = compress_probe(uimage->data);
	const char *name = uimage->compression;

	if (name && (!strcmp(name, "none") || (format && !strcmp(name, format->name))))
		return 0;
	err_set(&ctx->err, -EOPNOTSUPP,
		"uImage uses unsupported compression method: it is marked '%s', not a compression "
		"that this kexec knows, or not what is there",
		name ? name : "unknown");
	return err_hint(&ctx->err, "gzip, lzma and zstd are known, and none.");
}

static int peel_uimage(struct ctx *ctx, struct image *image)
{
	struct uimage uimage;
	int ret = uimage_parse(image->bytes, &uimage, &ctx->err);

	if (!ret)
		ret = check_uimage_payload(ctx, &uimage);
	if (ret)
		return ret;
	image->uimage_machine = uimage.machine;
	return add_layer(ctx, image, "uImage", uimage.data);
}

/* Whose initrd and command line are meant is clear only once. */
static int refuse_second(struct ctx *ctx, const struct image *image, const char *name)
{
	const char *first = image_was_in(image, "uki")	     ? "a UKI"
			    : image_was_in(image, "android") ? "an Android image"
							     : NULL;

	if (!first)
		return 0;
	return err_set(&ctx->err, -ENOEXEC, "%s in %s: it is not clear whose initrd is meant", name,
		       first);
}

/* Without white space around it, in one line. */
static const char *one_line(char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = ' ';
	while (size && text[size - 1] == ' ')
		text[--size] = '\0';
	return text + strspn(text, " ");
}

static int peel_uki(struct ctx *ctx, struct image *image)
{
	struct uki uki;
	int ret;

	/* Most kernels are PE files, too; what is known by its own header needs no other. */
	if (!pe_probe(image->bytes) || bzimage_probe(image->bytes) ||
	    arm64_image_probe(image->bytes) || riscv_image_probe(image->bytes) ||
	    zimage_probe(image->bytes))
		return 0;
	ret = uki_parse(image->bytes, &uki, &ctx->err);
	if (ret <= 0)
		return ret;
	ret = refuse_second(ctx, image, "a UKI");
	if (ret)
		return ret;
	image->ucode = uki.ucode;
	image->initrd = uki.initrd;
	image->dtb = uki.dtb;
	if (uki.cmdline.size)
		image->cmdline = one_line(arena_strndup(&ctx->arena, (const char *)uki.cmdline.data,
							uki.cmdline.size));
	if (uki.uname.size)
		image->version = printable_text(ctx, (const char *)uki.uname.data, uki.uname.size);
	return add_layer(ctx, image, "uki", uki.kernel);
}

static int peel_android(struct ctx *ctx, struct image *image)
{
	struct android_image android;
	int ret = refuse_second(ctx, image, "an Android image");

	if (!ret)
		ret = android_parse(image->bytes, &android, &ctx->err);
	if (ret)
		return ret;
	image->initrd = android.ramdisk;
	image->dtb = android.dtb;
	if (*android.cmdline[0].data)
		image->cmdline = one_line(arena_printf(
			&ctx->arena, "%.*s%.*s", (int)android.cmdline[0].size,
			(const char *)android.cmdline[0].data, (int)android.cmdline[1].size,
			android.cmdline[1].size ? (const char *)android.cmdline[1].data : ""));
	return add_layer(ctx, image, "android", android.kernel);
}

static int peel_ppc_zimage(struct ctx *ctx, struct image *image)
{
	struct bytes kernel, initrd;
	int ret = ppc_zimage_parse(image->bytes, &kernel, &initrd, &ctx->err);

	if (ret <= 0)
		return ret;
	image->initrd = initrd;
	return add_layer(ctx, image, "zImage", kernel);
}

/* 1: a layer was taken off, 0: nothing but a kernel is left. */
static int peel_one(struct ctx *ctx, uint64_t *limit, struct image *image)
{
	const struct decompressor *format = compress_probe(image->bytes);
	struct bytes out;
	int ret;

	if (!format && zboot_probe(image->bytes))
		return peel_zboot(ctx, limit, image);
	if (!format && uimage_probe(image->bytes))
		return peel_uimage(ctx, image);
	if (!format && android_probe(image->bytes))
		return peel_android(ctx, image);
	if (!format && elf_magic(image->bytes))
		return peel_ppc_zimage(ctx, image);
	if (!format)
		return peel_uki(ctx, image);
	ret = peel_compressed(ctx, format, image->bytes, limit, &out);
	return ret ? ret : add_layer(ctx, image, format->name, out);
}

static const char *find_version(struct ctx *ctx, struct bytes bytes)
{
	struct err ignored = { 0 };
	struct bzimage bzimage;
	struct s390_image s390;
	const char *version;
	size_t size;

	if (!bzimage_parse(bytes, &bzimage, &ignored) && bzimage.version)
		return printable_text(ctx, bzimage.version, bzimage.version_size);
	if (s390_image_probe(bytes) && !s390_image_parse(bytes, &s390, &ignored) &&
	    s390.version.size)
		return arena_strndup(&ctx->arena, (const char *)s390.version.data,
				     s390.version.size);
	if (linux_banner(bytes, &version, &size)) {
		const size_t skip = sizeof(LINUX_BANNER) - 1;

		return arena_strndup(&ctx->arena, version + skip, size - skip);
	}
	return NULL;
}

int image_peel(struct ctx *ctx, const char *name, struct bytes bytes, uint64_t limit,
	       struct image *image)
{
	const char *version;
	int ret;

	*image = (struct image){ .name = name, .bytes = bytes };
	do
		ret = peel_one(ctx, &limit, image);
	while (ret > 0);
	if (ret)
		return prefix_layers(ctx, image);
	version = find_version(ctx, image->bytes);
	if (version)
		image->version = version;
	return 0;
}

bool image_was_in(const struct image *image, const char *layer)
{
	for (size_t i = 0; i < image->layers; i++)
		if (!strcmp(image->layer[i], layer))
			return true;
	return false;
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
