/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device tree for the next kernel: from --dtb, or for --force-dtb the running kernel's.  A kernel
 * with CONFIG_OF reads it from setup_data (Linux: arch/x86/kernel/devicetree.c).
 */
#include "x86.h"

#include <errno.h>

#define LIVE_TREE "/sys/firmware/fdt"

#define MAGIC 0xd00dfeedu
#define TOTAL_SIZE 4 /* offsets in the header, u32 */
#define VERSION 20
#define HEADER_SIZE 40
#define OLDEST_VERSION 16

static int refuse(struct ctx *ctx, const char *name, size_t at, const char *why)
{
	err_set(&ctx->err, -ENOEXEC, "%s: damaged device tree: %s%s", name, why,
		at ? arena_printf(&ctx->arena, " at offset 0x%zx", at) : "");
	err_hint(&ctx->err, "Copy or compile it again.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* *tree: the file's bytes up to the end of the tree. */
static int check_header(struct ctx *ctx, const char *name, struct bytes file, struct bytes *tree)
{
	if (file.size < HEADER_SIZE || get_be32(file.data) != MAGIC) {
		err_set(&ctx->err, -ENOEXEC, "%s: not a device tree blob", name);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	*tree = (struct bytes){ file.data, get_be32(file.data + TOTAL_SIZE) };
	if (tree->size > file.size)
		return refuse(ctx, name, 0, "it is cut short");
	if (tree->size < HEADER_SIZE)
		return refuse(ctx, name, 0, "its header is longer than the tree");
	if (get_be32(file.data + VERSION) < OLDEST_VERSION)
		return refuse(ctx, name, 0, "its version is below 16");
	return 0;
}

#ifdef HAVE_LIBFDT

#include <libfdt.h>

#include "image/flat_tree.h"

static int check_nodes(struct ctx *ctx, const char *name, struct bytes tree)
{
	size_t at;
	int ret = flat_tree_check(tree, &at);

	return ret ? refuse(ctx, name, at, fdt_strerror(ret)) : 0;
}

#else

static int check_nodes(struct ctx *ctx, const char *name, struct bytes tree)
{
	(void)tree;
	log_debug(&ctx->log, "%s: only its header is checked: kexec was built without libfdt",
		  name);
	return 0;
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

static int read_file(struct ctx *ctx, const char *name, struct bytes *out)
{
	struct file file;

	if (file_open(ctx, name, 0, &file)) {
		err_prefix(&ctx->err, "--dtb");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	*out = file.bytes;
	file_close(&file);
	return 0;
}

int x86_read_tree(struct ctx *ctx, const struct load *load, struct machine_x86 *x86)
{
	const char *name = load->req->dtb;
	struct bytes bytes = { 0 };
	int ret = 0;

	if (name) {
		ret = read_file(ctx, name, &bytes);
	} else if (load->req->force_dtb) {
		name = sysroot_path(ctx, load->root, LIVE_TREE);
		ret = read_live(ctx, load, &bytes);
	}
	if (ret || !bytes.size)
		return ret;
	ret = check_header(ctx, name, bytes, &x86->tree);
	return ret ? ret : check_nodes(ctx, name, x86->tree);
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
