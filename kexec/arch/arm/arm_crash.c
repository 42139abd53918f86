/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crash load on arm: core header and usable memory are in the device tree's /chosen and,
 * for Linux before 5.13, on the command line (Linux: admin-guide/kdump/kdump.rst).
 */
#include "arm.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

#include "core/kexec_flags.h"
#include "core/units.h"

#define DEFAULT_PAGE_OFFSET 0xc0000000u /* VMSPLIT_3G */
/*
 * Start of the vmalloc area of 240 MiB.  vmalloc= may change the size.  Since Linux 5.15 the area
 * starts 8 MiB later.
 */
#define LINEAR_END 0xef800000u
#define PAGE_OFFSET_ALIGN 0x2000000u /* the kernel starts less than this after it */

/* Returns the virtual address of the start of RAM.  *known: false for the default. */
static uint64_t page_offset(struct ctx *ctx, const struct load *load, bool *known)
{
	uint64_t stext = 0;

	*known = true;
	if (kallsyms_find(load->crash->kallsyms, "_stext", &stext) && stext)
		return align_down(stext, PAGE_OFFSET_ALIGN);
	if (load->req->page_offset)
		return load->req->page_offset;
	*known = false;
	log_debug(&ctx->log, "/proc/kallsyms does not report _stext (kernel.kptr_restrict?)");
	return DEFAULT_PAGE_OFFSET;
}

/* A starting kernel runs without MMU, so it reaches only the first 4 GiB. */
static int check_reach(struct ctx *ctx, const struct load *load)
{
	struct range r = load->reservation;

	if (r.end <= 4 * GIB)
		return 0;
	err_set(&ctx->err, -ERANGE,
		"The crash kernel's reservation 0x%" PRIx64 "-0x%" PRIx64
		" (%s) is inaccessible at boot: it is not below 4 GiB",
		r.start, r.end - 1, iomem_source(&load->machine.iomem));
	return err_hint(&ctx->err, "Boot with another crashkernel=, then load again.");
}

int arm_describe_kdump(struct ctx *ctx, const struct load *load, struct kdump_arch *out)
{
	const struct iomem *iomem = &load->machine.iomem;
	struct range_set ram = kdump_dump_ranges(ctx, &load->machine);
	struct range all = { 0 };
	uint64_t offset;
	int ret = check_reach(ctx, load);

	if (ret)
		return ret;
	*out = (struct kdump_arch){
		.order = ORDER_LE,
		.either_class = true,
		.e_machine = EM_ARM,
		.hotplug_flag = KEXEC_CRASH_HOTPLUG_SUPPORT,
	};
	offset = page_offset(ctx, load, &out->default_known);
	/* Start of RAM.  The dump's ranges lack the reservation, which may be the first RAM. */
	for (size_t i = 0; i < iomem->count && range_empty(all); i++) {
		if (!strcmp(iomem->entry[i].name, "System RAM"))
			all = iomem->entry[i].range;
	}
	out->default_linear = offset - all.start;
	out->lowmem_limit = LINEAR_END - offset + all.start;
	/* size of a section in the page tables */
	out->header_align = ram.count && ram.range[ram.count - 1].end > 4 * GIB ? 2 * MIB : MIB;
	return 0;
}

void arm_crash_words(const struct load *load, const struct boot *boot, const struct kdump *kdump,
		     struct kdump_words *words)
{
	(void)boot;
	words->elfcorehdr = kdump->elfcorehdr;
	words->mem = kdump->elfcorehdr - load->reservation.start;
}
