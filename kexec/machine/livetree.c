/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live device tree: a directory is a node, a file is a property. */
#include "livetree.h"

#include <errno.h>

const char *const livetree_directories[2] = { "/sys/firmware/devicetree/base",
					      "/proc/device-tree" };

int livetree_open(struct ctx *ctx, const struct sysroot *root, struct livetree *tree)
{
	*tree = (struct livetree){ .ctx = ctx, .root = root };
	for (size_t i = 0; i < ARRAY_SIZE(livetree_directories); i++) {
		if (sysroot_exists(ctx, root, livetree_directories[i])) {
			tree->base = livetree_directories[i];
			return 0;
		}
	}
	err_set(&ctx->err, -ENOENT, "There is no %s",
		sysroot_path(ctx, root, livetree_directories[1]));
	return err_hint(&ctx->err, "Mount procfs on /proc and sysfs on /sys.");
}

const char *livetree_path(const struct livetree *tree, const char *name)
{
	return arena_printf(&tree->ctx->arena, "%s/%s", tree->base, name);
}

int livetree_malformed(const struct livetree *tree, const char *name, const char *why)
{
	return err_set(&tree->ctx->err, -ENOEXEC, "%s: %s",
		       sysroot_path(tree->ctx, tree->root, livetree_path(tree, name)), why);
}

int livetree_bytes(const struct livetree *tree, const char *name, struct bytes *out)
{
	int ret = sysroot_read(tree->ctx, tree->root, livetree_path(tree, name), out);

	if (!ret)
		return 1;
	if (ret != -ENOENT && ret != -ENOTDIR)
		return ret;
	err_clear(&tree->ctx->err);
	return 0;
}

int livetree_string(const struct livetree *tree, const char *name, const char **out)
{
	struct bytes bytes;
	int ret = livetree_bytes(tree, name, &bytes);

	if (ret <= 0)
		return ret;
	*out = (const char *)bytes.data;
	return memchr(bytes.data, '\0', bytes.size)
		       ? 1
		       : livetree_malformed(tree, name, "not a string");
}

int livetree_number(const struct livetree *tree, const char *name, uint64_t *out)
{
	struct bytes bytes;
	int ret = livetree_bytes(tree, name, &bytes);

	if (ret <= 0)
		return ret;
	if (bytes.size != sizeof(uint32_t) && bytes.size != sizeof(uint64_t))
		return livetree_malformed(
			tree, name,
			arena_printf(&tree->ctx->arena,
				     "expected a number of 4 or 8 bytes, found %zu", bytes.size));
	*out = get_cells(bytes.data, bytes.size / sizeof(uint32_t));
	return 1;
}

int livetree_cells(const struct livetree *tree, const char *name, uint64_t otherwise,
		   uint64_t *cells)
{
	int ret = livetree_number(tree, name, cells);

	if (!ret)
		*cells = otherwise;
	return ret < 0 ? ret : 0;
}

int livetree_needed(struct livetree *tree, const char *name, uint64_t *out)
{
	int ret = livetree_number(tree, name, out);

	if (!ret)
		tree->missing = arena_join(&tree->ctx->arena, tree->missing, ", ",
					   sysroot_path(tree->ctx, tree->root,
							livetree_path(tree, name)));
	return ret;
}

int livetree_list(const struct livetree *tree, const char *name, char ***names)
{
	return sysroot_list(tree->ctx, tree->root, livetree_path(tree, name), names);
}
