/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crash load's own segments: the backup of low memory and the core header. */
#include "kdump.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

#define KEXEC_ON_CRASH 1u /* kexec_load(2) */

const struct kdump_arch kdump_x86_64 = {
	.elf64 = true,
	.order = ORDER_LE,
	.e_machine = EM_X86_64,
	/* 1 GiB since KASLR; modules lie behind the image in it or behind it. */
	.kernel_window = { 0xffffffff80000000, 0xffffffffc0000000 },
	.linear_align = 1u << 30,
	.default_linear = 0xffff888000000000,
	.backup_limit = 0xa0000,
};

int kdump_bound(struct ctx *ctx, const struct machine *machine, struct plan *plan)
{
	int ret = kdump_reservation(ctx, machine, &plan->within.range);

	if (ret)
		return ret;
	plan->within.why = "the crash kernel's reservation";
	plan->kexec_flags |= KEXEC_ON_CRASH;
	return 0;
}

static int place(struct ctx *ctx, struct plan *plan, struct segment segment, uint64_t memsz,
		 struct range *out)
{
	int index;

	segment.placement = (struct placement){ .align = plan->page_size,
						.direction = HIGHEST_FIRST };
	index = plan_place(ctx, plan, &segment, memsz);
	if (index < 0)
		return index;
	*out = plan->segment[index].range;
	return 0;
}

static int place_backup(struct ctx *ctx, struct plan *plan, struct kdump *kdump, struct range *copy)
{
	uint64_t size = range_size(kdump->backup);
	int ret;

	*copy = (struct range){ 0 };
	if (!size)
		return 0;
	/* Purgatory writes there after it has checked the rest: no bytes, no seal. */
	ret = place(ctx, plan, (struct segment){ .name = "backup" }, size, copy);
	if (ret)
		return ret;
	kdump->backup_copy = copy->start;
	plan->params.copy = (struct purgatory_copy){ kdump->backup.start, copy->start, size };
	return 0;
}

static int describe(struct ctx *ctx, const struct machine *machine,
		    const struct machine_crash *crash, bool vmcoreinfo, struct core_header *in)
{
	struct range *notes;
	int ret = kdump_cpu_notes(ctx, crash, &notes, &in->cpus);

	in->cpu_notes = notes;
	if (!ret && vmcoreinfo)
		ret = kdump_vmcoreinfo(ctx, crash, &in->vmcoreinfo);
	if (!ret)
		ret = kdump_kernel_map(ctx, machine, crash, in->arch, &in->map);
	if (ret)
		return ret;
	log_debug(&ctx->log,
		  "dump: %zu CPUs, %zu ranges of %" PRIu64 " KiB; address 0 mapped at 0x%" PRIx64
		  ", kernel image 0x%" PRIx64 " at 0x%" PRIx64,
		  in->cpus, in->ram->count, range_set_size(in->ram) >> 10, in->map.linear,
		  in->map.image.start, in->map.image_virt);
	return 0;
}

int kdump_check_hotplug(struct ctx *ctx, uint64_t elfcorehdr_size)
{
	if (elfcorehdr_size)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"Path /sys/kernel/crash_elfcorehdr_size does not "
		"exist, the kernel needs CONFIG_CRASH_HOTPLUG");
	return err_hint(&ctx->err, "Leave --hotplug out and load again when CPUs or "
				   "memory change.");
}

/* Room in which the kernel can rewrite the header; without hotplug as much as it has. */
static int header_room(struct ctx *ctx, const struct machine_crash *crash, struct bytes bytes,
		       bool hotplug, uint64_t *room)
{
	*room = hotplug ? crash->elfcorehdr_size : bytes.size;
	if (hotplug && kdump_check_hotplug(ctx, *room))
		return ctx->err.code;
	if (*room >= bytes.size)
		return 0;
	return err_set(&ctx->err, -EINVAL,
		       "elfcorehdr: %zu bytes are needed, the kernel's "
		       "crash_elfcorehdr_size is %" PRIu64,
		       bytes.size, *room);
}

static int place_header(struct ctx *ctx, const struct machine_crash *crash,
			const struct core_header *in, bool hotplug, struct plan *plan,
			struct kdump *kdump, struct range *header)
{
	struct segment segment = { .name = "elfcorehdr", .sealed = !hotplug };
	uint64_t room;
	int ret = kdump_core_header(ctx, in, &segment.bytes);

	if (!ret)
		ret = header_room(ctx, crash, segment.bytes, hotplug, &room);
	if (!ret)
		ret = place(ctx, plan, segment, room, header);
	if (!ret)
		kdump->elfcorehdr = header->start;
	return ret;
}

int kdump_place(struct ctx *ctx, const struct machine *machine, const struct machine_crash *crash,
		const struct kdump_arch *arch, const struct kdump_options *options,
		struct plan *plan, struct kdump *out)
{
	struct core_header in = { .arch = arch, .ram = &out->dump };
	struct range copy, header;
	int ret;

	*out = (struct kdump){ 0 };
	out->dump = kdump_dump_ranges(ctx, machine);
	if (options->backup)
		out->backup = kdump_backup_source(&out->dump, arch->backup_limit);
	ret = place_backup(ctx, plan, out, &copy);
	if (ret)
		return ret;
	in.backup = out->backup;
	in.backup_copy = out->backup_copy;
	ret = describe(ctx, machine, crash, options->vmcoreinfo, &in);
	if (!ret)
		ret = place_header(ctx, crash, &in, options->hotplug, plan, out, &header);
	return ret ? ret : kdump_memory_map(ctx, machine, out->backup, copy, header, &out->map);
}
