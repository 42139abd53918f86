/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a crash kernel, its unpacked initrd and its own allocations fit the reservation
 * (Linux: admin-guide/kdump/kdump.rst, kernel/kexec_core.c).
 */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#include "core/units.h"
#include "elf/elf_file.h"
#include "machine/cpuinfo.h"

/* Measured: slab, per-CPU areas and page tables of a distribution's kernel on two CPUs. */
#define WORKING_ROOM (16 * MIB)
#define STRUCT_PAGE 64u /* the kernel's bookkeeping for each page */

static const char reserve_more[] = "Reserve more with crashkernel=, or load a smaller initrd.";

/* Code that jumps, and what an arch may add to it. */
#define LEAST_CODE PAGE_4K
#define MOST_CODE (64 * KIB)

/* Bytes of the reservation that the running kernel uses itself.  A load fails without them. */
struct control_room {
	uint64_t least; /* certain */
	uint64_t most; /* with page tables that newer kernels do not need */
};

/* Number of aligned blocks of size bytes that contain memory of the set. */
static uint64_t blocks(const struct range_set *set, uint64_t size)
{
	uint64_t count = 0, next = 0;

	for (size_t i = 0; i < set->count; i++) {
		uint64_t first = set->range[i].start / size, last = (set->range[i].end - 1) / size;

		first = first < next ? next : first;
		if (last < first)
			continue;
		count += last - first + 1;
		next = last + 1;
	}
	return count;
}

/*
 * If the kernel maps all memory for the jump, each 512 GiB need a page of the tables. Each GiB
 * needs another one, unless the CPU has pages of 1 GiB and the kernel uses them (Linux from 4.13
 * on, without nogbpages).
 */
static struct control_room control_room(struct ctx *ctx, const struct load *load,
					const char *huge_page_flag)
{
	struct range_set ram = kdump_dump_ranges(ctx, &load->machine);
	struct control_room room = { LEAST_CODE, MOST_CODE };
	uint64_t upper, lower;

	if (!huge_page_flag)
		return room;
	upper = blocks(&ram, 512 * GIB) * PAGE_4K;
	lower = blocks(&ram, GIB) * PAGE_4K;
	room.least += upper;
	room.most += upper + lower;
	if (load->machine.cpuinfo.size && !cpuinfo_has_flag(load->machine.cpuinfo, huge_page_flag))
		room.least += lower;
	return room;
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

static int check_control_room(struct ctx *ctx, const struct load *load, uint64_t used,
			      const char *huge_page_flag)
{
	struct control_room control = control_room(ctx, load, huge_page_flag);
	uint64_t size = range_size(load->reservation), left = used < size ? size - used : 0;

	if (left >= control.most)
		return 0;
	if (left >= control.least) {
		log_warn(&ctx->log,
			 "the running kernel may refuse the load, and then no crash kernel is "
			 "loaded: of the reservation's %" PRIu64 " KiB the segments leave %" PRIu64
			 " KiB; the kernel needs at least %" PRIu64 " KiB for itself, and up to "
			 "%" PRIu64 " KiB if its page tables have no pages of 1 GiB",
			 size / KIB, left / KIB, control.least / KIB, control.most / KIB);
		return 0;
	}
	err_set(&ctx->err, -ENOSPC,
		"The crash kernel's reservation has %" PRIu64 " KiB, the segments take %" PRIu64
		" KiB, and %" PRIu64 " KiB must stay free for the running kernel's own pages",
		size / KIB, used / KIB, control.least / KIB);
	return err_hint(&ctx->err, "%s", reserve_more);
}

int kdump_check_room(struct ctx *ctx, const struct load *load, const struct plan *plan,
		     const char *huge_page_flag)
{
	uint64_t total = range_set_size(&load->machine.crash) +
			 range_set_size(&load->machine.crash_cma);
	uint64_t used = loaded(plan);
	uint64_t unpacked = initrd_unpacked(plan);
	uint64_t own = WORKING_ROOM + total / PAGE_4K * STRUCT_PAGE;
	uint64_t need = used + unpacked + own;
	int ret = check_control_room(ctx, load, used, huge_page_flag);

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

/* Bytes that the kernel's loader takes of an image: of an ELF file, its segments in memory. */
static uint64_t loaded_size(struct bytes image)
{
	struct elf_file elf;
	uint64_t sum = 0;

	if (!elf_magic(image) || elf_parse(image, &elf, NULL))
		return image.size;
	for (uint32_t i = 0; i < elf.phnum; i++) {
		struct elf_phdr phdr = elf_phdr(&elf, i);

		/* A sum that does not fit is an error of the image, which its own check reports. */
		if (phdr.type == PT_LOAD && __builtin_add_overflow(sum, phdr.memsz, &sum))
			return image.size;
	}
	return sum;
}

int kdump_check_files(struct ctx *ctx, const struct load *load)
{
	uint64_t kernel = loaded_size(load->image.bytes), initrd = load->initrd.bytes.size;
	struct range r = load->reservation;

	/* Without a memory map the reservation is unknown. */
	if (range_empty(r) || (kernel <= range_size(r) && initrd <= range_size(r) - kernel))
		return 0;
	err_set(&ctx->err, -ENOSPC,
		"the kernel (%" PRIu64 " MiB) and the initrd (%" PRIu64
		" MiB) are larger than the reservation for crash kernels, 0x%" PRIx64 "-0x%" PRIx64
		" (%" PRIu64 " MiB)",
		in_mib(kernel), in_mib(initrd), r.start, r.end - 1, range_size(r) / MIB);
	return err_hint(&ctx->err, "%s", reserve_more);
}
