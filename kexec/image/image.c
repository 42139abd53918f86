/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes compression and containers off a kernel file, layer by layer, and finds its version. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "android.h"
#include "appended_trees.h"
#include "banner.h"
#include "compress/compress.h"
#include "elf/elf_file.h"
#include "fit.h"
#include "image.h"
#include "pe.h"
#include "uimage.h"
#include "uki.h"
#include "zboot.h"

/* The error of a layer names the file and the way to the layer.  A damaged image is refused. */
static int prefix_layers(struct ctx *ctx, const struct image *image)
{
	for (size_t i = image->layers; i > 0; i--)
		err_prefix(&ctx->err, "inside its %s data", image->layer[i - 1]);
	err_prefix(&ctx->err, "%s", image->name);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
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

/* Returns the bytes without the device trees after them, which are kept in image. */
static struct bytes cut_trees(struct ctx *ctx, struct image *image, struct bytes bytes)
{
	size_t count;
	struct bytes trees = appended_trees(bytes, &count);

	if (!trees.size)
		return bytes;
	log_debug(&ctx->log, "%s: %zu device trees of %zu bytes follow", image->name, count,
		  trees.size);
	image->trees = trees;
	image->tree_count = count;
	return bytes_sub(bytes, 0, bytes.size - trees.size);
}

static int peel_compressed(struct ctx *ctx, const struct decompressor *format, struct bytes in,
			   struct image *image, struct bytes *out)
{
	int ret = decompress(ctx, format, cut_trees(ctx, image, in), image->room, out);

	if (ret)
		return ret;
	if (!out->size)
		return err_set(&ctx->err, -ENODATA, "the %s data decompresses to nothing",
			       format->name);
	image->room -= out->size;
	return 0;
}

static int unknown_payload(struct ctx *ctx, const struct zboot *zboot)
{
	const char *name = zboot->compression;

	err_set(&ctx->err, -EOPNOTSUPP,
		"its zboot payload at 0x%" PRIx32 " is marked '%.*s': not a compression that this "
		"kexec knows, or not what is there",
		zboot->offset, (int)printable_size(name, strlen(name)), name);
	return err_hint(&ctx->err,
			"This kexec knows: %s. Copy the file again, or build the kernel with one "
			"of them.",
			compress_names(ctx));
}

/* The kernel's build pads the bytes that it compresses, even after their signature. */
static struct bytes without_padding(struct bytes bytes)
{
	struct pe pe;

	if (pe_parse(bytes, &pe, NULL))
		return bytes;
	return bytes_sub(bytes, 0, pe_signed_size(&pe));
}

static int peel_zboot(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	const struct decompressor *format;
	struct zboot zboot;
	int ret = zboot_parse(image->bytes, &zboot, &ctx->err);

	if (ret)
		return ret;
	format = compress_probe(zboot.payload);
	/* "zstd22" and "xzkern" are zstd and xz with options. */
	if (!format || strncmp(zboot.compression, format->name, strlen(format->name)))
		return unknown_payload(ctx, &zboot);
	ret = peel_compressed(ctx, format, zboot.payload, image, inside);
	if (ret)
		return err_prefix(&ctx->err, "its zboot payload at 0x%" PRIx32, zboot.offset);
	*inside = without_padding(*inside);
	return 1;
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
	return err_hint(&ctx->err, "This kexec knows: %s.", compress_names(ctx));
}

static int peel_uimage(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct uimage uimage;
	int ret = uimage_parse(image->bytes, UIMAGE_KERNEL, &uimage, &ctx->err);

	if (!ret)
		ret = check_uimage_payload(ctx, &uimage);
	if (ret)
		return ret;
	image->uimage_machine = uimage.machine;
	*inside = uimage.data;
	return 1;
}

/* The text in one line, without white space around it.  Changes text. */
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

static const char *section_line(struct ctx *ctx, struct bytes section)
{
	return one_line(arena_strndup(&ctx->arena, (const char *)section.data, section.size));
}

static bool same_bytes(struct bytes a, struct bytes b)
{
	return a.size == b.size && bytes_match(a, 0, b.data, b.size);
}

/* The reason why the UKI's own stub ignores an add-on; NULL: no reason. */
static const char *why_ignored(struct ctx *ctx, const struct uki *uki, const struct uki *addon)
{
	if (addon->machine != uki->machine)
		return arena_printf(&ctx->arena, "it is for machine 0x%x, the UKI for 0x%x",
				    addon->machine, uki->machine);
	if (!uki->uname.size || !addon->uname.size || same_bytes(uki->uname, addon->uname))
		return NULL;
	return arena_printf(&ctx->arena, "it is for the kernel '%s', not for '%s' (.uname)",
			    printable_text(ctx, (const char *)addon->uname.data, addon->uname.size),
			    printable_text(ctx, (const char *)uki->uname.data, uki->uname.size));
}

/* Adds the parts as the UKI's own stub does (systemd-stub(7), Companion Files). */
static int extend_uki(struct ctx *ctx, struct image *image, const struct uki *uki,
		      struct uki_addon *file)
{
	struct uki addon;
	const char *why;
	int ret = uki_parse_addon(file->file, &addon, &ctx->err);

	if (ret) {
		err_hint(&ctx->err, "Remove the add-on, or build it again.");
		return err_prefix(&ctx->err, "add-on %s", file->name);
	}
	why = why_ignored(ctx, uki, &addon);
	if (why) {
		log_warn(&ctx->log, "%s: the add-on %s is ignored: %s", image->name, file->name,
			 why);
		return 0;
	}
	log_debug(&ctx->log, "%s: add-on %s", image->name, file->name);
	if (addon.cmdline.size)
		image->cmdline = arena_join(&ctx->arena, image->cmdline, " ",
					    section_line(ctx, addon.cmdline));
	if (addon.dtb.size)
		image->dtb = addon.dtb;
	file->ucode = addon.ucode;
	file->initrd = addon.initrd;
	return 0;
}

static int peel_uki(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct uki uki;
	int ret = uki_parse(image->bytes, image->uki_profile, &uki, &ctx->err);

	if (ret <= 0)
		return ret;
	image->ucode = uki.ucode;
	image->initrd = uki.initrd;
	image->dtb = uki.dtb;
	if (uki.has_dtbauto)
		log_warn(&ctx->log,
			 "%s: the device trees in its .dtbauto sections are not considered",
			 image->name);
	if (uki.cmdline.size)
		image->cmdline = section_line(ctx, uki.cmdline);
	if (uki.uname.size)
		image->version = printable_text(ctx, (const char *)uki.uname.data, uki.uname.size);
	*inside = uki.kernel;
	for (size_t i = 0; i < image->addons; i++) {
		ret = extend_uki(ctx, image, &uki, &image->addon[i]);
		if (ret)
			return ret;
	}
	return 1;
}

static int peel_android(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct android_image android;
	int ret = android_parse(image->bytes, &android, &ctx->err);

	if (ret)
		return ret;
	image->initrd = android.ramdisk;
	image->dtb = android.dtb;
	if (*android.cmdline[0].data)
		image->cmdline = one_line(arena_printf(
			&ctx->arena, "%.*s%.*s", (int)android.cmdline[0].size,
			(const char *)android.cmdline[0].data, (int)android.cmdline[1].size,
			android.cmdline[1].size ? (const char *)android.cmdline[1].data : ""));
	*inside = android.kernel;
	return 1;
}

/* A part of a FIT image, without the compression that it is marked with. */
static int unpack_fit_part(struct ctx *ctx, struct image *image, const struct fit_part *part,
			   struct bytes *out)
{
	const struct decompressor *format;
	const char *name = part->compression;

	*out = part->bytes;
	if (!part->bytes.size || !name || !strcmp(name, "none"))
		return 0;
	format = compress_probe(part->bytes);
	if (format && !strcmp(name, format->name))
		return peel_compressed(ctx, format, part->bytes, image, out);
	err_set(&ctx->err, -EOPNOTSUPP,
		"it is marked '%s': not a compression that this kexec knows, or not what is there",
		printable_text(ctx, name, strlen(name)));
	return err_hint(&ctx->err, "This kexec knows: %s.", compress_names(ctx));
}

/* The kernel unpacks a ramdisk, whatever compression it is marked with. */
static int peel_fit(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct fit fit;
	int ret = fit_parse(ctx, image->name, image->bytes, image->fit_config, &fit);

	if (ret <= 0)
		return ret;
	ret = unpack_fit_part(ctx, image, &fit.kernel, inside);
	if (ret)
		return err_prefix(&ctx->err, "its kernel");
	ret = unpack_fit_part(ctx, image, &fit.dtb, &image->dtb);
	if (ret)
		return err_prefix(&ctx->err, "its device tree");
	image->initrd = fit.ramdisk.bytes;
	return 1;
}

static const struct container {
	struct image_format format;
	/* The name in messages of a container with an initrd and a command line; NULL: without. */
	const char *with_initrd;
	bool kernels_first; /* kernels pass the probe, too: their own probes are asked first */
} containers[] = {
	{ .format = { "zboot", zboot_probe, peel_zboot, NULL } },
	{ .format = { "uImage", uimage_probe, peel_uimage, NULL } },
	{ .format = { "fit", fit_probe, peel_fit, NULL }, "a FIT image" },
	{ .format = { "android", android_probe, peel_android, NULL }, "an Android image" },
	{ .format = { "uki", pe_probe, peel_uki, NULL }, "a UKI", .kernels_first = true },
};
#define CONTAINERS ARRAY_SIZE(containers)

static bool is_kernel(const struct image_format *formats, struct bytes bytes)
{
	while (formats->probe && (formats->peel || !formats->probe(bytes)))
		formats++;
	return formats->probe;
}

/* An initrd and a command line come from one container only: either could be meant. */
static int refuse_second(struct ctx *ctx, const struct image *image, const char *name)
{
	for (size_t i = 0; name && i < CONTAINERS; i++)
		if (containers[i].with_initrd && image_was_in(image, containers[i].format.name))
			return err_set(&ctx->err, -ENOEXEC,
				       "%s in %s: it is not clear whose initrd is meant", name,
				       containers[i].with_initrd);
	return 1;
}

static int peel_format(struct ctx *ctx, const struct image_format *format, const char *with_initrd,
		       struct image *image)
{
	struct bytes inside;
	int ret = format->probe(image->bytes) ? format->peel(ctx, image, &inside) : 0;

	if (ret > 0)
		ret = refuse_second(ctx, image, with_initrd);
	return ret > 0 ? add_layer(ctx, image, format->name, inside) : ret;
}

/* 1: a layer was taken off, 0: a kernel is left, or a file of an unknown format. */
static int peel_one(struct ctx *ctx, const struct image_format *formats, struct image *image)
{
	const struct decompressor *compression = compress_probe(image->bytes);
	struct bytes out;
	int ret = 0;

	if (compression) {
		ret = peel_compressed(ctx, compression, image->bytes, image, &out);
		return ret ? ret : add_layer(ctx, image, compression->name, out);
	}
	for (const struct image_format *f = formats; !ret && f->probe; f++)
		if (f->peel)
			ret = peel_format(ctx, f, NULL, image);
	for (size_t i = 0; !ret && i < CONTAINERS; i++)
		if (!containers[i].kernels_first || !is_kernel(formats, image->bytes))
			ret = peel_format(ctx, &containers[i].format, containers[i].with_initrd,
					  image);
	return ret;
}

static const char *find_version(struct ctx *ctx, const struct image_format *formats,
				struct bytes bytes)
{
	const char *version = NULL;
	size_t size;

	for (; !version && formats->probe; formats++)
		if (formats->version && formats->probe(bytes))
			version = formats->version(ctx, bytes);
	if (!version && linux_banner(bytes, &version, &size)) {
		const size_t skip = sizeof(LINUX_BANNER) - 1;

		return arena_strndup(&ctx->arena, version + skip, size - skip);
	}
	return version;
}

int image_peel(struct ctx *ctx, const char *name, struct bytes bytes,
	       const struct image_rules *rules, struct image *image)
{
	const char *version;
	int ret;

	*image = (struct image){
		.name = name,
		.bytes = bytes,
		.fit_config = rules->fit_config,
		.uki_profile = rules->uki_profile,
		.addon = rules->addon,
		.addons = rules->addons,
		.room = rules->limit,
	};
	do
		ret = peel_one(ctx, rules->formats, image);
	while (ret > 0);
	if (ret)
		return prefix_layers(ctx, image);
	image->bytes = cut_trees(ctx, image, image->bytes);
	version = find_version(ctx, rules->formats, image->bytes);
	if (version)
		image->version = version;
	return 0;
}

const char *image_kind(const struct image_format *formats, struct bytes bytes)
{
	/* "MZ" and "PE": a UKI is one, and so are most kernels. */
	static const struct {
		bool (*probe)(struct bytes bytes);
		const char *kind;
	} kinds[] = {
		{ fit_probe, "a FIT image, or a device tree" }, { elf_magic, "an ELF file" },
		{ android_probe, "an Android image" },		{ zboot_probe, "a kernel" },
		{ pe_probe, "a PE file, a UKI or a kernel" },	{ uimage_probe, "a uImage" },
	};

	if (compress_probe(bytes))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].probe(bytes))
			return kinds[i].kind;
	return is_kernel(formats, bytes) ? "a kernel" : NULL;
}

bool image_has_initrd(const struct image *image)
{
	bool found = image->ucode.size || image->initrd.size;

	for (size_t i = 0; i < image->addons; i++)
		found |= image->addon[i].ucode.size || image->addon[i].initrd.size;
	return found;
}

bool image_was_in(const struct image *image, const char *layer)
{
	for (size_t i = 0; i < image->layers; i++)
		if (!strcmp(image->layer[i], layer))
			return true;
	return false;
}

int image_open(struct ctx *ctx, const char *name, const struct image_rules *rules,
	       struct file *file, struct image *image)
{
	int ret = file_open(ctx, name, rules->limit, file);

	if (ret)
		return ret;
	/* Of an ELF kernel only the segments are loaded; debugging information may be long. */
	if (!elf_magic(file->bytes))
		ret = file_check_size(ctx, file, rules->limit);
	if (!ret)
		ret = image_peel(ctx, name, file->bytes, rules, image);
	if (ret)
		file_close(file);
	return ret;
}
