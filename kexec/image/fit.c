/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIT images: a flattened tree whose /images are kernels, ramdisks and device trees, and whose
 * /configurations combine them (U-Boot: doc/usage/fit/source_file_format.rst).
 */
#include "fit.h"

#include <errno.h>

#ifdef HAVE_LIBFDT

#include <inttypes.h>
#include <libfdt.h>

#include "banner.h"
#include "checksum.h"
#include "core/file.h"
#include "core/range.h"
#include "flat_tree.h"

#define HEADER_VERSION 20 /* offset */
#define HEADER_NAMES_SIZE 32 /* offset of the size of all properties' names */
#define LARGEST_NAMES (64u << 10) /* libfdt looks for the end of a name once per property */
#define OLDEST_VERSION 16 /* libfdt does not check older ones well */
#define EXTERNAL_ALIGN 4
#define NAMES_SIZE 200 /* characters of an error that lists configurations */
#define MOST_HASHES 16 /* of one image: each hash reads all its bytes */

struct reader {
	struct ctx *ctx;
	const char *name;
	struct bytes file;
	const void *fdt;
	uint32_t size; /* of the tree; external data may follow */
	int images; /* node */
	bool is_signed;
};

/* A text in the file that is printed. */
static const char *clean(const struct reader *r, const char *text)
{
	return printable_text(r->ctx, text, strlen(text));
}

static int damaged(const struct reader *r, const char *reason)
{
	err_set(&r->ctx->err, -ENOEXEC, "this FIT image is damaged: %s", reason);
	return err_hint(&r->ctx->err, "Copy or build the file again.");
}

/* libfdt needs a tree at a multiple of 8. */
static int align_tree(struct reader *r)
{
	void *copy;

	if ((uintptr_t)r->fdt % 8 == 0)
		return 0;
	copy = map_anonymous(r->ctx, r->size);
	if (!copy)
		return err_set(&r->ctx->err, -ENOMEM, "no memory for %" PRIu32 " bytes", r->size);
	memcpy(copy, r->fdt, r->size);
	r->fdt = copy;
	return 0;
}

static int check_tree(struct reader *r)
{
	size_t at;
	int ret;

	if (!bytes_has(r->file, HEADER_NAMES_SIZE, 4))
		return damaged(r, "its header is cut short");
	r->fdt = r->file.data;
	r->size = get_be32(r->file.data + 4);
	if (r->size > r->file.size || r->size > INT32_MAX) {
		err_set(&r->ctx->err, -ENOEXEC,
			"this FIT image is cut short: its tree has %" PRIu32
			" bytes, the file has %zu",
			r->size, r->file.size);
		return err_hint(&r->ctx->err, "Copy or build the file again.");
	}
	if (get_be32(r->file.data + HEADER_VERSION) < OLDEST_VERSION)
		return damaged(r, "the version of its tree is below 16");
	if (get_be32(r->file.data + HEADER_NAMES_SIZE) > LARGEST_NAMES)
		return damaged(r, "the names of its properties take more than 64 KiB");
	ret = align_tree(r);
	if (ret)
		return ret;
	ret = flat_tree_check((struct bytes){ r->fdt, r->size }, &at);
	if (!ret && !fdt_get_name(r->fdt, 0, &ret))
		return damaged(r, "its tree has no root");
	if (ret >= 0)
		return 0;
	return damaged(r, at ? arena_printf(&r->ctx->arena, "%s at offset 0x%zx", fdt_strerror(ret),
					    at)
			     : fdt_strerror(ret));
}

/* The text of a property; NULL: no such property, or not a text. */
static const char *text_of(const struct reader *r, int node, const char *property)
{
	int size;
	const char *text = fdt_getprop(r->fdt, node, property, &size);

	return text && size > 0 && memchr(text, 0, (size_t)size) ? text : NULL;
}

static bool number_of(const struct reader *r, int node, const char *property, uint32_t *number)
{
	int size;
	const void *data = fdt_getprop(r->fdt, node, property, &size);

	if (!data || size != 4)
		return false;
	*number = get_be32(data);
	return true;
}

static const char *node_name(const struct reader *r, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);

	return name ? name : "";
}

/* Finds an image's bytes: the property "data", or a part of the file after the tree. */
static int find_data(const struct reader *r, int node, struct bytes *out)
{
	uint32_t offset, size;
	uint64_t start;
	int length;
	const void *data = fdt_getprop(r->fdt, node, "data", &length);

	if (data) {
		*out = (struct bytes){ data, (size_t)length };
		return 0;
	}
	if (number_of(r, node, "data-position", &offset))
		start = offset;
	else if (number_of(r, node, "data-offset", &offset))
		start = round_up(r->size, EXTERNAL_ALIGN) + offset;
	else
		return damaged(r, "it has neither data nor data-position nor data-offset");
	if (!number_of(r, node, "data-size", &size))
		return damaged(r, "its data-size is missing");
	if (!bytes_has(r->file, start, size)) {
		err_set(&r->ctx->err, -ENOEXEC,
			"its data, [0x%" PRIx64 ", 0x%" PRIx64
			"), is not inside the 0x%zx bytes of "
			"the file",
			start, start + size, r->file.size);
		return err_hint(&r->ctx->err, "Copy or build the file again.");
	}
	*out = bytes_sub(r->file, start, size);
	return 0;
}

static int check_hash(const struct reader *r, int node, struct bytes bytes)
{
	const char *algorithm = text_of(r, node, "algo");
	uint8_t found[CHECKSUM_MAX];
	size_t size;
	int length;
	const void *expected = fdt_getprop(r->fdt, node, "value", &length);

	if (!algorithm || !expected)
		return damaged(r, "a hash has no algo or no value");
	size = checksum_of(algorithm, bytes, found);
	if (!size) {
		log_warn(&r->ctx->log, "%s: hash algorithm %s is unknown here: it is not checked",
			 r->name, clean(r, algorithm));
		return 0;
	}
	if ((size_t)length == size && !memcmp(expected, found, size))
		return 0;
	err_set(&r->ctx->err, -ENOEXEC, "its %s checksum does not match", algorithm);
	return err_hint(&r->ctx->err, "The file is damaged: copy or build it again.");
}

/* Checks the hashes of an image, and notes whether its node has a signature. */
static int check_hashes(struct reader *r, int node, struct bytes bytes)
{
	int child, hashes = 0, ret = 0;

	fdt_for_each_subnode(child, r->fdt, node)
	{
		const char *name = node_name(r, child);

		if (!strncmp(name, "signature", strlen("signature")))
			r->is_signed = true;
		if (ret || !bytes.size || strncmp(name, "hash", strlen("hash")))
			continue;
		if (++hashes > MOST_HASHES)
			ret = damaged(r, arena_printf(&r->ctx->arena, "it has more than %d hashes",
						      MOST_HASHES));
		else
			ret = check_hash(r, child, bytes);
	}
	return ret;
}

static bool is_one_of(const char *text, const char *const *texts)
{
	for (; *texts; texts++)
		if (!strcmp(text, *texts))
			return true;
	return false;
}

static int check_type(const struct reader *r, int node, const char *const *types)
{
	const char *type = text_of(r, node, "type"), *os = text_of(r, node, "os");

	if (!type)
		return damaged(r, "its type is missing");
	if (os && strcmp(os, "linux"))
		return err_set(&r->ctx->err, -ENOEXEC, "its os is '%s', linux is expected",
			       clean(r, os));
	if (is_one_of(type, types))
		return 0;
	return err_set(&r->ctx->err, -ENOEXEC, "its type is '%s'", clean(r, type));
}

static int read_image(struct reader *r, int node, const char *const *types, struct fit_part *out)
{
	int ret = check_type(r, node, types);

	if (!ret)
		ret = find_data(r, node, &out->bytes);
	if (!ret && !out->bytes.size)
		ret = damaged(r, "it is empty");
	if (!ret)
		ret = check_hashes(r, node, out->bytes);
	out->compression = text_of(r, node, "compression");
	return ret ? err_prefix(&r->ctx->err, "image %s", clean(r, node_name(r, node))) : 0;
}

/* The node that a property of the configuration names. */
static int find_named(const struct reader *r, int config, const char *property, int size, int *node)
{
	const char *name = text_of(r, config, property);

	if (!name)
		return damaged(r, "it is not a name");
	if ((size_t)size > strlen(name) + 1)
		return err_set(&r->ctx->err, -EOPNOTSUPP,
			       "it names several images, such as overlays, which kexec does not "
			       "combine");
	*node = fdt_subnode_offset(r->fdt, r->images, name);
	if (*node >= 0)
		return 0;
	damaged(r, "there is no such image");
	return err_prefix(&r->ctx->err, "image %s", clean(r, name));
}

/* The image that a property of the configuration names; no such property: *out stays empty. */
static int read_named(struct reader *r, int config, const char *property, const char *const *types,
		      struct fit_part *out)
{
	int size, node = -1, ret;

	if (!fdt_getprop(r->fdt, config, property, &size))
		return 0;
	ret = find_named(r, config, property, size, &node);
	if (!ret)
		ret = read_image(r, node, types, out);
	return ret ? err_prefix(&r->ctx->err, "configuration %s: %s",
				clean(r, node_name(r, config)), property)
		   : 0;
}

/* Without configurations, reads the only image of these types; no image: *out stays empty. */
static int read_only(struct reader *r, const char *const *types, struct fit_part *out)
{
	int child, node = -1;

	fdt_for_each_subnode(child, r->fdt, r->images)
	{
		const char *type = text_of(r, child, "type");

		if (!type || !is_one_of(type, types))
			continue;
		if (node >= 0)
			return err_set(&r->ctx->err, -ENOEXEC,
				       "this FIT image has several images of type %s, and no "
				       "configurations to choose from",
				       *types);
		node = child;
	}
	return node < 0 ? 0 : read_image(r, node, types, out);
}

static int read_part(struct reader *r, int config, const char *property, const char *const *types,
		     struct fit_part *out)
{
	return config < 0 ? read_only(r, types, out) : read_named(r, config, property, types, out);
}

/* The names, separated by commas; of many names the first ones. */
static const char *config_names(const struct reader *r, int configs)
{
	const char *names = "";
	int node;

	fdt_for_each_subnode(node, r->fdt, configs)
	{
		names = arena_join(&r->ctx->arena, names, ", ", clean(r, node_name(r, node)));
		if (strlen(names) > NAMES_SIZE)
			return arena_printf(&r->ctx->arena, "%.*s ...", NAMES_SIZE, names);
	}
	return names;
}

/* *config: -1: there are no configurations. */
static int find_config(const struct reader *r, const char *wanted, int *config)
{
	int configs = fdt_path_offset(r->fdt, "/configurations");
	const char *name = wanted;

	*config = -1;
	if (configs < 0)
		return wanted ? err_set(&r->ctx->err, -EINVAL,
					"this FIT image has no configurations")
			      : 0;
	if (!name)
		name = text_of(r, configs, "default");
	if (name)
		*config = fdt_subnode_offset(r->fdt, configs, name);
	else /* the only configuration, if the file has one */
		*config = fdt_first_subnode(r->fdt, configs);
	if (*config >= 0 && (name || fdt_next_subnode(r->fdt, *config) < 0))
		return 0;
	if (name)
		err_set(&r->ctx->err, wanted ? -EINVAL : -ENOEXEC,
			"this FIT image has no configuration %s", clean(r, name));
	else
		err_set(&r->ctx->err, -ENOEXEC, "this FIT image has no default configuration");
	return err_hint(&r->ctx->err, "--fit-config=NAME chooses one of: %s.",
			config_names(r, configs));
}

static int read_parts(struct reader *r, int config, struct fit *out)
{
	static const char *const kernels[] = { "kernel", "kernel_noload", NULL };
	static const char *const ramdisks[] = { "ramdisk", NULL };
	static const char *const trees[] = { "flat_dt", NULL };
	int ret = read_part(r, config, "kernel", kernels, &out->kernel);

	if (!ret && !out->kernel.bytes.size)
		ret = err_set(&r->ctx->err, -ENOEXEC,
			      "configuration %s of this FIT image has no "
			      "kernel",
			      clean(r, node_name(r, config)));
	if (!ret)
		ret = read_part(r, config, "ramdisk", ramdisks, &out->ramdisk);
	if (!ret)
		ret = read_part(r, config, "fdt", trees, &out->dtb);
	if (!ret && config >= 0)
		ret = check_hashes(r, config, (struct bytes){ 0 });
	return ret;
}

static void warn_of_rest(const struct reader *r, int config)
{
	if (r->is_signed)
		log_warn(&r->ctx->log, "%s: the signatures in this FIT image are not checked",
			 r->name);
	if (config >= 0 && fdt_getprop(r->fdt, config, "loadables", NULL))
		log_warn(&r->ctx->log, "%s: the loadables of configuration %s are not loaded",
			 r->name, clean(r, node_name(r, config)));
}

int fit_parse(struct ctx *ctx, const char *name, struct bytes bytes, const char *config,
	      struct fit *out)
{
	struct reader r = { .ctx = ctx, .name = name, .file = bytes };
	int node = -1, ret = check_tree(&r);

	*out = (struct fit){ 0 };
	if (ret)
		return ret;
	r.images = fdt_path_offset(r.fdt, "/images");
	if (r.images < 0)
		return 0;
	ret = find_config(&r, config, &node);
	if (!ret)
		ret = read_parts(&r, node, out);
	if (ret)
		return ret;
	warn_of_rest(&r, node);
	return 1;
}

#else

int fit_parse(struct ctx *ctx, const char *name, struct bytes bytes, const char *config,
	      struct fit *out)
{
	(void)name;
	(void)bytes;
	(void)config;
	*out = (struct fit){ 0 };
	err_set(&ctx->err, -EOPNOTSUPP,
		"a FIT image or a device tree, and this kexec was built without libfdt, which "
		"reads it");
	return err_hint(&ctx->err, "Build kexec with --with-libfdt, or unpack the image.");
}

#endif
