/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request to what is submitted: the stages in their order, for each of the
 * two system calls.
 */
#include "load.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "kdump/kdump.h"
#include "relocate/relocate.h"
#include "submit/kexec_flags.h"
#include "submit/submit.h"

int load_choose_arch(struct ctx *ctx, const struct request *req, const struct arch **arch)
{
	struct utsname uts;
	char *known;
	size_t i;

	if (req->arch) {
		*arch = arch_by_name(req->arch);
		if (*arch)
			return 0;
		known = arena_strdup(&ctx->arena, "");
		for (i = 0; arches[i]; i++)
			known = arena_printf(&ctx->arena, "%s %s", known, arches[i]->name);
		err_set(&ctx->err, -EINVAL, "--arch: '%s' is not compiled in", req->arch);
		return err_hint(&ctx->err, "This kexec knows:%s.", known);
	}
	if (uname(&uts))
		return err_set(&ctx->err, -errno, "uname: %s", strerror(errno));
	*arch = arch_by_uname(uts.machine);
	if (*arch)
		return 0;
	err_set(&ctx->err, -ENOTSUP, "Unsupported machine type: %s", uts.machine);
	err_hint(&ctx->err, "This kexec was built without support for it%s.",
		 uts.machine[0] == 'i' ? "; a 32-bit personality (linux32, setarch) of a 64-bit "
					 "kernel looks the same"
				       : "");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static void choose_method(const struct request *req, const struct image_type *type,
			  struct plan *plan)
{
	plan->method = req->method == METHOD_KEXEC_FILE_LOAD ? "kexec_file_load" : "kexec_load";
	if (req->method == METHOD_KEXEC_FILE_LOAD)
		plan->method_why = "asked for; the kernel will choose other places than these";
	else if (req->method == METHOD_KEXEC_LOAD)
		plan->method_why = "asked for";
	else if (!type->file_check)
		plan->method_why = "kexec_file_load does not take images of this type";
	else
		plan->method_why = "the default in this version";
}

static int look_at_machine(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			   const struct arch **arch, struct machine *machine)
{
	int ret = load_choose_arch(ctx, req, arch);

	if (!ret)
		ret = machine_read(ctx, req, root, (*arch)->firmware_map, machine);
	if (!ret)
		ret = (*arch)->read_machine(ctx, req, machine);
	if (!ret && !machine->ram.count)
		ret = err_set(
			&ctx->err, -EADDRNOTAVAIL,
			"Could not find a free area of memory: %s has no RAM that may be used",
			machine->map.source);
	return ret;
}

static int look_at_kernel(struct ctx *ctx, const struct request *req, const struct arch *arch,
			  const struct machine *machine, struct image *image,
			  const struct image_type **type)
{
	struct file file;
	int ret = image_open(ctx, req->kernel, range_set_size(&machine->ram), &file, image);

	if (ret)
		return ret;
	file_close(&file); /* its bytes stay */
	return arch_choose_type(ctx, arch, req, image, type);
}

int load_plan(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct machine *machine, struct plan *plan)
{
	const struct image_type *type;
	const struct arch *arch;
	struct image image;
	int ret = look_at_machine(ctx, req, root, &arch, machine);

	if (ret)
		return ret;
	*plan = (struct plan){
		.arch = arch->name,
		.kernel = req->kernel,
		.kexec_flags = arch->kexec_arch << 16 | (req->debug ? KEXEC_DEBUG : 0),
		.page_size = arch->page_size,
		.ram = machine->ram,
	};
	if (req->crash)
		ret = kdump_bound(ctx, machine, plan);
	if (!ret)
		ret = look_at_kernel(ctx, req, arch, machine, &image, &type);
	if (ret)
		return ret;
	plan->image_type = type->name;
	choose_method(req, type, plan);
	ret = type->plan(ctx, req, machine, &image, plan);
	if (ret == -ENOEXEC) {
		err_prefix(&ctx->err, "Cannot load %s", req->kernel);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (!ret)
		ret = purgatory_attach(ctx, req, arch->e_machine, plan);
	if (!ret && req->crash)
		ret = kdump_check_room(ctx, machine, plan);
	if (ret)
		return ret;
	if (req->entry)
		plan->entry = req->entry;
	return plan_check(ctx, plan);
}

/* What only kexec_load can do; the file call leaves it to the kernel. */
static void warn_of_unused(struct ctx *ctx, const struct request *req)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ req->no_checks, "no-checks" },
		{ req->entry, "entry" },
		{ req->mem_min, "mem-min" },
		{ req->mem_max != UINT64_MAX, "mem-max" },
		{ req->console_vga, "console-vga" },
		{ req->console_serial, "console-serial" },
		{ req->reset_vga, "reset-vga" },
		{ req->noefi, "noefi" },
		{ req->hotplug, "hotplug" },
		{ req->pass_memmap, "pass-memmap-cmdline" },
		{ req->on_corrupt != ON_CORRUPT_HALT, "on-corrupt" },
		{ strcmp(req->purgatory, "pie"), "purgatory" },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given)
			log_warn(
				&ctx->log,
				"--%s has no effect: with kexec_file_load that is the kernel's own "
				"affair",
				options[i].name);
}

/* One initrd is passed as the file that it is, several as one copy. */
static int open_initrd(struct ctx *ctx, const struct request *req, uint64_t limit,
		       struct file *file, struct load_part *part)
{
	const char *name;
	int ret;

	if (req->initrd_count != 1)
		return arch_initrd(ctx, req, limit, &part->bytes, &name);
	ret = file_open(ctx, req->initrds[0], limit, file);
	if (ret)
		return err_prefix(&ctx->err, "initrd");
	*part = (struct load_part){ file, file->bytes };
	return 0;
}

/* The kernel has been opened and its type found: the rest, and the call. */
static int load_files(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		      const struct machine *machine, const struct image_type *type,
		      struct file_load *load)
{
	struct file initrd = { .fd = -1 };
	uint64_t cmdline_size;
	int ret;

	if (!type->file_check) {
		err_set(&ctx->err, -ENOEXEC, "kexec_file_load does not take %s images", type->name);
		err_hint(&ctx->err, "Use kexec_load: -c instead of -s.");
		return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	}
	ret = type->file_check(load->kernel.bytes, &cmdline_size, &ctx->err);
	if (ret) {
		err_prefix(&ctx->err, "Cannot load %s", req->kernel);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	ret = arch_command_line(ctx, req, machine, cmdline_size, &load->cmdline);
	if (!ret)
		ret = open_initrd(ctx, req, range_set_size(&machine->ram), &initrd, &load->initrd);
	if (!ret)
		ret = files_unchanged(ctx);
	if (!ret)
		ret = submit_kexec_file_load(ctx, root, load);
	file_close(&initrd);
	return ret;
}

int load_by_file(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	struct machine *machine = arena_alloc(&ctx->arena, sizeof(*machine));
	const struct image_type *type;
	const struct arch *arch;
	struct image image;
	struct range reservation;
	struct file file;
	struct file_load load = {
		.flags = (req->crash ? KEXEC_FILE_ON_CRASH : 0) |
			 (req->debug ? KEXEC_FILE_DEBUG : 0),
	};
	int ret = look_at_machine(ctx, req, root, &arch, machine);

	if (!ret && req->crash)
		ret = kdump_reservation(ctx, machine, &reservation);
	if (!ret)
		ret = image_open(ctx, req->kernel, range_set_size(&machine->ram), &file, &image);
	if (ret)
		return ret;
	warn_of_unused(ctx, req);
	load.kernel = (struct load_part){ &file, image.bytes };
	ret = arch_choose_type(ctx, arch, req, &image, &type);
	if (!ret)
		ret = load_files(ctx, req, root, machine, type, &load);
	file_close(&file);
	return ret;
}
