/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the next kernel and purgatory are told of the machine: device tree, serial port. */
#include "boot.h"

#include <errno.h>
#include <inttypes.h>

#include "machine/tty.h"

#define INITRD_BLOCK (2u << 20)

/* A tree of the user's or the image's; the running kernel's may be missing, which is fine. */
static void warn_of_other_board(struct ctx *ctx, const struct machine *machine,
				const struct devicetree *tree)
{
	struct devicetree running;

	if (devicetree_find(ctx, NULL, machine->root, &running)) {
		err_clear(&ctx->err);
		return;
	}
	if (!devicetree_same_board(tree, &running))
		log_warn(&ctx->log, "%s is the device tree of another board than this one",
			 tree->name);
}

static int check_own_tree(struct ctx *ctx, const struct image *image, const char *where,
			  struct bytes bytes, struct devicetree *tree)
{
	return devicetree_check(ctx, arena_printf(&ctx->arena, "%s (%s)", image->name, where),
				bytes, tree);
}

/*
 * The kernel reserves it when everything has its place, and then what was loaded there is lost,
 * or its memory used twice.  On arm, /proc/iomem does not tell.
 */
static void keep_off_reserved(struct ctx *ctx, const struct devicetree *tree, struct plan *plan)
{
	struct range_set reserved;

	devicetree_reserved(ctx, tree, &reserved);
	plan->ram = range_set_copy(&ctx->arena, &plan->ram);
	for (size_t i = 0; i < reserved.count; i++)
		range_set_subtract(&ctx->arena, &plan->ram, reserved.range[i]);
}

int arch_find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, struct bytes appended, struct plan *plan,
		   struct devicetree *tree)
{
	bool own = !req->dtb && image->dtb.size;
	int ret;

	if (own)
		ret = check_own_tree(ctx, image, ".dtb", image->dtb, tree);
	else
		ret = devicetree_find(ctx, req->dtb, machine->root, tree);
	if (ret == -ENOENT && !req->dtb && appended.size) {
		err_clear(&ctx->err);
		ret = check_own_tree(ctx, image, "appended", appended, tree);
	}
	if (ret)
		return ret;
	ret = devicetree_check_memory(ctx, tree, req->command_line);
	if (ret)
		return ret;
	if (own || req->dtb)
		warn_of_other_board(ctx, machine, tree);
	keep_off_reserved(ctx, tree, plan);
	return 0;
}

int arch_bootargs(struct ctx *ctx, const struct request *req, const struct machine *machine,
		  const struct image *image, uint64_t limit, const char **out)
{
	*out = NULL;
	if (!req->command_line && !req->reuse_cmdline && !image->cmdline)
		return 0;
	return arch_command_line(ctx, req, machine, image, limit, out);
}

/* kexec_file_load passes no --dtb on: it is the running kernel's tree that counts. */
const char *arch_kept_cmdline(struct ctx *ctx, const struct machine *machine)
{
	struct devicetree tree;

	if (!devicetree_find(ctx, NULL, machine->root, &tree))
		return devicetree_bootargs(&tree);
	err_clear(&ctx->err);
	return NULL;
}

int arch_may_keep_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			 struct range initrd)
{
	if (req->initrd_count)
		return err_set(&ctx->err, -EINVAL, "--reuseinitrd contradicts --initrd");
	if (req->crash)
		return err_set(
			&ctx->err, -EINVAL,
			"--reuseinitrd: a crash kernel's initrd must lie in its reservation");
	if (!cmdline_has_param(machine->cmdline, "retain_initrd"))
		return err_set(&ctx->err, -EINVAL,
			       "unrecoverable error: current boot didn't retain the initrd for "
			       "reuse.");
	if (range_empty(initrd))
		return err_set(&ctx->err, -ENOENT,
			       "--reuseinitrd: the running kernel was given no initrd");
	return 0;
}

int arch_keep_initrd(struct ctx *ctx, const struct request *req, struct machine *machine)
{
	struct devicetree running;
	struct range blocks;
	int ret;

	if (!req->reuse_initrd)
		return 0;
	ret = devicetree_find(ctx, NULL, machine->root, &running);
	if (ret)
		return err_prefix(&ctx->err, "--reuseinitrd");
	if (!devicetree_initrd(&running, &machine->initrd))
		machine->initrd = (struct range){ 0 };
	ret = arch_may_keep_initrd(ctx, req, machine, machine->initrd);
	if (ret)
		return ret;
	/* Kernels map and reserve it by blocks of this size. */
	blocks.start = align_down(machine->initrd.start, INITRD_BLOCK);
	if (!align_up(machine->initrd.end, INITRD_BLOCK, &blocks.end))
		return err_set(&ctx->err, -EINVAL,
			       "%s: an initrd that ends at 0x%" PRIx64 " is nowhere", running.name,
			       machine->initrd.end);
	range_set_subtract(&ctx->arena, &machine->ram, blocks);
	return 0;
}

int arch_usable_memory(struct ctx *ctx, const struct machine *machine,
		       struct devicetree_changes *changes)
{
	struct range_set others = range_set_copy(&ctx->arena, &machine->crash);
	struct range *usable = arena_array(&ctx->arena, others.count + 1, sizeof(*usable));
	int ret = kdump_reservation(ctx, machine, &usable[0]);

	if (ret)
		return ret;
	range_set_subtract(&ctx->arena, &others, usable[0]);
	for (size_t i = 0; i < others.count; i++)
		usable[i + 1] = others.range[i];
	changes->usable = usable;
	changes->usable_count = others.count + 1;
	return 0;
}

static int port_of_earlycon(struct ctx *ctx, const char *cmdline, const struct devicetree *tree,
			    struct tty *tty)
{
	if (tty_from_earlycon(ctx, cmdline, tty))
		return 0;
	if (tree && tty_earlycon_of_firmware(cmdline))
		return devicetree_stdout(ctx, tree, tty);
	return err_set(&ctx->err, -ENOENT,
		       "the next kernel's command line has no earlycon with a port that "
		       "purgatory knows");
}

/* In the order of what was said most plainly.  Says why where there is none. */
static int find_port(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const char *cmdline, const struct devicetree *tree, struct tty *tty)
{
	struct err asked;

	if (!req->serial)
		return port_of_earlycon(ctx, cmdline, tree, tty);
	if (!tty_find(ctx, machine->root, req->serial, tty))
		return 0;
	asked = ctx->err;
	err_clear(&ctx->err);
	if (port_of_earlycon(ctx, cmdline, tree, tty)) {
		ctx->err = asked;
		return asked.code;
	}
	log_warn(&ctx->log, "purgatory will speak where earlycon does: %s", asked.what);
	return 0;
}

void arch_serial(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 const char *cmdline, const struct devicetree *tree,
		 struct purgatory_params *params)
{
	struct tty tty = { 0 };

	if (!req->console_serial)
		return;
	if (find_port(ctx, req, machine, cmdline, tree, &tty)) {
		log_warn(&ctx->log, "purgatory will %s: %s",
			 params->serial_kind ? "speak on firmware's console" : "be silent",
			 ctx->err.what);
		err_clear(&ctx->err);
		return;
	}
	params->serial_kind = tty.kind;
	params->serial_base = tty.base;
	params->serial_shift = tty.shift;
	params->serial_baud = req->serial_baud;
}

void arch_warn_of_halt(struct ctx *ctx, const struct request *req, uint64_t psci)
{
	if (req->on_corrupt == ON_CORRUPT_REBOOT && psci == PURGATORY_PSCI_NONE)
		log_warn(
			&ctx->log,
			"--on-corrupt=reboot will halt the machine: neither a device tree nor ACPI "
			"tells how its firmware resets it (PSCI)");
}
