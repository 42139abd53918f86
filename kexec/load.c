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
#include "core/kexec_flags.h"
#include "submit/load_record.h"
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
		 arch_by_uname32(uts.machine)
			 ? "; a 32-bit personality (linux32, setarch) of a 64-bit "
			   "kernel looks the same"
			 : "");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

enum memory_source load_reservation_source(struct ctx *ctx, const struct request *req)
{
	const struct arch *arch;

	if (!load_choose_arch(ctx, req, &arch) && arch->memory == MEMORY_FROM_DEVICE_TREE)
		return arch->memory;
	err_clear(&ctx->err);
	return MEMORY_FROM_IOMEM;
}

static int look_at_machine(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			   const struct arch **arch, struct machine *machine)
{
	int ret = load_choose_arch(ctx, req, arch);

	if (!ret)
		ret = machine_read(ctx, req, root, (*arch)->memory, machine);
	if (!ret && (*arch)->read_machine)
		ret = (*arch)->read_machine(ctx, req, machine);
	if (!ret && !machine->ram.count)
		ret = err_set(
			&ctx->err, -EADDRNOTAVAIL,
			"Could not find a free area of memory: %s has no RAM that may be used",
			machine->map.source);
	return ret;
}

int load_look(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct load *load)
{
	struct image_rules rules = { .formats = arch_image_formats(ctx) };
	struct range reservation;
	int ret;

	load->req = req;
	ret = look_at_machine(ctx, req, root, &load->arch, &load->machine);
	if (!ret && req->crash)
		ret = kdump_reservation(ctx, &load->machine, &reservation);
	rules.limit = range_set_size(&load->machine.ram);
	if (!ret)
		ret = image_open(ctx, req->kernel, &rules, &load->file, &load->image);
	if (!ret)
		ret = arch_choose_type(ctx, load->arch, req, &load->image, &load->type);
	if (ret)
		return ret;
	arch_choose_cmdline(ctx, req, &load->machine, &load->image);
	return load_choose_call(ctx, load);
}

int load_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	const struct machine *machine = &load->machine;
	const struct request *req = load->req;
	int ret = 0;

	*plan = (struct plan){
		.arch = load->arch->name,
		.image_type = load->type->name,
		.image = &load->image,
		.kernel = req->kernel,
		.kexec_flags = load->arch->kexec_arch << 16 | (req->debug ? KEXEC_DEBUG : 0),
		.page_size = load->arch->page_size,
		.ram = machine->ram,
		.method = method_name(load->method),
		.method_why = load->method_why,
	};
	if (req->crash)
		ret = kdump_bound(ctx, machine, plan);
	if (!ret)
		ret = load->type->plan(ctx, req, machine, &load->image, plan);
	if (ret == -EADDRNOTAVAIL && req->crash && !req->mem_min && req->mem_max == UINT64_MAX)
		err_hint(&ctx->err, "%s%sReserving more with crashkernel= makes room.",
			 arena_strdup(&ctx->arena, ctx->err.hint), ctx->err.hint[0] ? " " : "");
	if (ret == -ENOEXEC) {
		err_prefix(&ctx->err, "Cannot load %s", req->kernel);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (!ret)
		ret = purgatory_attach(ctx, req, load->arch->e_machine, load->arch->order, plan);
	if (!ret && req->crash)
		ret = kdump_check_room(ctx, machine, plan);
	if (ret)
		return ret;
	if (req->entry)
		plan->entry = req->entry;
	return plan_check(ctx, plan);
}

/*
 * One initrd is passed as the file that it is; several, or a UKI's own, as one copy.
 * A pipe can be read once only: kexec_load, should it follow, gets the same bytes.
 */
static int open_initrd(struct ctx *ctx, const struct request *req, uint64_t limit,
		       struct load *load)
{
	struct load_part *part = &load->files.initrd;
	const char *name;
	int ret;

	if (req->initrd_count == 1) {
		name = req->initrds[0];
		ret = file_open(ctx, name, limit, &load->initrd);
		if (ret)
			return err_prefix(&ctx->err, "initrd");
		*part = (struct load_part){ &load->initrd, load->initrd.bytes };
	} else {
		ret = arch_initrd(ctx, req, &load->image, limit, &part->bytes, &name);
		if (ret)
			return ret;
	}
	load->image.initrd = part->bytes;
	load->image.initrd_name = name;
	return 0;
}

static int choose_cmdline(struct ctx *ctx, struct load *load, uint64_t limit)
{
	const struct request *req = load->req;
	bool asked = req->command_line || req->reuse_cmdline || load->image.cmdline;
	const char **out = &load->files.cmdline;

	*out = NULL;
	if (!asked && load->type->own_cmdline)
		*out = load->type->own_cmdline(ctx, load->image.bytes);
	else if (!asked && load->arch->kept_cmdline)
		*out = load->arch->kept_cmdline(ctx, &load->machine);
	if (*out)
		return 0;
	return arch_command_line(ctx, req, &load->machine, &load->image, limit, out);
}

int load_files(struct ctx *ctx, struct load *load)
{
	const struct request *req = load->req;
	const struct machine *machine = &load->machine;
	struct file_load *files = &load->files;
	uint64_t cmdline_size;
	int ret;

	*files = (struct file_load){
		.kernel = { &load->file, load->image.bytes },
		.flags = (req->crash ? KEXEC_FILE_ON_CRASH : 0) |
			 (req->debug ? KEXEC_FILE_DEBUG : 0) |
			 (req->no_cma ? KEXEC_FILE_NO_CMA : 0) |
			 (req->force_dtb ? KEXEC_FILE_FORCE_DTB : 0),
	};
	if (!load->type->file_check) {
		err_set(&ctx->err, -ENOEXEC, "kexec_file_load does not take %s images",
			load->type->name);
		err_hint(&ctx->err, "Use kexec_load: -c instead of -s.");
		return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	}
	ret = load->type->file_check(load->image.bytes, &cmdline_size, &ctx->err);
	if (ret) {
		err_prefix(&ctx->err, "Cannot load %s", req->kernel);
		return err_status(&ctx->err, ret == -EOPNOTSUPP ? EXIT_STATUS_NO_FILE_CALL
								: EXIT_STATUS_REFUSED);
	}
	if (req->hotplug) /* which the kernel then does by itself */
		ret = kdump_check_hotplug(ctx, machine_elfcorehdr_size(ctx, machine->root));
	if (!ret)
		ret = choose_cmdline(ctx, load, cmdline_size);
	if (ret == -E2BIG) /* kexec_load leaves the kernel no words to add */
		return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	if (!ret)
		ret = open_initrd(ctx, req, range_set_size(&machine->ram), load);
	if (!ret && req->crash)
		ret = kdump_check_files(ctx, machine, files->kernel.bytes.size,
					files->initrd.bytes.size);
	return ret;
}

void load_keep_record(struct ctx *ctx, const struct load *load, const char *cmdline,
		      const char *purgatory)
{
	const struct request *req = load->req;
	struct load_record earlier, record = {
		.kernel = req->kernel,
		.kernel_version = load->image.version,
		.command_line = cmdline,
		.initrds = req->initrds,
		.initrd_count = req->initrd_count,
		.method = method_name(load->method),
		.purgatory = purgatory,
		.reboot_cpu = load->reboot_cpu_before,
	};

	/* What an earlier load found is what there was before all of them. */
	if (!req->crash && record_read(ctx, load->machine.root, false, &earlier) &&
	    earlier.reboot_cpu)
		record.reboot_cpu = earlier.reboot_cpu;
	record_write(ctx, load->machine.root, req->crash, &record);
}

void load_end(struct load *load)
{
	file_close(&load->file);
	file_close(&load->initrd);
}
