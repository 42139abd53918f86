/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the two system calls serves an image and its options (kexec.8, SYSTEM CALLS). */
#include <errno.h>
#include <string.h>

#include "load.h"

/* An option that only one of the calls honours. */
struct call_option {
	bool given;
	enum method method;
	const char *name;
};

#define CALL_OPTIONS 15

static void list_options(const struct request *req, struct call_option options[CALL_OPTIONS])
{
	const struct call_option list[CALL_OPTIONS] = {
		{ req->no_checks, METHOD_KEXEC_LOAD, "no-checks" },
		{ req->entry, METHOD_KEXEC_LOAD, "entry" },
		{ req->mem_min, METHOD_KEXEC_LOAD, "mem-min" },
		{ req->mem_max != UINT64_MAX, METHOD_KEXEC_LOAD, "mem-max" },
		{ req->console_vga, METHOD_KEXEC_LOAD, "console-vga" },
		/* A tty's name implies it, on the machines that take one. */
		{ req->console_serial, METHOD_KEXEC_LOAD,
		  req->serial ? "serial" : "console-serial" },
		{ req->reset_vga, METHOD_KEXEC_LOAD, "reset-vga" },
		{ req->noefi, METHOD_KEXEC_LOAD, "noefi" },
		{ req->pass_memmap, METHOD_KEXEC_LOAD, "pass-memmap-cmdline" },
		{ req->on_corrupt != ON_CORRUPT_HALT, METHOD_KEXEC_LOAD, "on-corrupt" },
		{ req->dtb, METHOD_KEXEC_LOAD, "dtb" },
		{ req->reuse_initrd, METHOD_KEXEC_LOAD, "reuseinitrd" },
		{ strcmp(req->purgatory, "pie"), METHOD_KEXEC_LOAD, "purgatory" },
		{ req->no_cma, METHOD_KEXEC_FILE_LOAD, "no-cma" },
		{ req->force_dtb, METHOD_KEXEC_FILE_LOAD, "force-dtb" },
	};

	memcpy(options, list, sizeof(list));
}

void load_warn_of_unused(struct ctx *ctx, const struct load *load)
{
	struct call_option options[CALL_OPTIONS];

	list_options(load->req, options);
	for (size_t i = 0; i < CALL_OPTIONS; i++)
		if (options[i].given && options[i].method != load->method)
			log_warn(&ctx->log, "--%s has no effect with %s%s", options[i].name,
				 method_name(load->method),
				 load->method == METHOD_KEXEC_FILE_LOAD
					 ? ": that is the kernel's own affair there"
					 : "");
}

/* The first option given that only kexec_load honours; NULL: none. */
static const char *wants_kexec_load(const struct request *req)
{
	struct call_option options[CALL_OPTIONS];

	list_options(req, options);
	for (size_t i = 0; i < CALL_OPTIONS; i++)
		if (options[i].given && options[i].method == METHOD_KEXEC_LOAD)
			return options[i].name;
	return NULL;
}

static enum method choose(struct ctx *ctx, const struct load *load, const char **why)
{
	const char *option = wants_kexec_load(load->req);

	*why = "asked for";
	if (load->req->method != METHOD_AUTO)
		return load->req->method;
	*why = "kexec_file_load does not take images of this type";
	if (!load->type->file_check)
		return METHOD_KEXEC_LOAD;
	*why = "the first choice; where the kernel cannot, kexec_load follows";
	if (!option)
		return METHOD_KEXEC_FILE_LOAD;
	*why = "the only one that a locked-down kernel takes";
	if (machine_lockdown(ctx, load->machine.root))
		return METHOD_KEXEC_FILE_LOAD;
	*why = arena_printf(&ctx->arena, "--%s asks for it", option);
	return METHOD_KEXEC_LOAD;
}

/* Without these the next kernel would not be the one that was asked for. */
static int check_vital(struct ctx *ctx, const struct load *load)
{
	const struct request *req = load->req;
	const char *option = req->dtb && load->arch->insists_on_dtb ? "dtb"
			     : req->reuse_initrd		    ? "reuseinitrd"
								    : NULL;

	if (!option || load->method == METHOD_KEXEC_LOAD)
		return 0;
	err_set(&ctx->err, -EINVAL, "--%s not supported with %s, which is %s", option,
		method_name(load->method), load->method_why);
	return err_hint(&ctx->err, "Leave it out%s.",
			req->method == METHOD_KEXEC_FILE_LOAD
				? ", or use kexec_load: -c instead of -s"
				: "");
}

int load_choose_call(struct ctx *ctx, struct load *load)
{
	int ret;

	load->method = choose(ctx, load, &load->method_why);
	log_debug(&ctx->log, "system call: %s (%s)", method_name(load->method), load->method_why);
	ret = check_vital(ctx, load);
	if (!ret)
		load_warn_of_unused(ctx, load);
	return ret;
}

const char *method_name(enum method method)
{
	return method == METHOD_KEXEC_LOAD ? "kexec_load" : "kexec_file_load";
}
