/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash load on arm: the core header, and the memory that is left, are told in the
 * device tree's /chosen and, for Linux before 5.13, on the command line (Linux:
 * admin-guide/kdump/kdump.rst).
 */
#include "arm.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

#include "kdump/kdump.h"
#include "core/units.h"

#define DEFAULT_PAGE_OFFSET 0xc0000000u /* VMSPLIT_3G */
/* The vmalloc area of 240 MiB follows, unless vmalloc= says otherwise; 8 MiB later since 5.15. */
#define LINEAR_END 0xef800000u
#define PAGE_OFFSET_ALIGN 0x2000000u /* the kernel starts less than this behind it */

/* Virtual address of the start of RAM. */
static uint64_t page_offset(struct ctx *ctx, const struct request *req,
			    const struct machine_crash *crash, bool *known)
{
	uint64_t stext = 0;

	*known = true;
	if (kallsyms_find(crash->kallsyms, "_stext", &stext) && stext)
		return align_down(stext, PAGE_OFFSET_ALIGN);
	if (req->page_offset)
		return req->page_offset;
	*known = false;
	log_debug(&ctx->log, "/proc/kallsyms does not tell _stext (kernel.kptr_restrict?)");
	return DEFAULT_PAGE_OFFSET;
}

static struct kdump_arch describe(struct ctx *ctx, const struct request *req,
				  const struct machine *machine, const struct machine_crash *crash)
{
	struct range_set ram = kdump_dump_ranges(ctx, machine);
	struct range all = { 0 };
	struct kdump_arch arch = { .order = ORDER_LE, .e_machine = EM_ARM };
	uint64_t offset = page_offset(ctx, req, crash, &arch.default_known);

	/* The reservation is RAM, too. */
	for (size_t i = 0; i < machine->iomem.count && range_empty(all); i++) {
		if (!strcmp(machine->iomem.entry[i].name, "System RAM"))
			all = machine->iomem.entry[i].range;
	}
	arch.elf64 = ram.count && ram.range[ram.count - 1].end > 4 * GIB;
	arch.default_linear = offset - all.start;
	arch.lowmem_limit = LINEAR_END - offset + all.start;
	return arch;
}

/* Nobody has translated addresses when a kernel starts. */
static int check_reach(struct ctx *ctx, const struct machine *machine, struct range reservation)
{
	if (reservation.end <= 4 * GIB)
		return 0;
	err_set(&ctx->err, -ERANGE,
		"The crash kernel's reservation 0x%" PRIx64 "-0x%" PRIx64
		" (%s) is inaccessible at boot: it is not below 4 GiB",
		reservation.start, reservation.end - 1, iomem_source(&machine->iomem));
	return err_hint(&ctx->err, "Boot with another crashkernel=, then load again.");
}

int arm_plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   struct plan *plan, const char **cmdline, struct devicetree_changes *changes)
{
	struct kdump_options options = { .vmcoreinfo = true, .hotplug = req->hotplug };
	struct kdump_words words = { 0 };
	struct machine_crash crash;
	struct kdump_arch arch;
	struct kdump kdump;
	int ret = check_reach(ctx, machine, plan->within.range);

	if (!ret)
		ret = machine_read_crash(ctx, machine, &crash);
	if (ret)
		return ret;
	arch = describe(ctx, req, machine, &crash);
	options.header_align = arch.elf64 ? 2 * MIB : MIB; /* a section of the page tables */
	ret = kdump_place(ctx, machine, &crash, &arch, &options, plan, &kdump);
	if (ret)
		return ret;
	changes->elfcorehdr = kdump.header;
	words.elfcorehdr = kdump.elfcorehdr;
	words.mem = kdump.elfcorehdr - plan->within.range.start;
	ret = kdump_command_line(ctx, *cmdline ? *cmdline : "", ARM_CMDLINE_SIZE, &words, cmdline);
	return ret ? ret : arch_usable_memory(ctx, machine, changes);
}
