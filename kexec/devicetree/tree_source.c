/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a device tree: a file, or the running kernel's. */
#include <errno.h>

#include "devicetree.h"

#define LIVE_BLOB "/sys/firmware/fdt"

static int from_file(struct ctx *ctx, const char *name, struct devicetree *out)
{
	struct bytes bytes;

	if (file_read(ctx, name, 0, &bytes)) {
		err_prefix(&ctx->err, "--dtb");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	return devicetree_check(ctx, name, bytes, out);
}

int devicetree_find(struct ctx *ctx, const char *dtb, const struct sysroot *root,
		    struct devicetree *out)
{
	struct bytes bytes;
	int ret;

	if (dtb)
		return from_file(ctx, dtb, out);
	ret = sysroot_read(ctx, root, LIVE_BLOB, &bytes);
	if (!ret)
		return devicetree_check(ctx, sysroot_path(ctx, root, LIVE_BLOB), bytes, out);
	if (ret != -ENOENT)
		log_warn(&ctx->log, "%s: the next kernel's device tree is put together from /proc",
			 ctx->err.what);
	err_clear(&ctx->err);
	ret = devicetree_flatten(ctx, root, out);
	if (ret != -ENOENT)
		return ret;
	err_clear(&ctx->err);
	err_set(&ctx->err, -ENOENT, "No device tree: there is no %s and no /proc/device-tree",
		LIVE_BLOB);
	err_hint(&ctx->err, "Name a device tree with --dtb=FILE.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}
