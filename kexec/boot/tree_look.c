/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The look at the running system for plans with a device tree: tree, kept initrd, port. */
#include <errno.h>
#include <inttypes.h>

#include "image/appended_trees.h"
#include "plan/next_cmdline.h"
#include "tree_boot.h"

#define INITRD_BLOCK (2u << 20) /* kernels map and reserve an initrd by blocks of this size */

void tree_warn_of_other_board(struct ctx *ctx, const struct devicetree *tree,
			      const struct devicetree *running)
{
	if (running && !devicetree_same_board(tree, running))
		log_warn(&ctx->log, "%s is the device tree of another board than this one",
			 tree->name);
}

void tree_warn_of_several(struct ctx *ctx, const struct load *load, size_t count)
{
	if (count > 1)
		log_warn(&ctx->log,
			 "%s has %zu device trees: the first is used, --dtb names another",
			 load->image.name, count);
}

/* A missing tree is not an error yet: the kernel may have one appended. */
static int find_tree(struct ctx *ctx, struct load *load, struct devicetree *tree)
{
	const struct image *image = &load->image;
	const char *dtb = load->req->dtb;
	struct err *why;
	size_t more;
	int ret;

	if (image->dtb.size && (!dtb || next_keeps_inside(ctx, load, "device tree"))) {
		appended_trees(image->dtb, &more);
		tree_warn_of_several(ctx, load, 1 + more);
		ret = devicetree_check(ctx, arena_printf(&ctx->arena, "%s (.dtb)", image->name),
				       image->dtb, tree);
	} else {
		ret = devicetree_find(ctx, dtb, load->root, tree);
	}
	if (ret == -ENOENT && !dtb) {
		why = arena_alloc(&ctx->arena, sizeof(*why));
		*why = ctx->err;
		load->no_tree = why;
		err_clear(&ctx->err);
		return 0;
	}
	load->tree = tree;
	return ret;
}

int tree_may_keep_initrd(struct ctx *ctx, const struct load *load, struct range initrd)
{
	const struct request *req = load->req;

	if (req->initrd_count)
		return err_set(&ctx->err, -EINVAL, "--reuseinitrd contradicts --initrd");
	if (req->crash)
		return err_set(
			&ctx->err, -EINVAL,
			"--reuseinitrd: a crash kernel's initrd must lie in its reservation");
	if (!cmdline_has_param(load->machine.cmdline, "retain_initrd"))
		return err_set(&ctx->err, -EINVAL,
			       "unrecoverable error: current boot didn't retain the initrd for "
			       "reuse.");
	if (range_empty(initrd))
		return err_set(&ctx->err, -ENOENT,
			       "--reuseinitrd: the running kernel got no initrd from its loader");
	return 0;
}

static int keep_initrd(struct ctx *ctx, struct load *load)
{
	struct range initrd = { 0 }, blocks;
	struct devicetree running;
	int ret = devicetree_find(ctx, NULL, load->root, &running);

	if (ret)
		return err_prefix(&ctx->err, "--reuseinitrd");
	if (!devicetree_initrd(&running, &initrd))
		initrd = (struct range){ 0 };
	ret = tree_may_keep_initrd(ctx, load, initrd);
	if (ret)
		return ret;
	blocks.start = align_down(initrd.start, INITRD_BLOCK);
	if (!align_up(initrd.end, INITRD_BLOCK, &blocks.end))
		return err_set(&ctx->err, -EINVAL,
			       "%s: the initrd ends at 0x%" PRIx64 ", past the address space",
			       running.name, initrd.end);
	range_set_subtract(&ctx->arena, &load->machine.ram, blocks);
	load->kept_initrd = initrd;
	return 0;
}

static void compare_boards(struct ctx *ctx, const struct load *load)
{
	struct devicetree running;

	if (!load->tree || !(load->req->dtb || load->image.dtb.size))
		return;
	if (!devicetree_find(ctx, NULL, load->root, &running))
		tree_warn_of_other_board(ctx, load->tree, &running);
	err_clear(&ctx->err);
}

/* Of a baked image: --dtb's, or an empty tree, because the start code gets that of the machine. */
static int find_baked_tree(struct ctx *ctx, struct load *load, struct devicetree *tree)
{
	load->tree = tree;
	if (load->req->dtb)
		return devicetree_find(ctx, load->req->dtb, load->root, tree);
	devicetree_empty(tree);
	return 0;
}

int tree_look(struct ctx *ctx, struct load *load)
{
	struct devicetree *tree = arena_alloc(&ctx->arena, sizeof(*tree));
	int ret;

	if (load->req->bake)
		return find_baked_tree(ctx, load, tree);
	ret = load->req->reuse_initrd ? keep_initrd(ctx, load) : 0;
	if (ret)
		return ret;
	boot_look_for_tty(ctx, load);
	if (load->req->atags)
		return 0;
	ret = find_tree(ctx, load, tree);
	if (!ret)
		compare_boards(ctx, load);
	return ret;
}

const char *tree_kept_cmdline(struct ctx *ctx, const struct sysroot *root)
{
	struct devicetree tree;

	/* kexec_file_load passes no --dtb on: the running kernel's tree counts. */
	if (!devicetree_find(ctx, NULL, root, &tree))
		return devicetree_bootargs(&tree);
	sysroot_go_without(ctx);
	return NULL;
}
