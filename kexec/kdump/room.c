/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a crash kernel, its unpacked initrd and its own allocations fit the reservation
 * (Linux: admin-guide/kdump/kdump.rst, kernel/kexec_core.c).
 */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#include "core/units.h"

/* Measured: slab, per-CPU areas and page tables of a distribution's kernel on two CPUs. */
#define WORKING_ROOM (16 * MIB)
#define STRUCT_PAGE 64u /* the kernel's bookkeeping for each page */

static const char reserve_more[] = "Reserve more with crashkernel=, or load a smaller initrd.";

/*
 * Bytes of the reservation that the running kernel uses itself: the code that jumps, and
 * page tables of at most one page for each GiB of memory.
 */
static uint64_t control_room(const struct range_set *ram)
{
	return 64 * KIB + range_set_size(ram) / GIB * PAGE_4K;
}

static uint64_t loaded(const struct plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->segments; i++)
		sum += range_size(plan->segment[i].range);
	return sum;
}

static uint64_t in_mib(uint64_t bytes)
{
	return bytes / MIB + (bytes % MIB != 0);
}

static uint64_t initrd_unpacked(const struct plan *plan)
{
	for (size_t i = 0; i < plan->segments; i++) {
		if (!strcmp(plan->segment[i].name, "initrd"))
			return kdump_initrd_unpacked(plan->segment[i].bytes);
	}
	return 0;
}

static int check_control_room(struct ctx *ctx, const struct load *load, uint64_t used)
{
	struct range_set ram = kdump_dump_ranges(ctx, &load->machine);
	uint64_t size = range_size(load->reservation), control = control_room(&ram);

	if (used <= size && size - used >= control)
		return 0;
	err_set(&ctx->err, -ENOSPC,
		"The crash kernel's reservation has %" PRIu64 " KiB, the segments take %" PRIu64
		" KiB, and %" PRIu64 " KiB must stay free for the running kernel's own pages",
		size / KIB, used / KIB, control / KIB);
	return err_hint(&ctx->err, "%s", reserve_more);
}

int kdump_check_room(struct ctx *ctx, const struct load *load, const struct plan *plan)
{
	uint64_t total = range_set_size(&load->machine.crash) +
			 range_set_size(&load->machine.crash_cma);
	uint64_t used = loaded(plan);
	uint64_t unpacked = initrd_unpacked(plan);
	uint64_t own = WORKING_ROOM + total / PAGE_4K * STRUCT_PAGE;
	uint64_t need = used + unpacked + own;
	int ret = check_control_room(ctx, load, used);

	if (ret)
		return ret;
	if (need <= total)
		log_debug(&ctx->log,
			  "crash kernel: %" PRIu64 " of %" PRIu64
			  " MiB are left for programs, by estimate",
			  (total - need) / MIB, in_mib(total));
	else
		log_warn(&ctx->log,
			 "the crash kernel may run out of memory: %" PRIu64
			 " MiB are reserved; the load takes %" PRIu64
			 ", its initrd unpacked about %" PRIu64 ", the kernel itself about %" PRIu64
			 ": crashkernel=%" PRIu64 "M would do",
			 in_mib(total), in_mib(used), in_mib(unpacked), in_mib(own), in_mib(need));
	return 0;
}

int kdump_check_files(struct ctx *ctx, const struct load *load)
{
	uint64_t kernel = load->image.bytes.size, initrd = load->initrd.bytes.size;
	struct range r = load->reservation;

	/* Without a memory map the reservation is unknown. */
	if (range_empty(r) || kernel + initrd <= range_size(r))
		return 0;
	err_set(&ctx->err, -ENOSPC,
		"the kernel (%" PRIu64 " MiB) and the initrd (%" PRIu64
		" MiB) are larger than the reservation for crash kernels, 0x%" PRIx64 "-0x%" PRIx64
		" (%" PRIu64 " MiB)",
		in_mib(kernel), in_mib(initrd), r.start, r.end - 1, range_size(r) / MIB);
	return err_hint(&ctx->err, "%s", reserve_more);
}
