/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks a whole blob before any other code reads it (Devicetree Specification, chapter 5). */
#include <errno.h>
#include <libfdt.h>

#include "devicetree.h"
#include "image/flat_tree.h"

/* Older versions have other names and padding, and libfdt does not check them well. */
#define OLDEST_VERSION 16
#define HEADER_VERSION 20
#define HEADER_NAMES_SIZE 32 /* offset of the size of all properties' names */
#define LARGEST_NAMES (256u << 10) /* libfdt looks for the end of a name once per property */

/* Checks the fields on which libfdt relies, and cuts off the bytes after the tree. */
static int check_header(struct ctx *ctx, const char *name, struct bytes *bytes)
{
	uint32_t size, version, names = 0;

	if (!bytes_has(*bytes, HEADER_VERSION, sizeof(uint32_t)))
		return err_set(&ctx->err, -ENOEXEC, "%s: not a device tree: only %zu bytes", name,
			       bytes->size);
	if (get_be32(bytes->data) != FDT_MAGIC)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: not a device tree: it begins with 0x%08x instead of 0x%08x",
			       name, get_be32(bytes->data), FDT_MAGIC);
	version = get_be32(bytes->data + HEADER_VERSION);
	if (version < OLDEST_VERSION)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: a device tree of version %u, the oldest known is %d", name,
			       version, OLDEST_VERSION);
	size = get_be32(bytes->data + 4);
	if (size > bytes->size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: cut off: the header says %u bytes, here are %zu", name, size,
			       bytes->size);
	if (size > DEVICETREE_BUFFER)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: the header says %u bytes, at most %u make sense", name, size,
			       DEVICETREE_BUFFER);
	if (bytes_has(*bytes, HEADER_NAMES_SIZE, sizeof(uint32_t)))
		names = get_be32(bytes->data + HEADER_NAMES_SIZE);
	if (names > LARGEST_NAMES && names <= size) /* libfdt refuses larger ones */
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: the header says %u bytes of property names, at most %u make "
			       "sense",
			       name, names, LARGEST_NAMES);
	*bytes = bytes_sub(*bytes, 0, size);
	return 0;
}

/* The format and libfdt require a blob at a multiple of 8. */
static int align(struct ctx *ctx, const char *name, struct bytes *bytes)
{
	void *copy;

	if ((uintptr_t)bytes->data % 8 == 0)
		return 0;
	copy = map_anonymous(ctx, bytes->size);
	if (!copy)
		return err_set(&ctx->err, -ENOMEM, "%s: no memory for %zu bytes", name,
			       bytes->size);
	memcpy(copy, bytes->data, bytes->size);
	bytes->data = copy;
	return 0;
}

static const char *reason(int code)
{
	switch (code) {
	case -FDT_ERR_TRUNCATED: return "a part of it reaches past its end";
	case -FDT_ERR_BADSTRUCTURE: return "its nodes and properties do not fit into each other";
	case -FDT_ERR_BADVERSION: return "it is for readers of another version";
	case -FDT_ERR_BADLAYOUT: return "its parts are not where the format has them";
	default: return "it contradicts itself";
	}
}

static int check_blob(struct ctx *ctx, const char *name, struct bytes bytes)
{
	size_t at;
	int ret = flat_tree_check(bytes, &at), length;

	if (!ret && !fdt_get_name(bytes.data, 0, &length))
		ret = length; /* no root */
	if (!ret)
		return 0;
	err_set(&ctx->err, -ENOEXEC, "%s: damaged device tree: %s%s: %s", name, fdt_strerror(ret),
		at ? arena_printf(&ctx->arena, " at offset 0x%zx", at) : "", reason(ret));
	return err_hint(&ctx->err, "Copy or compile it again.");
}

int devicetree_check(struct ctx *ctx, const char *name, struct bytes bytes, struct devicetree *out)
{
	int ret = check_header(ctx, name, &bytes);

	if (!ret)
		ret = align(ctx, name, &bytes);
	if (!ret)
		ret = check_blob(ctx, name, bytes);
	if (ret)
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	*out = (struct devicetree){ name, bytes };
	return 0;
}
