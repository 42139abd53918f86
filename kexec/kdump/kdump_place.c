/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments of crash loads alone: the backup of low memory and the core header. */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#include "core/kexec_flags.h"
#include "core/units.h"
#include "machine/memmap.h"
#include "notes.h"

#define HOTPLUG_SIZE "crash_elfcorehdr_size" /* file in /sys/kernel/ or /sys/kernel/kexec/ */

void kdump_bound(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct range r = load->reservation;

	plan->within.range = r;
	plan->within.why = arena_printf(&ctx->arena,
					"the crash kernel's reservation at 0x%" PRIx64
					"-0x%" PRIx64,
					r.start, r.end - 1);
	plan->kexec_flags |= KEXEC_ON_CRASH;
}

static int place(struct ctx *ctx, struct plan *plan, struct segment segment, uint64_t memsz,
		 struct range *out)
{
	int index;

	segment.placement.direction = HIGHEST_FIRST;
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
	/* Purgatory fills the backup after its check of the other segments: no bytes, no seal. */
	ret = place(ctx, plan, (struct segment){ .name = "backup" }, size, copy);
	if (ret)
		return ret;
	kdump->backup_copy = copy->start;
	plan->params.copy = (struct purgatory_copy){ kdump->backup.start, copy->start, size };
	return 0;
}

/*
 * The crash kernel reads the notes, and tools read the kernel's image, out of the dumped
 * memory.  If any of these ranges lies outside, /proc/vmcore is missing or useless.
 */
static int check_dumped(struct ctx *ctx, const struct load *load, const struct core_header *in,
			struct range r, const char *file, const char *what)
{
	if (range_empty(r) || range_set_contains(in->ram, r))
		return 0;
	return err_set(&ctx->err, -EINVAL,
		       "%s: the %s at 0x%" PRIx64 "-0x%" PRIx64
		       " is not in the memory to be dumped (System RAM of %s without "
		       "Crash kernel)",
		       file, what, r.start, r.end - 1, iomem_source(&load->machine.iomem));
}

static int check_header(struct ctx *ctx, const struct load *load, const struct core_header *in)
{
	const struct machine_crash *crash = load->crash;
	int ret = check_dumped(ctx, load, in, in->vmcoreinfo, "/sys/kernel/vmcoreinfo", "note");

	for (size_t i = 0; i < in->cpus && !ret; i++)
		ret = check_dumped(ctx, load, in, in->cpu_notes[i], crash->cpu[i].notes_name,
				   "place for notes");
	if (ret)
		return ret;
	return check_dumped(ctx, load, in, in->map.image,
			    crash->kcore.size ? crash->kcore_name : "/proc/kallsyms", "kernel");
}

/* Leaves out notes and the kernel's image if the next kernel overwrites them (load->lent). */
static void drop_lent(struct core_header *in, struct range *notes)
{
	size_t kept = 0;

	for (size_t i = 0; i < in->cpus; i++) {
		if (range_set_contains(in->ram, notes[i]))
			notes[kept++] = notes[i];
	}
	in->cpus = kept;
	if (!range_set_contains(in->ram, in->map.image))
		in->map.image = (struct range){ 0 };
}

static int read_facts(struct ctx *ctx, const struct load *load, struct core_header *in)
{
	struct range *notes = NULL;
	bool crash = load->req->crash;
	int ret = kdump_cpu_notes(ctx, load->crash, &notes, &in->cpus);

	in->cpu_notes = notes;
	if (!ret && crash)
		ret = kdump_vmcoreinfo(ctx, load->crash, &in->vmcoreinfo);
	if (!ret && load->crash->hypervisor)
		in->map.linear_unknown = true;
	else if (!ret)
		ret = kdump_kernel_map(ctx, &load->machine, load->crash, in->arch, &in->map);
	if (!ret && crash)
		ret = check_header(ctx, load, in);
	else if (!ret)
		drop_lent(in, notes);
	return ret;
}

static int describe(struct ctx *ctx, const struct load *load, struct core_header *in)
{
	/*
	 * In a dry run of kexec_file_load this header replaces the running kernel's.  A
	 * kernel that returns needs no dump.
	 */
	bool optional = load->method == METHOD_KEXEC_FILE_LOAD || load->req->preserve_context;
	int ret;

	ctx->log.quiet = optional;
	ret = read_facts(ctx, load, in);
	ctx->log.quiet = false;
	if (ret && optional) {
		log_debug(&ctx->log, "core header without addresses: %s", ctx->err.what);
		err_clear(&ctx->err);
		in->map = (struct kernel_map){ .linear_unknown = true };
		return 0;
	}
	if (ret && load->file_call_left)
		err_hint(&ctx->err, "%s",
			 arena_join(&ctx->arena, ctx->err.hint, "  ",
				    "Load with -s (kexec_file_load), where the kernel writes the "
				    "core header itself."));
	if (ret)
		return ret;
	log_debug(&ctx->log,
		  "dump: %zu CPUs, %zu ranges of %" PRIu64 " KiB; address 0 mapped at 0x%" PRIx64
		  ", kernel image 0x%" PRIx64 " at 0x%" PRIx64,
		  in->cpus, in->ram->count, range_set_size(in->ram) >> 10, in->map.linear,
		  in->map.image.start, in->map.image_virt);
	return 0;
}

/* Parses the size in bytes of the room in which the kernel can rewrite the header. */
static int hotplug_room(struct ctx *ctx, const char *text, uint64_t needed, uint64_t *room)
{
	const char *p = text ? text : "0";

	if (!notes_word(&p, 10, room) || !notes_end(p))
		err_set(&ctx->err, -EINVAL, HOTPLUG_SIZE ": expected a decimal size, found '%.40s'",
			text);
	else if (!*room)
		err_set(&ctx->err, -ENOTSUP,
			"Path /sys/kernel/" HOTPLUG_SIZE
			" does not exist, the kernel needs CONFIG_CRASH_HOTPLUG");
	else if (*room < needed)
		err_set(&ctx->err, -EINVAL,
			"elfcorehdr: %" PRIu64 " bytes are needed, the kernel's " HOTPLUG_SIZE
			" is %" PRIu64,
			needed, *room);
	else
		return 0;
	return err_hint(&ctx->err,
			"Leave --hotplug out and load again when CPUs or memory change.");
}

int kdump_check_hotplug(struct ctx *ctx, const char *elfcorehdr_size)
{
	uint64_t room;

	return hotplug_room(ctx, elfcorehdr_size, 0, &room);
}

static int place_header(struct ctx *ctx, const struct load *load, const struct core_header *in,
			struct plan *plan, struct kdump *kdump, struct range *header)
{
	bool hotplug = load->req->hotplug;
	struct segment segment = {
		.name = "elfcorehdr",
		.placement.align = in->arch->header_align,
		.sealed = !hotplug,
	};
	int ret = kdump_core_header(ctx, in, &segment.bytes);
	uint64_t room = segment.bytes.size;

	if (!ret && hotplug)
		ret = hotplug_room(ctx, load->elfcorehdr_size, segment.bytes.size, &room);
	if (ret)
		return ret;
	ret = place(ctx, plan, segment, room, header);
	if (ret)
		return hotplug ? err_prefix(&ctx->err, HOTPLUG_SIZE) : ret;
	kdump->elfcorehdr = header->start;
	kdump->header = (struct range){ header->start, header->start + room };
	if (hotplug)
		plan->kexec_flags |= in->arch->hotplug_flag;
	return 0;
}

static void choose_class(struct ctx *ctx, const struct load *load, const char *arch_name,
			 const struct range_set *dump, struct kdump_arch *arch)
{
	unsigned int asked = load->req->core_bits;

	if (arch->either_class)
		arch->elf64 = asked ? asked == 64
				    : dump->count && dump->range[dump->count - 1].end > 4 * GIB;
	else if (asked && arch->elf64 != (asked == 64))
		log_warn(&ctx->log, "--elf%u-core-headers has no effect on %s", asked, arch_name);
}

static void find_backup(struct ctx *ctx, const struct load *load, const struct kdump_arch *arch,
			struct kdump *out)
{
	out->backup = kdump_backup_source(&load->machine.iomem, &out->dump, arch->backup_limit);
	if (arch->backup_limit && range_empty(out->backup) && load->method == METHOD_KEXEC_LOAD)
		log_warn(&ctx->log,
			 "the crash kernel may not start: it needs memory below 0x%" PRIx64
			 ", and %s has no System RAM there",
			 arch->backup_limit, iomem_source(&load->machine.iomem));
}

int kdump_place(struct ctx *ctx, const struct load *load, const struct kdump_arch *arch,
		struct plan *plan, struct kdump *out)
{
	struct kdump_arch own = *arch;
	struct core_header in = { .arch = &own, .ram = &out->dump };
	struct range copy, header;
	struct range_set low;
	int ret;

	*out = (struct kdump){ 0 };
	out->dump = kdump_dump_ranges(ctx, &load->machine);
	for (size_t i = 0; i < load->lent.count; i++)
		range_set_subtract(&ctx->arena, &out->dump, load->lent.range[i]);
	choose_class(ctx, load, plan->arch, &out->dump, &own);
	if (load->req->crash)
		find_backup(ctx, load, arch, out);
	ret = place_backup(ctx, plan, out, &copy);
	if (ret)
		return ret;
	in.backup = out->backup;
	in.backup_copy = out->backup_copy;
	ret = describe(ctx, load, &in);
	if (ret)
		return ret;
	ret = place_header(ctx, load, &in, plan, out, &header);
	if (ret)
		return ret;
	if (!load->req->crash) {
		low = range_set_copy(&ctx->arena, &load->lent);
		range_set_subtract(&ctx->arena, &low, header);
		out->map = load->machine.map;
		return memory_map_reserve_rest(ctx, &low, &out->map);
	}
	low = kdump_low_ram(ctx, &out->dump, out->backup);
	return kdump_memory_map(ctx, &load->machine, &low, copy, header, &out->map);
}
