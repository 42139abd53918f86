/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port on which purgatory prints, on machines whose ports have registers in memory. */
#include <errno.h>

#include "boot.h"

void boot_look_for_tty(struct ctx *ctx, struct load *load)
{
	if (!load->req->serial || !tty_find(ctx, load->root, load->req->serial, &load->tty))
		return;
	load->tty = (struct tty){ 0 };
	load->tty_why = arena_strdup(&ctx->arena, ctx->err.what);
	err_clear(&ctx->err);
}

static int port_of_earlycon(struct ctx *ctx, const char *cmdline, const struct devicetree *tree,
			    tree_port *port, struct tty *tty)
{
	if (tty_from_earlycon(ctx, cmdline, tty))
		return 0;
	if (port && tty_earlycon_of_firmware(cmdline))
		return port(ctx, tree, tty);
	return err_set(&ctx->err, -ENOENT,
		       "the next kernel's command line has no earlycon with a port that "
		       "purgatory knows");
}

/* Finds the port: --serial's first, then earlycon's.  *why: reason if there is no port. */
static int find_port(struct ctx *ctx, const struct load *load, const char *cmdline,
		     const struct devicetree *tree, tree_port *port, struct tty *tty,
		     const char **why)
{
	*tty = load->tty;
	if (load->req->serial && !load->tty_why)
		return 0;
	*why = load->tty_why;
	if (!port_of_earlycon(ctx, cmdline, tree, port, tty)) {
		if (*why)
			log_warn(&ctx->log, "purgatory will use earlycon's port: %s", *why);
		return 0;
	}
	if (!*why)
		*why = arena_strdup(&ctx->arena, ctx->err.what);
	err_clear(&ctx->err);
	return -ENOENT;
}

void boot_serial(struct ctx *ctx, const struct load *load, const struct devicetree *tree,
		 tree_port *port, struct plan *plan)
{
	struct purgatory_params *params = &plan->params;
	const char *why = NULL;
	struct tty tty;

	if (!load->req->console_serial)
		return;
	if (find_port(ctx, load, plan->cmdline, tree, port, &tty, &why)) {
		log_warn(&ctx->log, "purgatory will %s: %s",
			 params->serial_kind ? "print on the firmware's console" : "be silent",
			 why);
		return;
	}
	params->serial_kind = tty.kind;
	params->serial_base = tty.base;
	params->serial_shift = tty.shift;
	params->serial_baud = load->req->serial_baud;
}
