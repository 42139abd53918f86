/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The look at the kernel file and the running system.  All reading for a load is done here
 * and in what is called from here, so that later stages see one unchanging value.
 */
#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "bake/bake.h"
#include "capture.h"
#include "kdump/kdump.h"
#include "load.h"
#include "machine/memmap.h"
#include "machine/xen_domain.h"
#include "plan/initrd.h"
#include "plan/modules.h"
#include "plan/next_cmdline.h"
#include "plan/uki_addons.h"

static int choose_named_arch(struct ctx *ctx, const char *source, const char *name,
			     const struct arch **arch)
{
	const char *known = "";

	*arch = arch_by_name(name);
	if (*arch)
		return 0;
	for (size_t i = 0; arches[i]; i++)
		known = arena_printf(&ctx->arena, "%s %s", known, arches[i]->name);
	err_set(&ctx->err, -EINVAL, "%s: '%s' is not compiled in", source, name);
	return err_hint(&ctx->err, "This kexec knows:%s.", known);
}

/*
 * The arch of the running kernel.  Under a 32-bit personality uname(2) reports another arch; Linux
 * 6.1 and later have /proc/sys/kernel/arch.
 */
static const struct arch *running_arch(struct ctx *ctx, const char *machine)
{
	static const struct sysroot this_system = { .path = "" };
	const struct arch *wide = arch_by_uname32(machine);

	if (wide && arch_by_uname(machine_kernel_arch(ctx, &this_system)) == wide)
		return wide;
	return arch_by_uname(machine);
}

int load_choose_arch(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		     const struct arch **arch)
{
	const char *captured = capture_arch(ctx, root);
	struct utsname uts;

	if (req->arch)
		return choose_named_arch(ctx, "--arch", req->arch, arch);
	if (captured)
		return choose_named_arch(ctx, root->path, captured, arch);
	if (uname(&uts))
		return err_set(&ctx->err, -errno, "uname: %s", strerror(errno));
	*arch = running_arch(ctx, uts.machine);
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

/* The source of the memory map. */
static struct machine_source memory_source(const struct arch *arch, const struct machine *machine)
{
	if (machine->xen)
		return (struct machine_source){ .read_iomem = xen_read_iomem };
	return arch ? arch->memory : (struct machine_source){ 0 };
}

static int look_for_xen(struct ctx *ctx, const struct sysroot *root, struct machine *machine)
{
	enum xen_domain domain;
	int ret = xen_domain(ctx, root, &domain);

	machine->xen = domain == XEN_CONTROL_DOMAIN;
	if (ret || domain != XEN_PV_GUEST)
		return ret;
	err_set(&ctx->err, -ENOTSUP, "a paravirtualized (PV) guest of Xen cannot start a kernel");
	return err_hint(&ctx->err, "Run the guest as PVH or HVM, or reboot it.");
}

int load_read_reservations(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			   struct machine *machine)
{
	struct machine_source source;
	enum xen_domain domain;
	int ret;

	machine_read_basics(ctx, root, machine);
	ret = xen_domain(ctx, root, &domain);
	if (ret)
		return ret;
	machine->xen = domain == XEN_CONTROL_DOMAIN;
	source = memory_source(req->chosen, machine);
	source.firmware_map = source.reservation_is_ram = false;
	if (!machine->xen)
		machine_read_crash_cma(ctx, machine);
	return machine_read_memory(ctx, req, &source, machine);
}

/*
 * Memory map, RAM for segments, reservation.  optional: where the map cannot be read, nothing is
 * known of them, and that is not an error.
 */
static int look_at_memory(struct ctx *ctx, struct load *load, bool optional)
{
	struct machine *machine = &load->machine;
	const struct machine_source source = memory_source(load->arch, machine);
	int ret = machine_read_memory(ctx, load->req, &source, machine);

	if (ret && optional) {
		log_debug(&ctx->log, "%s: the reservation is not checked", ctx->err.what);
		err_clear(&ctx->err);
		return 0;
	}
	if (ret)
		return ret;
	if (machine->xen && !load->req->crash && !load->req->live_update)
		xen_keep_used(ctx, machine);
	if (!machine->ram.count)
		return err_set(
			&ctx->err, -EADDRNOTAVAIL,
			"Could not find a free area of memory: %s has no RAM that may be used",
			machine->map.source);
	if (!load->req->crash)
		return 0;
	return kdump_reservation(ctx, machine, &load->reservation);
}

/*
 * Sets load->lent.  All other memory is reserved in the next kernel's memory map, so that
 * the next kernel places no device there.
 */
static int lend_memory(struct ctx *ctx, struct load *load)
{
	const struct request *req = load->req;
	struct machine *machine = &load->machine;
	const struct range wanted = { req->mem_min, req->mem_max + 1 };
	uint64_t page = load->arch->page_size, start;

	for (size_t i = 0; i < machine->ram.count; i++) {
		struct range r = range_intersect(machine->ram.range[i], wanted);

		if (!range_empty(r) && align_up(r.start, page, &start))
			range_set_add(&ctx->arena, &load->lent,
				      (struct range){ start, align_down(r.end, page) });
	}
	return memory_map_reserve_rest(ctx, &load->lent, &machine->map);
}

/* Has the arch a type of image that kexec_file_load takes? */
static bool has_file_call(const struct arch *arch)
{
	const struct image_type *const *type = arch->types;

	while (*type && !arch_has_file_call(arch, *type))
		type++;
	return *type;
}

/* For kexec_load. */
static int need_memory(struct ctx *ctx, struct load *load)
{
	int ret = look_at_memory(ctx, load, false);

	if (ret != -ENODATA || !load->file_call_left)
		return ret;
	return err_hint(&ctx->err, "%s",
			arena_join(&ctx->arena, ctx->err.hint, "  ",
				   "kexec_file_load (-s) needs no memory map."));
}

static bool memory_is_known(const struct load *load)
{
	return load->machine.ram.count;
}

/* Files and tables that only kexec_load needs. */
static int look_for_plan(struct ctx *ctx, struct load *load)
{
	struct machine_crash *crash;
	int ret;

	if (load->req->crash && !load->machine.xen)
		machine_read_crash_cma(ctx, &load->machine);
	ret = load->arch->look ? load->arch->look(ctx, load) : 0;
	if (!ret && load->req->preserve_context)
		ret = lend_memory(ctx, load);

	if (ret || !(load->req->crash || load->req->preserve_context) ||
	    load->arch->makes_core_header)
		return ret;
	crash = arena_alloc(&ctx->arena, sizeof(*crash));
	load->crash = crash;
	if (load->machine.xen) {
		xen_read_crash(ctx, &load->machine, crash);
		return 0;
	}
	return machine_read_crash(ctx, &load->machine, crash);
}

/*
 * Largest size in bytes of what is opened and unpacked: the machine's memory, and its swap space,
 * as only a part of an ELF kernel is loaded.  A map of the machine may be incomplete.
 */
static uint64_t memory_size(const struct load *load)
{
	uint64_t ram = range_set_size(&load->machine.ram), total;
	struct sysinfo info;

	if (ram && *load->root->path)
		return ram;
	if (sysinfo(&info))
		return UINT64_MAX;
	total = ((uint64_t)info.totalram + info.totalswap) * info.mem_unit;
	return total > ram ? total : ram;
}

/* --fit-config needs a FIT image.  Signatures inside are for U-Boot: neither kernel checks them. */
static int check_fit(struct ctx *ctx, const struct load *load)
{
	const struct image *image = &load->image;

	if (!image_was_in(image, "fit")) {
		if (!load->req->fit_config)
			return 0;
		err_set(&ctx->err, -EINVAL, "--fit-config: %s is not a FIT image", image->name);
		return err_hint(&ctx->err, "Leave --fit-config out.");
	}
	if (load->lockdown || load->secure_boot)
		log_warn(
			&ctx->log,
			"%s: nothing checks who signed this FIT image, and %s: only a signature of "
			"the kernel inside counts",
			image->name,
			load->lockdown ? "the kernel is locked down" : "Secure Boot is on");
	return 0;
}

/* Under lockdown or Secure Boot add-ons are ignored: only firmware can check their signatures. */
static int look_at_addons(struct ctx *ctx, struct load *load, struct image_rules *rules)
{
	int ret = uki_addons_open(ctx, load->req->kernel, rules->limit, &rules->addon,
				  &rules->addons);

	if (ret || !rules->addons)
		return ret;
	if (load->req->bake)
		return 0;
	if (!load->lockdown)
		load->secure_boot = machine_secure_boot(ctx, load->root);
	if (!load->lockdown && !load->secure_boot)
		return 0;
	log_warn(&ctx->log,
		 "%s: its %zu add-ons are ignored: nothing here checks who signed them, and %s",
		 load->req->kernel, rules->addons,
		 load->lockdown ? "the kernel is locked down" : "Secure Boot is on");
	rules->addons = 0;
	return 0;
}

/* Its own command line and initrd count, as with every boot loader. */
static int look_at_baked(struct ctx *ctx, struct load *load)
{
	struct baked *baked = arena_alloc(&ctx->arena, sizeof(*baked));
	const struct request *req = load->req;
	struct image *image = &load->image;
	int ret = bake_check(ctx, image->name, image->bytes, load->arch, baked);

	if (ret)
		return ret;
	if (req->bake)
		return err_set(&ctx->err, -EINVAL, "--bake: %s is a baked image already",
			       image->name);
	if (req->command_line || req->reuse_cmdline || req->initrd_count)
		log_warn(&ctx->log,
			 "%s is a baked image: its own command line and initrd count, if it has "
			 "them",
			 image->name);
	if (image->layers < IMAGE_MAX_LAYERS)
		image->layer[image->layers++] = "bake";
	load->baked = baked;
	return 0;
}

static int look_at_kernel(struct ctx *ctx, struct load *load)
{
	const struct request *req = load->req;
	struct image_rules rules = {
		.formats = arch_image_formats(ctx),
		.limit = memory_size(load),
		.fit_config = req->fit_config,
		.uki_profile = req->uki_profile,
	};
	int ret = look_at_addons(ctx, load, &rules);

	if (!ret)
		ret = image_open(ctx, req->kernel, &rules, &load->file, &load->image);
	if (!ret && rules.addons && !image_was_in(&load->image, "uki"))
		log_warn(&ctx->log, "%s is not a UKI: its %zu add-ons have no effect", req->kernel,
			 rules.addons);
	/* An unreadable variable causes a warning, and most loads do not depend on it. */
	if (!ret && !req->bake && !load->lockdown && !load->secure_boot && !rules.addons &&
	    (next_replaces_part(load) || image_was_in(&load->image, "fit")))
		load->secure_boot = machine_secure_boot(ctx, load->root);
	if (!ret)
		ret = check_fit(ctx, load);
	if (!ret && req->uki_profile && !image_was_in(&load->image, "uki"))
		ret = err_set(&ctx->err, -EINVAL, "--profile: %s is not a UKI", req->kernel);
	if (ret)
		return ret;
	if (purgatory_bake_skip(load->image.bytes) != SIZE_MAX)
		ret = look_at_baked(ctx, load);
	if (ret)
		return ret;
	ret = arch_choose_type(ctx, load->arch, req, &load->image, &load->type);
	if (ret && load->baked && !strcmp(load->baked->format, "flat"))
		err_hint(&ctx->err, "It was baked with --bake-format=flat, for other starters.");
	if (ret)
		return ret;
	load->file_call_left = !load->machine.xen && arch_has_file_call(load->arch, load->type);
	load->own_cmdline = next_cmdline_of_image(ctx, load);
	return 0;
}

/* The command line of the next kernel if the request gives none. */
static const char *look_at_kept_cmdline(struct ctx *ctx, const struct load *load)
{
	const char *line;

	if (load->type->own_cmdline)
		return load->type->own_cmdline(ctx, load->image.bytes);
	if (!load->arch->kept_cmdline)
		return NULL;
	line = load->arch->kept_cmdline(ctx, load->root);
	return line && load->req->crash ? next_cmdline_filter(ctx, line, true) : line;
}

/*
 * Memory is read first if a plan is certain to be made, or the reservation is checked.  A dry run
 * of kexec_file_load needs it only for the places that it shows.
 */
static int look_at_memory_first(struct ctx *ctx, struct load *load)
{
	const struct request *req = load->req;

	if (req->method == METHOD_KEXEC_LOAD || load->machine.xen)
		return need_memory(ctx, load);
	return req->dry_run || req->crash ? look_at_memory(ctx, load, true) : 0;
}

static int check_action(struct ctx *ctx, const struct request *req, const struct machine *machine)
{
	if (req->live_update && !machine->xen)
		return err_set(&ctx->err, -ENOTSUP, "--load-live-update can only be used with xen");
	if (req->preserve_context && machine->xen)
		return err_set(&ctx->err, -ENOTSUP,
			       "--load-preserve-context: no kernel can return to a hypervisor");
	if (!machine->xen || req->action != ACTION_LOAD_AND_REBOOT || req->dry_run)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"this is Xen's control domain, whose reboot does not start what is loaded");
	return err_hint(&ctx->err, "Load with -l, and start it with -e.");
}

/* Nothing of this machine, because a baked image is for another one. */
static int look_for_bake(struct ctx *ctx, struct load *load)
{
	int ret = bake_look(ctx, load);

	if (!ret)
		ret = look_at_kernel(ctx, load);
	if (!ret && load->arch->look)
		ret = load->arch->look(ctx, load);
	return ret ? ret
		   : initrd_open(ctx, load, arch_image_formats(ctx), memory_size(load),
				 &load->initrd);
}

int load_look(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct load *load)
{
	int ret;

	*load = (struct load){
		.req = req, .arch = req->chosen, .root = root, .file.fd = -1, .initrd.file.fd = -1
	};
	if (req->bake)
		return look_for_bake(ctx, load);
	load->file_call_left = has_file_call(load->arch);
	machine_read_basics(ctx, root, &load->machine);
	ret = look_for_xen(ctx, root, &load->machine);
	if (!ret)
		ret = check_action(ctx, req, &load->machine);
	if (ret)
		return ret;
	load->file_call_left &= !load->machine.xen;
	load->lockdown = machine_lockdown(ctx, root);
	if (!load->machine.xen)
		machine_read_handover(ctx, &load->machine, req->crash, &load->handover);
	if (req->hotplug && !load->machine.xen)
		load->elfcorehdr_size = machine_elfcorehdr_size(ctx, root);
	ret = look_at_memory_first(ctx, load);
	if (!ret)
		ret = look_at_kernel(ctx, load);
	if (!ret)
		ret = load_choose_call(ctx, load);
	if (!ret && load->method == METHOD_KEXEC_LOAD && !memory_is_known(load))
		ret = need_memory(ctx, load);
	if (!ret && load->method == METHOD_KEXEC_LOAD)
		ret = look_for_plan(ctx, load);
	if (!ret && load->method == METHOD_KEXEC_FILE_LOAD && !next_cmdline_given(load))
		load->kept_cmdline = look_at_kept_cmdline(ctx, load);
	if (!ret)
		ret = modules_open(ctx, load, memory_size(load));
	return ret ? ret
		   : initrd_open(ctx, load, arch_image_formats(ctx), memory_size(load),
				 &load->initrd);
}

static void look_at_system(struct ctx *ctx, struct load *load)
{
	const struct request *req = load->req;
	const struct sysroot *root = load->root;
	int ret;

	machine_read_basics(ctx, root, &load->machine);
	ret = look_for_xen(ctx, root, &load->machine);
	load->lockdown = machine_lockdown(ctx, root);
	load->secure_boot = machine_secure_boot(ctx, root);
	if (!load->machine.xen)
		machine_read_handover(ctx, &load->machine, req->crash, &load->handover);
	if (!load->machine.xen)
		load->elfcorehdr_size = machine_elfcorehdr_size(ctx, root);
	if (!ret && look_at_memory(ctx, load, false))
		sysroot_go_without(ctx);
	load->method = METHOD_KEXEC_LOAD;
	if (!ret)
		ret = look_for_plan(ctx, load);
	if (!ret && load->arch->kept_cmdline)
		load->arch->kept_cmdline(ctx, root);
	if (ret)
		sysroot_go_without(ctx);
}

void load_look_at_system(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	const struct image_type *const *type = req->chosen->types;
	bool quiet = ctx->log.quiet;

	ctx->log.quiet = true; /* capture_write() counts what is unreadable */
	for (; *type; type++) {
		for (int i = 0; i < 2; i++) {
			struct request *r = arena_alloc(&ctx->arena, sizeof(*r));
			struct load *load = arena_alloc(&ctx->arena, sizeof(*load));

			*r = *req;
			r->dry_run = true;
			r->crash = r->atags = r->force_dtb = i;
			r->kernel = "KERNEL";
			*load = (struct load){ .req = r,
					       .arch = req->chosen,
					       .root = root,
					       .type = *type,
					       .image.name = r->kernel,
					       .file.fd = -1,
					       .initrd.file.fd = -1 };
			look_at_system(ctx, load);
		}
	}
	ctx->log.quiet = quiet;
}

int load_look_again(struct ctx *ctx, const struct load *first, const char *why,
		    const char *tried_first, struct load *load)
{
	int ret;

	*load = *first;
	load->method = METHOD_KEXEC_LOAD;
	load->method_why = why;
	load->tried_first = tried_first;
	load->file_call_left = false;
	/* The look of an arch takes memory out of it. */
	load->machine.ram = range_set_copy(&ctx->arena, &first->machine.ram);
	ret = memory_is_known(load) ? 0 : need_memory(ctx, load);
	return ret ? ret : look_for_plan(ctx, load);
}

void load_close(struct load *load)
{
	file_close(&load->file);
	file_close(&load->initrd.file);
}
