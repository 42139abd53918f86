/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load: the stages in their order, for each of the two system calls. */
#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/kexec_flags.h"
#include "core/units.h"
#include "kdump/kdump.h"
#include "machine/xen_domain.h"
#include "options.h"
#include "plan/next_cmdline.h"
#include "relocate/relocate.h"
#include "submit/load_record.h"

/*
 * A 32-bit kexec passes 32-bit addresses, also to a 64-bit kernel.  Plans for other machines do not
 * depend on the word size of kexec.
 */
static struct limit reach(const struct load *load)
{
	const struct machine *machine = &load->machine;
	bool elsewhere = load->req->arch || *load->root->path;

	if (sizeof(size_t) < sizeof(uint64_t) && !machine->reach_why && !elsewhere)
		return (struct limit){ { 0, 4 * GIB },
				       "memory below 4 GiB, for a kexec of 32 bits" };
	return (struct limit){ machine->reach, machine->reach_why };
}

static struct plan new_plan(const struct load *load)
{
	const struct request *req = load->req;
	const struct machine *machine = &load->machine;

	return (struct plan){
		.arch = load->arch->name,
		.image_type = load->type->name,
		.image = &load->image,
		.kernel = req->kernel,
		.kernel_version = load->image.version,
		.kexec_flags = load->arch->kexec_arch << 16 | (req->debug ? KEXEC_DEBUG : 0) |
			       (req->preserve_context ? KEXEC_PRESERVE_CONTEXT : 0),
		.page_size = load->arch->page_size,
		.ram = machine->ram,
		.managed = machine->managed,
		.reach = reach(load),
		.mem_min = req->mem_min,
		.mem_max = req->mem_max,
		.method = load_method_name(load),
		.method_why = load->method_why,
	};
}

/* A larger reservation helps, unless the request itself limits the places. */
static void hint_at_reservation(struct ctx *ctx, const struct load *load, const struct plan *plan)
{
	const struct request *req = load->req;
	const char *text = "Reserving more with crashkernel= makes room.";

	if (!req->crash || req->mem_min || req->mem_max != UINT64_MAX)
		return;
	if (plan->reach.why && plan->started_by &&
	    !range_overlaps(plan->reach.range, load->reservation))
		text = arena_printf(&ctx->arena,
				    "Reserve in %s with crashkernel= (without ,high): the kernel "
				    "is started by %s.",
				    plan->reach.why, plan->started_by);
	err_hint(&ctx->err, "%s%s%s", arena_strdup(&ctx->arena, ctx->err.hint),
		 ctx->err.hint[0] ? " " : "", text);
}

static int plan_kernel(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	int ret = load->type->plan(ctx, load, plan);

	if (ret == -EADDRNOTAVAIL)
		hint_at_reservation(ctx, load, plan);
	if (ret != -ENOEXEC)
		return ret;
	err_prefix(&ctx->err, "Cannot load %s", load->req->kernel);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static struct purgatory_target purgatory_for(const struct load *load)
{
	return (struct purgatory_target){
		.machine = load->arch->e_machine,
		.bits = load->arch->bits,
		.order = load->arch->order,
		.rel = load->arch->rel,
		.write_cpu = load->arch->write_cpu,
	};
}

int load_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	const struct purgatory_target target = purgatory_for(load);
	const struct request *req = load->req;
	int ret;

	*plan = new_plan(load);
	if (req->crash)
		kdump_bound(ctx, load, plan);
	ret = req->bake ? bake_begin(ctx, load, &target, plan) : 0;
	if (!ret)
		ret = plan_kernel(ctx, load, plan);
	if (!ret && req->bake)
		ret = bake_end(ctx, load, plan);
	if (!ret)
		ret = purgatory_attach(ctx, req, &target, plan);
	if (!ret)
		ret = plan_save(ctx, plan, &load->lent);
	if (!ret && req->crash)
		ret = kdump_check_room(ctx, load, plan, load->arch->huge_page_flag);
	if (ret)
		return ret;
	if (req->entry)
		plan->entry = req->entry;
	return plan_check(ctx, plan);
}

/* Sets the largest command line in characters that the call takes with this image. */
static int check_kernel(struct ctx *ctx, const struct load *load, uint64_t *cmdline_size)
{
	int ret;

	if (!arch_has_file_call(load->arch, load->type)) {
		if (load->arch->no_file_call)
			err_set(&ctx->err, -ENOSYS, "Linux has no kexec_file_load on %s",
				load->arch->name);
		else
			err_set(&ctx->err, -ENOEXEC, "kexec_file_load does not take %s images",
				load->type->name);
		err_hint(&ctx->err, "Use kexec_load: -c instead of -s.");
		return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	}
	ret = load->type->file_check(load->image.bytes, cmdline_size, &ctx->err);
	if (!ret)
		return 0;
	err_prefix(&ctx->err, "Cannot load %s", load->req->kernel);
	return err_status(&ctx->err,
			  ret == -EOPNOTSUPP ? EXIT_STATUS_NO_FILE_CALL : EXIT_STATUS_REFUSED);
}

/* The part of the check of a plan that is certain without a plan. */
static int check_initrd_size(struct ctx *ctx, const struct load *load)
{
	uint64_t size = load->initrd.bytes.size, memory = load->machine.managed;

	if (!memory || size <= memory / 2)
		return 0;
	err_set(&ctx->err, -EINVAL,
		"the initrd has %" PRIu64 " MiB, more than half of the memory (%" PRIu64 " MiB)",
		size >> 20, memory >> 20);
	plan_hint_size(ctx, "smaller initrd");
	return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
}

int load_files(struct ctx *ctx, const struct load *load, struct file_load *files)
{
	const struct request *req = load->req;
	const struct initrd *initrd = &load->initrd;
	uint64_t cmdline_size;
	int ret = check_kernel(ctx, load, &cmdline_size);

	*files = (struct file_load){
		.kernel = { &load->file, load->image.bytes },
		.initrd = { initrd->file.fd >= 0 ? &initrd->file : NULL, initrd->bytes },
		.cmdline = load->kept_cmdline,
		.flags = (req->crash ? KEXEC_FILE_ON_CRASH : 0) |
			 (req->debug ? KEXEC_FILE_DEBUG : 0) |
			 (req->no_cma ? KEXEC_FILE_NO_CMA : 0) |
			 (req->force_dtb ? KEXEC_FILE_FORCE_DTB : 0),
	};
	if (!ret && req->hotplug) /* the kernel then updates its own core header */
		ret = kdump_check_hotplug(ctx, load->elfcorehdr_size);
	if (!ret && !files->cmdline)
		ret = next_cmdline(ctx, load, cmdline_size, &files->cmdline);
	if (!ret && load->arch->amend_file_cmdline)
		ret = load->arch->amend_file_cmdline(ctx, load, cmdline_size, &files->cmdline);
	if (ret == -E2BIG) /* kexec_load leaves the kernel no words to add */
		return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	if (!ret && req->crash)
		ret = kdump_check_files(ctx, load);
	return ret ? ret : check_initrd_size(ctx, load);
}

/* If both calls fail, the first one's error is printed as well. */
static void warn_of_first_try(struct ctx *ctx, const struct load *load)
{
	if (load->tried_first)
		log_warn(&ctx->log, "tried first: %s", load->tried_first);
}

static const char *digest_lines(struct ctx *ctx, const struct plan *plan)
{
	const char *lines = NULL, *text;

	for (size_t i = 0; (text = plan_digest_text(&ctx->arena, plan, i)); i++)
		lines = lines ? arena_printf(&ctx->arena, "%s\n%s", lines, text) : text;
	return lines;
}

/*
 * Before the call: composes the record of the load.  plan NULL: the running kernel places the
 * segments.
 */
static void prepare_record(struct ctx *ctx, const struct load *load, const struct plan *plan,
			   const char *cmdline, const char *reboot_cpu,
			   struct record_change *change)
{
	const struct request *req = load->req;
	struct load_record record = {
		.kernel = req->kernel,
		.kernel_version = load->image.version,
		.command_line = cmdline,
		.initrds = req->initrds,
		.initrd_count = req->initrd_count,
		.method = load_method_name(load),
		.purgatory = plan ? plan->purgatory.kind : "kernel",
		.digests = plan ? digest_lines(ctx, plan) : NULL,
		.reboot_cpu = reboot_cpu,
	};

	/* The CPU in an earlier load's record is the reboot CPU from before all loads. */
	if (!req->crash && change->earlier.reboot_cpu)
		record.reboot_cpu = change->earlier.reboot_cpu;
	record_prepare(ctx, &record, change);
}

static enum xen_slot xen_slot(const struct request *req)
{
	if (req->live_update)
		return XEN_SLOT_LIVE_UPDATE;
	return req->crash ? XEN_SLOT_CRASH : XEN_SLOT_NORMAL;
}

/*
 * A file was written to while the running kernel copied it: a kernel for the next reboot is
 * unloaded.  A crash kernel stays, because it is better than none.
 */
static int undo_changed(struct ctx *ctx, const struct load *load, const struct submit_arch *arch)
{
	const struct request *req = load->req;
	struct err changed = ctx->err;
	int ret;

	if (req->crash) {
		err_set(&ctx->err, changed.code, "loaded, but %s", changed.what);
		err_hint(&ctx->err, "Load the crash kernel again when nothing writes that file.");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (load->machine.xen)
		ret = submit_xen_unload(ctx, xen_slot(req));
	else if (load->method == METHOD_KEXEC_LOAD)
		ret = submit_unload(ctx, load->root, false, arch);
	else
		ret = submit_file_unload(ctx, load->root, false);
	if (ret) {
		struct err failed = ctx->err;

		err_set(&ctx->err, changed.code, "loaded, but %s; %s", changed.what, failed.what);
		err_hint(&ctx->err, "Do not start this kernel: unload it, or load it again.");
	} else {
		ctx->err = changed;
		err_hint(&ctx->err, "It was unloaded.  %s", changed.hint);
	}
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/*
 * After the call, which returned ret.  A load that succeeded fails only if a file changed
 * meanwhile.  No memory is allocated here, because a lack of memory would be another failure.
 * plan: of kexec_load, else NULL.  reboot_cpu: to be restored after a failure, before another kexec
 * takes the lock.
 */
static int end_change(struct ctx *ctx, const struct load *load, const struct plan *plan,
		      const struct submit_arch *arch, const char *reboot_cpu,
		      struct record_change *change, int ret)
{
	enum record_outcome outcome = ret ? RECORD_OLD : RECORD_NEW;

	if (!ret)
		ret = files_unchanged(ctx);
	if (ret == -ESTALE && outcome == RECORD_NEW && plan && plan_is_intact(ctx, plan)) {
		err_clear(&ctx->err);
		ret = 0;
	}
	if (ret == -EIO && outcome == RECORD_NEW) {
		log_warn(&ctx->log, "%s", ctx->err.what);
		err_clear(&ctx->err);
		ret = 0;
	}
	if (ret && outcome == RECORD_NEW) {
		ret = undo_changed(ctx, load, arch);
		outcome = RECORD_NONE;
	}
	if (ret)
		submit_restore_reboot_cpu(ctx, load->root, reboot_cpu);
	record_end(ctx, change, outcome);
	return ret;
}

static int submit_plan(struct ctx *ctx, const struct load *load, const struct plan *plan,
		       struct load_report *report)
{
	const struct submit_arch arch = arch_for_submit(load->arch, load->machine.kernel_arch);
	const char *reboot_cpu = NULL;
	struct record_change change;
	int ret = 0;

	record_none(&change);
	if (!load->req->live_update)
		ret = record_begin(ctx, load->root, load->req->crash, &change);
	if (ret)
		return ret;
	ret = submit_reboot_cpu(ctx, load->root, plan, &reboot_cpu);
	if (!ret)
		prepare_record(ctx, load, plan, plan->cmdline, reboot_cpu, &change);
	if (!ret)
		ret = files_unchanged(ctx);
	if (!ret && load->req->debug)
		report->show_call(plan);
	if (!ret) {
		ret = load->machine.xen ? submit_xen_load(ctx, plan, xen_slot(load->req))
					: submit_kexec_load(ctx, load->root, plan, &arch);
		report->refused = ret ? plan : NULL;
	}
	return end_change(ctx, load, plan, &arch, reboot_cpu, &change, ret);
}

static int submit_files(struct ctx *ctx, const struct load *load, const struct file_load *files)
{
	struct record_change change;
	int ret = record_begin(ctx, load->root, load->req->crash, &change);

	if (ret)
		return ret;
	prepare_record(ctx, load, NULL, files->cmdline, NULL, &change);
	ret = submit_kexec_file_load(ctx, load->root, files);
	return end_change(ctx, load, NULL, NULL, NULL, &change, ret);
}

static int bake(struct ctx *ctx, const struct load *load, const struct plan *plan,
		struct load_report *report)
{
	const struct purgatory_target target = purgatory_for(load);
	struct baked baked;
	int ret = bake_make(ctx, load, &target, plan, &baked);

	if (!ret && !load->req->dry_run)
		ret = bake_write(ctx, load, &baked);
	if (ret)
		return ret;
	if (load->req->dry_run || load->req->json)
		return report->show_plan(ctx, load, plan, &baked);
	report->show_baked(load, &baked);
	return 0;
}

static int load_by_plan(struct ctx *ctx, const struct load *load, struct load_report *report)
{
	struct plan *plan = arena_alloc(&ctx->arena, sizeof(*plan));
	int ret = load_plan(ctx, load, plan);

	if (!ret && load->req->bake)
		ret = bake(ctx, load, plan, report);
	else if (!ret && load->req->dry_run)
		ret = report->show_plan(ctx, load, plan, load->baked);
	else if (!ret)
		ret = submit_plan(ctx, load, plan, report);
	if (ret)
		warn_of_first_try(ctx, load);
	return ret;
}

/* kexec_load after kexec_file_load.  called: the running kernel itself refused that call. */
static int fall_back(struct ctx *ctx, const struct load *first, bool called,
		     struct load_report *report)
{
	struct load *load = arena_alloc(&ctx->arena, sizeof(*load));
	const char *error = arena_strdup(&ctx->arena, ctx->err.what);
	const char *why = arena_printf(&ctx->arena, "kexec_file_load cannot (%s)", error);
	int ret;

	if (first->handover.preserves) {
		err_hint(&ctx->err,
			 "kexec_load is not tried: %s would be lost.  -c loads without it.",
			 first->handover.lost[0]);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	log_debug(&ctx->log, "%s; kexec_load is tried", error);
	err_clear(&ctx->err);
	ret = load_look_again(ctx, first, why, called ? error : NULL, load);
	if (ret) {
		warn_of_first_try(ctx, load);
		return ret;
	}
	load_warn_of_unused(ctx, load);
	return load_by_plan(ctx, load, report);
}

/*
 * The running kernel does not report its own places.  Those that kexec_load would choose, without
 * the options and the device tree that it alone honours, are shown in their place; or none if that
 * call would fail: the other one may succeed.
 */
static int show_file_load(struct ctx *ctx, const struct load *first, const struct file_load *files,
			  struct load_report *report)
{
	struct load *load = arena_alloc(&ctx->arena, sizeof(*load));
	struct plan *plan = arena_alloc(&ctx->arena, sizeof(*plan));
	struct request *req = arena_alloc(&ctx->arena, sizeof(*req));
	struct load passed = *first; /* without what only kexec_load passes on */
	bool shown;

	*req = *first->req;
	options_drop(req, METHOD_KEXEC_LOAD);
	passed.req = req;
	passed.image.dtb = (struct bytes){ 0 };
	ctx->log.quiet = true;
	shown = !load_look_again(ctx, &passed, first->method_why, NULL, load);
	ctx->log.quiet = false;
	load->method = first->method;
	*plan = new_plan(load);
	if (!shown || load_plan(ctx, load, plan)) {
		log_warn(&ctx->log, "the places of the segments are not shown: %s", ctx->err.what);
		err_clear(&ctx->err);
		*plan = new_plan(load);
		plan->cmdline = files->cmdline;
	}
	plan->kexec_flags = submit_file_flags(files);
	return report->show_plan(ctx, load, plan, load->baked);
}

/*
 * True if kexec_load may succeed after an error of kexec_file_load.  Another placement may find
 * room that the kernel's own did not.  In a reservation it has no more room, and a kernel that
 * is locked down refuses kexec_load.
 */
static bool may_fall_back(const struct ctx *ctx, const struct load *load, int error)
{
	if (!error || load->req->method != METHOD_AUTO)
		return false;
	if (ctx->err.status == EXIT_STATUS_NO_FILE_CALL)
		return true;
	return (error == -EADDRNOTAVAIL || error == -ENOMEM) && !load->req->crash &&
	       !load->lockdown;
}

static int load_by_files(struct ctx *ctx, const struct load *load, struct load_report *report)
{
	struct file_load files;
	bool called = false;
	int ret = load_files(ctx, load, &files);

	if (!ret && load->req->dry_run) {
		ret = show_file_load(ctx, load, &files, report);
	} else if (!ret) {
		called = true;
		ret = submit_files(ctx, load, &files);
	}
	if (may_fall_back(ctx, load, ret))
		return fall_back(ctx, load, called, report);
	return ret;
}

int load_run(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	     struct load_report *report)
{
	struct load *load = arena_alloc(&ctx->arena, sizeof(*load));
	bool had_crash_kernel = req->crash && !req->dry_run &&
				submit_crash_kernel_loaded(ctx, root);
	int ret = load_look(ctx, req, root, load);

	if (!ret && load->method == METHOD_KEXEC_LOAD)
		ret = load_by_plan(ctx, load, report);
	else if (!ret)
		ret = load_by_files(ctx, load, report);
	if (ret && had_crash_kernel)
		submit_warn_lost_crash_kernel(ctx, root);
	load_close(load);
	return ret;
}

/*
 * The kernel refuses a load without segments, so a page is loaded even if it is not used.  Linux
 * 6.12 treats a segment of size 0 as all memory, and the load fails.
 */
static int plan_way_back(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			 struct plan *plan)
{
	const struct arch *arch = req->chosen;
	struct segment segment = { .name = "way back" };
	struct machine machine;
	int ret;

	*plan = (struct plan){
		.kexec_flags = arch->kexec_arch << 16 | KEXEC_PRESERVE_CONTEXT |
			       (req->debug ? KEXEC_DEBUG : 0),
		.page_size = arch->page_size,
		.mem_min = req->mem_min,
		.mem_max = req->mem_max,
		.entry = req->entry,
	};
	machine_read_basics(ctx, root, &machine);
	ret = machine_read_memory(ctx, req, &arch->memory, &machine);
	if (!ret && arch->way_back)
		ret = arch->way_back(ctx, &machine, req->entry, 0, &segment.bytes);
	if (ret)
		return ret;
	plan->ram = machine.ram;
	ret = plan_place(ctx, plan, &segment,
			 segment.bytes.size ? segment.bytes.size : plan->page_size);
	if (ret < 0 || !arch->way_back)
		return ret < 0 ? ret : 0;
	plan->entry = plan->segment[0].range.start;
	return arch->way_back(ctx, &machine, req->entry, plan->entry, &plan->segment[0].bytes);
}

int load_jump_back(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		   struct load_report *report)
{
	const struct submit_arch arch = arch_for_submit(req->chosen,
							machine_kernel_arch(ctx, root));
	struct plan *plan = arena_alloc(&ctx->arena, sizeof(*plan));
	struct record_change change;
	enum xen_domain domain;
	bool loaded = true;
	int ret = xen_domain(ctx, root, &domain);

	if (!ret && domain == XEN_CONTROL_DOMAIN)
		return err_set(&ctx->err, -ENOTSUP,
			       "--load-jump-back-helper: a kernel in Xen's control domain cannot "
			       "return to another kernel");
	if (!ret)
		ret = submit_status(ctx, root, false, &loaded);
	if (ret || loaded) {
		err_set(&ctx->err, -EBUSY,
			"There is kexec kernel loaded, make sure you are in kexeced kernel.");
		err_hint(&ctx->err, "If you are, unload it first: kexec -u");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	ret = plan_way_back(ctx, req, root, plan);
	if (!ret)
		ret = record_begin(ctx, root, false, &change);
	if (ret)
		return ret;
	if (req->debug)
		report->show_call(plan);
	ret = submit_kexec_load(ctx, root, plan, &arch);
	report->refused = ret ? plan : NULL;
	record_end(ctx, &change, ret ? RECORD_OLD : RECORD_NONE);
	return ret;
}

/* -a: kexec_load is tried only if the kernel has no kexec_file_load. */
static int unload_by_either(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			    const struct submit_arch *arch)
{
	const char *first;
	int ret = submit_file_unload(ctx, root, req->crash);

	if (!ret || req->method != METHOD_AUTO || ctx->err.status != EXIT_STATUS_NO_FILE_CALL)
		return ret;
	first = arena_strdup(&ctx->arena, ctx->err.what);
	err_clear(&ctx->err);
	ret = submit_unload(ctx, root, req->crash, arch);
	if (ret)
		log_warn(&ctx->log, "tried first: %s", first);
	return ret;
}

int load_undo(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	struct submit_arch submit_arch = arch_for_submit(req->chosen,
							 machine_kernel_arch(ctx, root));
	struct record_change change;
	enum xen_domain domain;
	int ret = xen_domain(ctx, root, &domain);

	if (!ret)
		ret = record_begin(ctx, root, req->crash, &change);
	if (ret)
		return ret;
	if (domain == XEN_CONTROL_DOMAIN)
		ret = submit_xen_unload(ctx, xen_slot(req));
	else if (req->method == METHOD_KEXEC_LOAD)
		ret = submit_unload(ctx, root, req->crash, &submit_arch);
	else
		ret = unload_by_either(ctx, req, root, &submit_arch);
	if (!ret)
		submit_restore_reboot_cpu(ctx, root, change.earlier.reboot_cpu);
	record_end(ctx, &change, ret ? RECORD_OLD : RECORD_NONE);
	return ret;
}
