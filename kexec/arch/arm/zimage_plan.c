/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a zImage is put, and which memory it uses before the kernel in it runs (Linux:
 * arch/arm/booting.rst, arch/arm/boot/compressed/head.S).
 *
 * The decompressor puts the kernel at TEXT_OFFSET behind what it takes for the start of
 * memory.  Where that would overwrite itself, it first moves behind the place of the
 * decompressed kernel.  So the memory behind its own is not free.
 */
#include "arm.h"

#include <errno.h>
#include <inttypes.h>

#include "kdump/kdump.h"
#include "core/units.h"

#define BLOCK (128 * MIB) /* the decompressor rounds its own address down to this */
#define MEMORY_ALIGN (2 * MIB) /* or the start of memory up to this, if a device tree tells it */
#define HEAD 0x8000 /* below the entry: tag list, page tables */
#define ATAGS 0x1000 /* from the start of the head */
#define LOWMEM (512 * MIB) /* mapped by every kernel, however it splits addresses */
/* A word of zeros, or the decompressor would look for a device tree behind itself. */
#define TAIL 4

/* Decompressed and with the decompressor behind it, by rule of thumb. */
#define UNTOLD_FACTOR 5

static uint64_t running_size(const struct zimage *zimage)
{
	return zimage->kernel.size + zimage->work_size;
}

/* Memory from where the kernel is decompressed to on. */
static uint64_t needed_size(struct ctx *ctx, const struct request *req, const struct zimage *zimage)
{
	uint64_t run = running_size(zimage), need = UNTOLD_FACTOR * run;
	uint64_t asked = req->image_size < UINT32_MAX ? req->image_size : UINT32_MAX;

	if (zimage->sized)
		need = zimage->kernel_size + (zimage->bss_size > run ? zimage->bss_size : run);
	if (asked && (asked >= need || !zimage->sized))
		return asked;
	if (asked)
		log_warn(&ctx->log, "Kernel size is too small, increasing to 0x%" PRIx64, need);
	return need;
}

/* The end of all that is written before the kernel runs, wherever it takes memory to start. */
static uint64_t first_free(struct ctx *ctx, const struct request *req, const struct zimage *zimage,
			   uint64_t entry, uint64_t memory)
{
	uint64_t need = needed_size(ctx, req, zimage), end = entry + running_size(zimage);
	uint64_t told, base[2] = { align_down(entry, BLOCK), memory };

	if (align_up(memory, MEMORY_ALIGN, &told))
		base[1] = told;
	for (size_t i = 0; i < 2; i++) {
		if (base[i] + zimage->text_offset + need > end)
			end = base[i] + zimage->text_offset + need;
	}
	return end;
}

/* Memory as the next kernel has it. */
static int memory_start(struct ctx *ctx, const struct request *req, const struct machine *machine,
			uint64_t *start)
{
	struct range reservation;
	int ret;

	if (req->crash) {
		ret = kdump_reservation(ctx, machine, &reservation);
		*start = reservation.start;
		return ret;
	}
	for (size_t i = 0; i < machine->map.count; i++) {
		if (machine->map.entry[i].type == MEMORY_RAM) {
			*start = machine->map.entry[i].range.start;
			return 0;
		}
	}
	return err_set(&ctx->err, -ENODATA, "%s lists no System RAM", machine->map.source);
}

/*
 * The kernel reserves at a multiple of 128 MiB, unless crashkernel= says where.  Only newer
 * decompressors look into the device tree when they find themselves somewhere else.
 */
static void warn_of_place(struct ctx *ctx, const struct range *reservation, uint64_t entry)
{
	uint64_t base = align_down(entry, BLOCK);

	if (base < reservation->start)
		log_warn(&ctx->log,
			 "the crash kernel's reservation does not begin at a multiple of 128 MiB: "
			 "an older kernel decompresses itself from 0x%" PRIx64
			 " on, into the memory to be dumped",
			 base);
}

static int place(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 const struct zimage *zimage, const char *file, struct plan *plan,
		 struct arm_kernel *kernel)
{
	struct segment segment = {
		.name = "kernel",
		.file = file,
		.bytes = zimage->kernel,
		.placement = { .align = ARM_PAGE_SIZE, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	uint64_t memory = 0, base;
	int ret = memory_start(ctx, req, machine, &memory);

	if (ret)
		return ret;
	placement_limit(&segment.placement,
			(struct range){ memory, align_down(memory, BLOCK) + BLOCK },
			"kernel in the first 128 MiB of memory");
	arch_limit_placement(req, &segment.placement);
	ret = plan_find(ctx, plan, segment.name, &segment.placement, HEAD + running_size(zimage),
			&base);
	if (ret < 0)
		return ret;
	kernel->entry = base + HEAD;
	kernel->atags = base + ATAGS;
	kernel->rest.start = first_free(ctx, req, zimage, kernel->entry, memory);
	kernel->rest.end = memory + LOWMEM;
	ret = plan_fix(ctx, plan, &segment, kernel->entry, zimage->kernel.size + TAIL);
	return ret < 0 ? ret : 0;
}

int arm_zimage_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, struct plan *plan)
{
	struct devicetree_changes changes = { .dry_run = req->dry_run };
	struct devicetree tree = { 0 };
	struct arm_kernel kernel = { .tree = req->atags ? NULL : &tree };
	struct zimage zimage;
	int ret = zimage_parse(image->bytes, &zimage, &ctx->err);

	if (!ret)
		ret = arch_check_uimage(ctx, image, "arm", ARM_UIMAGE);
	if (ret)
		return ret;
	if (zimage.big_endian)
		log_warn(&ctx->log,
			 "%s is a big-endian kernel: it starts only on a CPU that has both orders",
			 image->name);
	if (req->atags && req->dtb)
		return err_set(&ctx->err, -EINVAL,
			       "You can only use ATAGs if you don't specify a dtb file.");
	plan->kernel_version = image->version;
	ret = arch_bootargs(ctx, req, machine, image, ARM_CMDLINE_SIZE, &changes.bootargs);
	if (!ret && kernel.tree)
		ret = arch_find_tree(ctx, req, machine, image, zimage.appended, plan, &tree);
	if (!ret && req->crash)
		ret = arm_plan_crash(ctx, req, machine, plan, &changes.bootargs, &changes);
	if (!ret)
		ret = place(ctx, req, machine, &zimage, image->name, plan, &kernel);
	if (ret)
		return ret;
	if (req->crash)
		warn_of_place(ctx, &changes.usable[0], kernel.entry);
	/* Behind the core header is memory that the crash kernel does not use. */
	if (req->crash && changes.elfcorehdr.start < kernel.rest.end)
		kernel.rest.end = changes.elfcorehdr.start;
	return arm_plan_linux(ctx, req, machine, image, &kernel, &changes, plan);
}
