/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory to dump, its part to copy away, the reservation (Linux: kernel/resource.c). */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#define SMALLEST_RESERVATION 4096u /* a reservation that was freed may leave a byte */

/* Firmware that runs inside a reservation is dumped: it does not belong to the crash kernel. */
static void add_firmware(struct ctx *ctx, const struct machine *machine, struct range_set *set)
{
	for (size_t i = 0; i < machine->iomem.count; i++) {
		const struct iomem_entry *entry = &machine->iomem.entry[i];

		for (size_t k = 0; k < machine->crash.count; k++)
			if (!strcmp(entry->name, "Firmware"))
				range_set_add(&ctx->arena, set,
					      range_intersect(entry->range,
							      machine->crash.range[k]));
	}
}

struct range_set kdump_dump_ranges(struct ctx *ctx, const struct machine *machine)
{
	const struct iomem *iomem = &machine->iomem;
	struct range_set set = { 0 };

	for (size_t i = 0; i < iomem->count; i++) {
		if (iomem_is_managed_ram(iomem->entry[i].name))
			range_set_add(&ctx->arena, &set, iomem->entry[i].range);
	}
	for (size_t i = 0; i < machine->crash.count; i++)
		range_set_subtract(&ctx->arena, &set, machine->crash.range[i]);
	/*
	 * The reservation may have two addresses; machine->crash contains those for booting.
	 * A read through the AGP aperture can hang the machine.
	 */
	for (size_t i = 0; i < iomem->count; i++) {
		if (!strcmp(iomem->entry[i].name, "GART") ||
		    !strcmp(iomem->entry[i].name, "Crash kernel"))
			range_set_subtract(&ctx->arena, &set, iomem->entry[i].range);
	}
	/* The crash kernel overwrites these areas before /proc/vmcore is read. */
	for (size_t i = 0; i < machine->crash_cma.count; i++)
		range_set_subtract(&ctx->arena, &set, machine->crash_cma.range[i]);
	for (size_t i = 0; i < machine->hidden.count; i++)
		range_set_subtract(&ctx->arena, &set, machine->hidden.range[i]);
	add_firmware(ctx, machine, &set);
	return set;
}

/* A read of memory that the firmware found to be bad can stop the machine. */
static bool is_bad(const struct iomem *iomem, struct range r)
{
	for (size_t i = 0; i < iomem->count; i++) {
		if (!strcmp(iomem->entry[i].name, "Unusable memory") &&
		    range_overlaps(iomem->entry[i].range, r))
			return true;
	}
	return false;
}

struct range kdump_backup_source(const struct iomem *iomem, const struct range_set *dump,
				 uint64_t limit)
{
	struct range largest = { 0 }, run = { 0 };

	for (size_t i = 0; i < dump->count; i++) {
		struct range piece = range_intersect(dump->range[i], (struct range){ 0, limit });

		if (range_empty(piece))
			break;
		if (range_empty(run) || is_bad(iomem, (struct range){ run.end, piece.start }))
			run.start = piece.start;
		run.end = piece.end;
		if (range_size(run) > range_size(largest))
			largest = run;
	}
	return largest;
}

struct range_set kdump_low_ram(struct ctx *ctx, const struct range_set *dump, struct range backup)
{
	struct range_set low = { 0 };

	for (size_t i = 0; i < dump->count; i++)
		range_set_add(&ctx->arena, &low, range_intersect(dump->range[i], backup));
	return low;
}

struct range kdump_last_reservation(const struct machine *machine)
{
	struct range load = { 0 };

	if (machine->crash.count)
		load = machine->crash.range[machine->crash.count - 1];
	/*
	 * Adjacent reservations are one range in the set, but the kernel accepts segments only
	 * in the last.
	 */
	for (size_t i = 0; i < machine->iomem.count; i++) {
		const struct iomem_entry *entry = &machine->iomem.entry[i];

		if (!strncmp(entry->name, "Crash kernel", 12) && range_contains(load, entry->range))
			load.start = entry->range.start;
	}
	return load;
}

int kdump_reservation(struct ctx *ctx, const struct machine *machine, struct range *load)
{
	*load = kdump_last_reservation(machine);
	if (range_size(*load) < SMALLEST_RESERVATION) {
		err_set(&ctx->err, -ENODATA, "Memory for crashkernel is not reserved");
		return err_hint(&ctx->err,
				"Please reserve memory by passing \"crashkernel=Y@X\" parameter "
				"to kernel, then load again.%s",
				cmdline_has_param(machine->cmdline, "crashkernel")
					? " It was given crashkernel=: either it found no such "
					  "memory, as its log says, or it was built without "
					  "CONFIG_CRASH_DUMP."
					: "");
	}
	if (range_set_overlaps(&machine->ram, *load))
		return 0;
	err_set(&ctx->err, -ENODATA,
		"The crash kernel's reservation 0x%" PRIx64 "-0x%" PRIx64 " (%s) is not RAM",
		load->start, load->end - 1, iomem_source(&machine->iomem));
	return err_hint(&ctx->err, "Boot with another crashkernel=, then load again.");
}
