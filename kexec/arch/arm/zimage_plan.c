/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The place of a zImage, and the memory that it uses before its kernel runs (Linux:
 * arch/arm/booting.rst, arch/arm/boot/compressed/head.S).
 *
 * The decompressor assumes a start of memory and puts the kernel TEXT_OFFSET bytes after it.  If
 * the kernel would overwrite the decompressor, the decompressor first moves itself to the end of
 * the kernel's place.  So the memory after the zImage is not free.
 */
#include "arm.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "boot/baked.h"
#include "core/units.h"

#define BLOCK (128 * MIB) /* the decompressor rounds its own address down to this */
#define MEMORY_ALIGN (2 * MIB) /* or rounds the start of memory in the device tree up to this */
#define HEAD 0x8000 /* room below the entry for tag list and page tables */
#define ATAGS 0x1000 /* offset in the head */
#define LOWMEM (512 * MIB) /* every kernel maps at least this much, with any VMSPLIT */
/* A word of zeros.  Without it the decompressor may take the next bytes for a device tree. */
#define TAIL 4

#define ZIMAGE_END_FIELD 0x2c

/* Estimate for a file without sizes: kernel and decompressor need 5 times the zImage's memory. */
#define UNSIZED_FACTOR 5

static uint64_t running_size(const struct zimage *zimage)
{
	return zimage->kernel.size + zimage->work_size;
}

/* Returns the bytes that are written from the place of the decompressed kernel on. */
static uint64_t needed_size(struct ctx *ctx, const struct request *req, const struct zimage *zimage)
{
	uint64_t run = running_size(zimage), need = UNSIZED_FACTOR * run;
	uint64_t asked = req->image_size < UINT32_MAX ? req->image_size : UINT32_MAX;

	if (zimage->sized)
		need = zimage->kernel_size + (zimage->bss_size > run ? zimage->bss_size : run);
	if (asked && (asked >= need || !zimage->sized))
		return asked;
	if (asked)
		log_warn(&ctx->log, "Kernel size is too small, increasing to 0x%" PRIx64, need);
	return need;
}

/*
 * Returns the end of the memory that is written before the kernel runs.  The decompressor may
 * assume either of two starts of memory; the later end counts.
 */
static uint64_t first_free(struct ctx *ctx, const struct request *req, const struct zimage *zimage,
			   uint64_t entry, uint64_t memory)
{
	uint64_t need = needed_size(ctx, req, zimage), end = entry + running_size(zimage);
	uint64_t aligned, base[2] = { align_down(entry, BLOCK), memory };

	if (align_up(memory, MEMORY_ALIGN, &aligned))
		base[1] = aligned;
	for (size_t i = 0; i < 2; i++) {
		if (base[i] + zimage->text_offset + need > end)
			end = base[i] + zimage->text_offset + need;
	}
	return end;
}

/* Finds the start of memory for the next kernel. */
static int memory_start(struct ctx *ctx, const struct load *load, uint64_t *start)
{
	const struct memory_map *map = &load->machine.map;

	if (load->req->crash) {
		*start = load->reservation.start;
		return 0;
	}
	for (size_t i = 0; i < map->count; i++) {
		if (map->entry[i].type == MEMORY_RAM) {
			*start = map->entry[i].range.start;
			return 0;
		}
	}
	return err_set(&ctx->err, -ENODATA, "%s lists no System RAM", map->source);
}

/*
 * Without an address in crashkernel= the reservation starts at a multiple of 128 MiB.  With
 * another address, only newer decompressors find the start of memory: in the device tree.
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

static int place(struct ctx *ctx, const struct load *load, const struct zimage *zimage,
		 struct plan *plan, struct arm_kernel *kernel)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = zimage->kernel,
		.placement = { .align = ARM_PAGE_SIZE, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	uint64_t memory = 0, base;
	int ret = memory_start(ctx, load, &memory);

	if (ret)
		return ret;
	placement_limit(&segment.placement,
			(struct range){ memory, align_down(memory, BLOCK) + BLOCK },
			"kernel in the first 128 MiB of memory");
	ret = plan_find(ctx, plan, segment.name, &segment.placement, HEAD + running_size(zimage),
			&base);
	if (ret)
		return ret;
	kernel->entry = base + HEAD;
	kernel->atags = base + ATAGS;
	kernel->rest.start = first_free(ctx, load->req, zimage, kernel->entry, memory);
	kernel->rest.end = memory + LOWMEM;
	ret = plan_fix(ctx, plan, &segment, kernel->entry, zimage->kernel.size + TAIL);
	return ret < 0 ? ret : 0;
}

static int check_zimage(struct ctx *ctx, const struct load *load, struct zimage *zimage)
{
	int ret = zimage_parse(load->image.bytes, zimage, &ctx->err);

	if (ret)
		return ret;
	if (zimage->big_endian)
		log_warn(&ctx->log,
			 "%s is a big-endian kernel: it starts only on a CPU that supports both "
			 "byte orders",
			 load->image.name);
	if (load->req->atags && load->req->dtb)
		return err_set(&ctx->err, -EINVAL,
			       "You can only use ATAGs if you don't specify a dtb file.");
	return 0;
}

/*
 * In a baked image the zImage is not at the start, because its kernel is unpacked there.  The initrd
 * is next to it, so that the file has no hole.  Purgatory moves it.
 */
static int place_baked(struct ctx *ctx, const struct load *load, const struct zimage *zimage,
		       struct plan *plan, struct arm_kernel *kernel)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = zimage->kernel,
		.sealed = true,
	};
	int ret;

	plan->first_above = 0;
	kernel->entry = MEMORY_ALIGN;
	kernel->rest.end = LOWMEM;
	if (!align_up(first_free(ctx, load->req, zimage, kernel->entry, 0), ARM_PAGE_SIZE,
		      &kernel->rest.start))
		return err_set(&ctx->err, -EFBIG, "the kernel needs all memory");
	ret = plan_fix(ctx, plan, &segment, kernel->entry, zimage->kernel.size + TAIL);
	return ret < 0 ? ret : 0;
}

static void move_initrd(struct plan *plan, uint64_t to)
{
	for (size_t i = 0; i < plan->segments; i++) {
		struct segment *segment = &plan->segment[i];

		if (!strcmp(segment->name, "initrd"))
			plan->params.copy = (struct purgatory_copy){ segment->range.start, to,
								     segment->bytes.size };
		else if (!strcmp(segment->name, "handover"))
			segment->bytes.size = 0; /* nothing of it is in the file */
	}
}

static int finish_bake(struct ctx *ctx, const struct bake_front *front)
{
	(void)ctx;
	put_u32(ORDER_LE, front->image + ZIMAGE_END_FIELD, (uint32_t)front->image_size);
	return 0;
}

static const char *const starts_as[] = { "zimage", NULL };

const struct bake_arch arm_bake = {
	.memory_end = 4 * GIB,
	.handover_size = TREE_HANDOVER_SIZE,
	.starts_as = starts_as,
	.finish = finish_bake,
};

/* A baked image has its own rules of place, and copies tree and initrd to where its kernel reads them. */
static int plan_baked(struct ctx *ctx, const struct load *load, const struct devicetree *tree,
		      struct plan *plan)
{
	struct arm_kernel kernel = { .rest = { 0, 4 * GIB } };
	struct placement placement = { 0 };
	struct baked_kernel baked;
	int ret;

	baked_read(load, load->arch->order, &baked);
	placement_limit(&placement, kernel.rest, "kernel below 4 GiB");
	ret = baked_place(ctx, load, &baked, &placement, plan, &kernel.entry);
	return ret ? ret : arm_plan_boot(ctx, load, &kernel, tree, NULL, plan);
}

int arm_zimage_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	bool wants_tree = !load->req->atags, crash = load->req->crash;
	struct kdump_arch kdump = { 0 };
	struct arm_kernel kernel;
	struct devicetree tree;
	struct zimage zimage;
	int ret = check_zimage(ctx, load, &zimage);

	if (!ret && wants_tree)
		ret = tree_choose(ctx, load, zimage.appended, plan, &tree);
	if (!ret && baked_probe(load->image.bytes))
		return wants_tree ? plan_baked(ctx, load, &tree, plan)
				  : err_set(&ctx->err, -EINVAL,
					    "--atags: a baked image needs a device tree");
	if (!ret && crash)
		ret = arm_describe_kdump(ctx, load, &kdump);
	if (!ret && load->req->bake) {
		ret = place_baked(ctx, load, &zimage, plan, &kernel);
		if (!ret)
			ret = arm_plan_boot(ctx, load, &kernel, &tree, NULL, plan);
		if (!ret)
			move_initrd(plan, kernel.rest.start);
		return ret;
	}
	if (!ret)
		ret = place(ctx, load, &zimage, plan, &kernel);
	if (ret)
		return ret;
	if (crash)
		warn_of_place(ctx, &load->reservation, kernel.entry);
	return arm_plan_boot(ctx, load, &kernel, wants_tree ? &tree : NULL, crash ? &kdump : NULL,
			     plan);
}
