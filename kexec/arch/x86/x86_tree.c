/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device tree for the next kernel: that of --dtb, or for --force-dtb the running kernel's.  A kernel
 * with CONFIG_OF takes it in its setup_data (Linux: arch/x86/kernel/devicetree.c).
 */
#include "x86.h"

#include <errno.h>
#include <inttypes.h>

#define LIVE_TREE "/sys/firmware/fdt"

#ifdef HAVE_LIBFDT

#include "devicetree/devicetree.h"

static int check_tree(struct ctx *ctx, const char *name, struct bytes file, struct bytes *tree)
{
	struct devicetree checked = { 0 };
	int ret = devicetree_check(ctx, name, file, &checked);

	*tree = checked.blob;
	return ret;
}

#else

#define MAGIC 0xd00dfeedu
#define HEADER_SIZE 40

/* Checks the header alone. */
static int check_tree(struct ctx *ctx, const char *name, struct bytes file, struct bytes *tree)
{
	uint32_t size = file.size < HEADER_SIZE ? 0 : get_be32(file.data + 4);

	*tree = (struct bytes){ file.data, size };
	if (size < HEADER_SIZE || get_be32(file.data) != MAGIC)
		err_set(&ctx->err, -ENOEXEC, "%s: not a device tree", name);
	else if (size > file.size)
		err_set(&ctx->err, -ENOEXEC,
			"%s: cut off: the header says %" PRIu32 " bytes, here are %zu", name, size,
			file.size);
	else
		return 0;
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

#endif

static int read_live(struct ctx *ctx, const struct load *load, struct bytes *out)
{
	int ret = sysroot_read_present(ctx, load->root, LIVE_TREE, out);

	if (!ret && !out->size)
		log_warn(&ctx->log, "--force-dtb: the running kernel has no device tree (%s%s)",
			 load->root->path, LIVE_TREE);
	return ret;
}

int x86_read_tree(struct ctx *ctx, const struct load *load, struct machine_x86 *x86)
{
	const char *name = load->req->dtb;
	struct bytes bytes = { 0 };
	int ret = 0;

	if (name && file_read(ctx, name, 0, &bytes)) {
		err_prefix(&ctx->err, "--dtb");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (!name && load->req->force_dtb) {
		name = sysroot_path(ctx, load->root, LIVE_TREE);
		ret = read_live(ctx, load, &bytes);
	}
	if (ret || (!load->req->dtb && !bytes.size))
		return ret;
	return check_tree(ctx, name, bytes, &x86->tree);
}

int x86_check_protocol_for_tree(struct ctx *ctx, const struct load *load, uint16_t protocol)
{
	const struct machine_x86 *x86 = load->machine.arch;

	if (!x86->tree.size || protocol >= 0x0209)
		return 0;
	return err_set(&ctx->err, -ENOTSUP,
		       "%s: a device tree needs boot protocol 2.09, and this kernel has %u.%02u",
		       load->image.name, protocol >> 8, protocol & 0xffu);
}
