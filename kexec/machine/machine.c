/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The snapshot of the running system that every load needs: memory map, RAM
 * that segments may use, crash reservations, command line.
 */
#include "machine.h"

#include <errno.h>
#include <inttypes.h>

#include "cpuinfo.h"
#include "memmap.h"

/* The error of an attempt that has a fallback. */
struct failure {
	const char *what; /* NULL: no failure */
	const char *hint;
};

/* Saves the error before the fallback runs, and clears it. */
static struct failure take_failure(struct ctx *ctx)
{
	struct failure failure = {
		arena_strdup(&ctx->arena, ctx->err.what),
		arena_strdup(&ctx->arena, ctx->err.hint),
	};

	err_clear(&ctx->err);
	return failure;
}

static void read_cmdline(struct ctx *ctx, struct machine *machine)
{
	struct bytes text;
	char *line;

	if (sysroot_read(ctx, machine->root, "/proc/cmdline", &text)) {
		sysroot_go_without(ctx);
		return;
	}
	line = arena_strdup(&ctx->arena, (const char *)text.data);
	/* procfs adds one newline; another one inside is white space between words. */
	if (*line && line[strlen(line) - 1] == '\n')
		line[strlen(line) - 1] = '\0';
	machine->cmdline = line;
}

static void read_cpuinfo(struct ctx *ctx, struct machine *machine)
{
	/* The first CPU's lines end at an empty line; all CPUs report the same. */
	int ret = sysroot_read_until(ctx, machine->root, "/proc/cpuinfo", "\n\n",
				     &machine->cpuinfo);

	if (ret)
		sysroot_go_without(ctx);
	machine->cpuinfo_unknown = ret && ret != -ENOENT;
	machine->ticks_per_ms = cpuinfo_ticks_per_ms(machine->cpuinfo);
}

static int read_iomem(struct ctx *ctx, struct machine *machine)
{
	const char *name = sysroot_path(ctx, machine->root, "/proc/iomem");
	struct bytes text;
	int ret = sysroot_read(ctx, machine->root, "/proc/iomem", &text);

	if (ret == -ENOENT)
		return err_hint(&ctx->err, "Mount procfs on /proc.");
	if (!ret)
		ret = iomem_parse(ctx, name, text, &machine->iomem);
	if (!ret && !machine->iomem.count)
		return err_set(&ctx->err, -ENODATA, "%s is empty", name);
	return ret;
}

static bool wants_firmware_map(struct ctx *ctx, const struct machine *machine)
{
	if (!sysroot_exists(ctx, machine->root, "/sys/firmware/memmap"))
		return false;
	/* The kernel then added EFI's entries to its own map, but not to the firmware's. */
	if (!cmdline_has_param(machine->cmdline, "add_efi_memmap"))
		return true;
	log_debug(&ctx->log, "add_efi_memmap on the command line: using /proc/iomem");
	return false;
}

static int no_layout(struct ctx *ctx, const struct failure *firmware, const struct failure *iomem)
{
	err_set(&ctx->err, -ENODATA, "Could not get memory layout: %s%s%s",
		firmware->what ? firmware->what : "", firmware->what ? "; " : "", iomem->what);
	err_hint(&ctx->err, "%s", iomem->hint);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* Reads the firmware's map of all memory, without the running kernel's own changes. */
static bool read_firmware_map(struct ctx *ctx, struct machine *machine, struct failure *failure)
{
	if (!memory_map_from_firmware(ctx, machine->root, &machine->map))
		return true;
	*failure = take_failure(ctx);
	log_warn(&ctx->log,
		 "Parsing the /sys/firmware memory map failed. Falling back to /proc/iomem. (%s)",
		 failure->what);
	return false;
}

/*
 * A load without /proc/iomem may overwrite a crash kernel or memory of drivers when it is started.
 * It needs a request that names the memory; a dry run only shows places.
 */
static int check_blind_load(struct ctx *ctx, const struct request *req, const struct failure *iomem)
{
	static const char unknown[] = "where a crash kernel and memory of drivers lie is unknown";

	if (req->dry_run || req->mem_min || req->mem_max != UINT64_MAX) {
		log_warn(&ctx->log, "%s: %s, segments may be placed there", iomem->what, unknown);
		return 0;
	}
	err_set(&ctx->err, -ENODATA, "%s: %s", iomem->what, unknown);
	err_hint(&ctx->err, "Name memory that is free with --mem-min and --mem-max.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static int read_map(struct ctx *ctx, const struct request *req, const struct machine_source *source,
		    struct machine *machine)
{
	/* A crash load describes the running kernel's memory: /proc/iomem alone has all of it. */
	bool wants_firmware = source->firmware_map && !req->crash;
	struct failure firmware = { 0 }, iomem = { 0 };
	bool have_map = false;

	if (source->read_iomem ? source->read_iomem(ctx, req, machine) : read_iomem(ctx, machine))
		iomem = take_failure(ctx);
	if (wants_firmware && wants_firmware_map(ctx, machine))
		have_map = read_firmware_map(ctx, machine, &firmware);
	if (have_map && iomem.what && check_blind_load(ctx, req, &iomem))
		return ctx->err.code;
	if (!have_map && !iomem.what) {
		have_map = !memory_map_from_iomem(ctx, &machine->iomem, &machine->map);
		if (!have_map)
			iomem = take_failure(ctx);
	}
	if (!have_map)
		return no_layout(ctx, &firmware, &iomem);
	if (wants_firmware)
		memory_map_clip_ram(&machine->map, source->lowest_ram);
	return 0;
}

/*
 * True for "System RAM (kmem)" and similar names.  A driver added this memory, and a
 * starting kernel does not find it without the driver (Linux: add_memory_driver_managed()).
 */
static bool driver_managed(const char *name)
{
	enum memory_type type;

	return !strncmp(name, "System RAM (", 12) && !memory_type_by_name(name, &type);
}

/*
 * True for reserved memory, even if only the running kernel reserves it.  Firmware leaves
 * tables in RAM (TPM event log, ESRT, MOK lists) that the next kernel has to find.
 */
static bool is_reserved(const char *name)
{
	enum memory_type type;

	return memory_type_by_name(name, &type) && type != MEMORY_RAM;
}

/*
 * Name of the lines with the reservations.  Where boot code sees the reservation at another
 * address, a crash kernel is loaded to that address.
 */
static const char *crash_name(const struct iomem *iomem)
{
	for (size_t i = 0; i < iomem->count; i++) {
		if (!strcmp(iomem->entry[i].name, "Crash kernel (boot alias)"))
			return iomem->entry[i].name;
	}
	return "Crash kernel";
}

/*
 * Keeps the part of ram that is RAM in iomem, too: the firmware's map also lists memory that the
 * running kernel was told to leave alone (mem=, memmap=) or that was taken from it since.
 */
static void keep_ram_of_iomem(struct arena *arena, const struct iomem *iomem, struct range_set *ram)
{
	struct range_set shown = { 0 };
	enum memory_type type;
	uint64_t end = 0;

	for (size_t i = 0; i < iomem->count; i++) {
		if (memory_type_by_name(iomem->entry[i].name, &type) && type == MEMORY_RAM)
			range_set_add(arena, &shown, iomem->entry[i].range);
	}
	for (size_t i = 0; i < shown.count; i++) {
		range_set_subtract(arena, ram, (struct range){ end, shown.range[i].start });
		end = shown.range[i].end;
	}
	range_set_subtract(arena, ram, (struct range){ end, UINT64_MAX });
}

static uint64_t managed_size(struct arena *arena, const struct machine *machine)
{
	const struct iomem *iomem = &machine->iomem;
	struct range_set set = { 0 };

	for (size_t i = 0; i < iomem->count; i++)
		if (iomem_is_managed_ram(iomem->entry[i].name))
			range_set_add(arena, &set, iomem->entry[i].range);
	for (size_t i = 0; i < machine->crash.count; i++)
		range_set_subtract(arena, &set, machine->crash.range[i]);
	return iomem->count ? range_set_size(&set) : range_set_size(&machine->ram);
}

static void find_ram(struct ctx *ctx, bool crash_load, bool reservation_is_ram,
		     struct machine *machine)
{
	const char *crash = crash_name(&machine->iomem);
	struct arena *arena = &ctx->arena;

	for (size_t i = 0; i < machine->map.count; i++) {
		if (machine->map.entry[i].type == MEMORY_RAM)
			range_set_add(arena, &machine->ram, machine->map.entry[i].range);
	}
	if (machine->iomem.count)
		keep_ram_of_iomem(arena, &machine->iomem, &machine->ram);
	for (size_t i = 0; i < machine->iomem.count; i++) {
		const struct iomem_entry *entry = &machine->iomem.entry[i];

		if (!strcmp(entry->name, crash))
			range_set_add(arena, &machine->crash, entry->range);
		else if (driver_managed(entry->name) || is_reserved(entry->name))
			range_set_subtract(arena, &machine->ram, entry->range);
	}
	for (size_t i = 0; i < machine->crash.count; i++) {
		/*
		 * kexec_load(2) would accept a segment there.  The jump would then overwrite
		 * the crash kernel, which is needed until the last instruction before it.
		 */
		if (!crash_load && !machine->xen)
			range_set_subtract(arena, &machine->ram, machine->crash.range[i]);
		else if (reservation_is_ram)
			range_set_add(arena, &machine->ram, machine->crash.range[i]);
	}
	machine->managed = managed_size(arena, machine);
}

static void log_ranges(struct ctx *ctx, const char *what, const struct range_set *set)
{
	log_debug(&ctx->log, "%s: %zu ranges, %" PRIu64 " KiB", what, set->count,
		  range_set_size(set) >> 10);
}

const char *machine_kernel_arch(struct ctx *ctx, const struct sysroot *root)
{
	const char *text =
		(const char *)sysroot_read_optional(ctx, root, "/proc/sys/kernel/arch").data;

	return arena_strndup(&ctx->arena, text, strcspn(text, "\n"));
}

void machine_read_basics(struct ctx *ctx, const struct sysroot *root, struct machine *machine)
{
	*machine = (struct machine){ .root = root, .kernel_arch = machine_kernel_arch(ctx, root) };
	read_cmdline(ctx, machine);
	read_cpuinfo(ctx, machine);
}

int machine_read_memory(struct ctx *ctx, const struct request *req,
			const struct machine_source *source, struct machine *machine)
{
	int ret = read_map(ctx, req, source, machine);

	if (ret)
		return ret;
	find_ram(ctx, req->crash, source->reservation_is_ram, machine);
	log_debug(&ctx->log, "memory map: %zu entries from %s", machine->map.count,
		  machine->map.source);
	log_ranges(ctx, "memory for segments", &machine->ram);
	log_ranges(ctx, "crash kernel reservation", &machine->crash);
	return 0;
}
