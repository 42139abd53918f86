/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice between the two system calls (kexec.8, System call). */
#include <errno.h>

#include "load.h"
#include "machine/livetree.h"
#include "options.h"

#define PRESERVE "load-preserve-context"

static bool has_running_tree(struct ctx *ctx, const struct sysroot *root)
{
	bool found = sysroot_exists(ctx, root, "/sys/firmware/fdt");

	for (size_t i = 0; !found && i < ARRAY_SIZE(livetree_directories); i++)
		found = sysroot_exists(ctx, root, livetree_directories[i]);
	return found;
}

/*
 * A device tree inside the image, on an arch whose kernels take one.  Trees after the kernel are
 * used only if there is no other.
 */
static bool brings_tree(struct ctx *ctx, const struct load *load)
{
	if (!(load->arch->options & ARCH_OPTIONS_TREE) || load->req->dtb)
		return false;
	return load->image.dtb.size ||
	       (load->image.trees.size && !has_running_tree(ctx, load->root));
}

/* NULL: kexec_file_load is safe for this load. */
static const char *why_unsafe(const struct load *load)
{
	return load->req->crash ? load->arch->file_crash_unsafe : NULL;
}

void load_warn_of_unused(struct ctx *ctx, const struct load *load)
{
	bool file = load->method == METHOD_KEXEC_FILE_LOAD;
	const char *option;
	size_t row = 0;

	while ((option = options_of_call(load->req,
					 file ? METHOD_KEXEC_LOAD : METHOD_KEXEC_FILE_LOAD, &row)))
		log_warn(&ctx->log, "--%s has no effect with %s%s", option, load_method_name(load),
			 file ? ": the kernel decides this itself there" : "");
	if (!file && load->req->force_dtb && !(load->arch->options & ARCH_OPTIONS_DTB))
		log_warn(&ctx->log, "--force-dtb has no effect with %s on %s",
			 load_method_name(load), load->arch->name);
	if (file && brings_tree(ctx, load))
		log_warn(&ctx->log,
			 "the device tree inside %s has no effect with kexec_file_load: the kernel "
			 "passes its own on",
			 load->image.name);
	for (size_t i = 0; !file && load->handover.lost[i]; i++)
		log_warn(&ctx->log, "%s will be lost: only kexec_file_load passes it on",
			 load->handover.lost[i]);
	if (file && why_unsafe(load))
		log_warn(&ctx->log, "a crash kernel loaded by kexec_file_load is unsafe here: %s",
			 why_unsafe(load));
}

/* The reason to prefer kexec_load for an image that either call takes; NULL: no reason. */
static const char *why_kexec_load(struct ctx *ctx, const struct load *load)
{
	size_t row = 0;
	const char *option = options_of_call(load->req, METHOD_KEXEC_LOAD, &row);

	if (load->req->preserve_context)
		option = PRESERVE;
	if (option)
		return arena_printf(&ctx->arena, "--%s asks for it", option);
	if (brings_tree(ctx, load))
		return "the device tree inside the image asks for it";
	if (why_unsafe(load))
		return arena_printf(&ctx->arena, "kexec_file_load is unsafe: %s", why_unsafe(load));
	return NULL;
}

static enum method choose(struct ctx *ctx, const struct load *load, const char **why)
{
	*why = "the hypervisor loads in Xen's control domain";
	if (load->machine.xen && load->req->method == METHOD_KEXEC_FILE_LOAD)
		log_warn(&ctx->log, "-s has no effect: %s", *why);
	if (load->machine.xen)
		return METHOD_KEXEC_LOAD;
	*why = "asked for";
	if (load->req->method != METHOD_AUTO)
		return load->req->method;
	*why = load->arch->no_file_call ? "Linux has no kexec_file_load on this arch"
					: "kexec_file_load does not take images of this type";
	if (!arch_has_file_call(load->arch, load->type))
		return METHOD_KEXEC_LOAD;
	*why = why_kexec_load(ctx, load);
	if (*why && !load->lockdown)
		return METHOD_KEXEC_LOAD;
	*why = *why ? "the only call that a locked-down kernel accepts"
		    : "the first choice; kexec_load follows if the kernel cannot do it";
	return METHOD_KEXEC_FILE_LOAD;
}

/* An option is an error where ignoring it would boot a different system than asked for. */
static int check_vital(struct ctx *ctx, const struct load *load)
{
	const struct request *req = load->req;
	const char *option = NULL;

	if (req->reuse_initrd)
		option = "reuseinitrd";
	if (req->dtb && load->arch->insists_on_dtb)
		option = "dtb";
	if (req->entry_32bit)
		option = "entry-32bit";
	if (req->real_mode)
		option = "real-mode";
	if (req->preserve_context)
		option = PRESERVE;
	if (!option || load->method == METHOD_KEXEC_LOAD)
		return 0;
	err_set(&ctx->err, -EINVAL, "--%s not supported with %s, which is %s", option,
		load_method_name(load), load->method_why);
	return err_hint(&ctx->err, "Leave it out%s.",
			req->method == METHOD_KEXEC_FILE_LOAD
				? ", or use kexec_load: -c instead of -s"
				: "");
}

int load_choose_call(struct ctx *ctx, struct load *load)
{
	int ret;

	load->method = choose(ctx, load, &load->method_why);
	log_debug(&ctx->log, "system call: %s (%s)", load_method_name(load), load->method_why);
	ret = check_vital(ctx, load);
	if (!ret)
		load_warn_of_unused(ctx, load);
	return ret;
}

const char *load_method_name(const struct load *load)
{
	if (load->machine.xen)
		return "Xen's kexec_op";
	return load->method == METHOD_KEXEC_LOAD ? "kexec_load" : "kexec_file_load";
}
