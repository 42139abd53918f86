/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the next kernel and purgatory are told of the machine: device tree, serial port. */
#include "arm64.h"

#include "../../machine/tty.h"

/* A tree of the user's or the image's; the running kernel's may be missing, which is fine. */
static void warn_of_other_board(struct ctx *ctx, const struct request *req,
				const struct machine *machine, const struct devicetree *tree)
{
	struct request without = *req;
	struct devicetree running;

	without.dtb = NULL;
	if (devicetree_find(ctx, &without, machine->root, &running)) {
		err_clear(&ctx->err);
		return;
	}
	if (!devicetree_same_board(tree, &running))
		log_warn(&ctx->log, "%s is the device tree of another board than this one",
			 tree->name);
}

int arm64_find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, struct devicetree *tree)
{
	bool own = !req->dtb && image->dtb.size;
	int ret;

	if (own)
		ret = devicetree_check(ctx, arena_printf(&ctx->arena, "%s (.dtb)", image->name),
				       image->dtb, tree);
	else
		ret = devicetree_find(ctx, req, machine->root, tree);
	if (!ret && (own || req->dtb))
		warn_of_other_board(ctx, req, machine, tree);
	return ret;
}

void arm64_serial(struct ctx *ctx, const struct request *req, const struct machine *machine,
		  const char *cmdline, struct purgatory_params *params)
{
	const char *why = "the next kernel's command line has no earlycon= with an address";
	struct tty tty = { 0 };
	bool found = false;

	if (!req->console_serial)
		return;
	if (req->serial) {
		found = !tty_find(ctx, machine->root, req->serial, &tty);
		why = arena_strdup(&ctx->arena, ctx->err.what);
		err_clear(&ctx->err);
	}
	if (!found && !tty_from_earlycon(ctx, cmdline, &tty)) {
		log_warn(&ctx->log, "purgatory will be silent: %s", why);
		return;
	}
	params->serial_kind = tty.kind;
	params->serial_base = tty.base;
	params->serial_shift = tty.shift;
	params->serial_baud = req->serial_baud;
}
