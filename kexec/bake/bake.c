/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of a baked image, and its headers. */
#include "bake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "bake_abi.h"
#include "devicetree/devicetree.h"
#include "image/digest.h"
#include "plan/next_cmdline.h"

#define BAKE_PAGE 4096

/* purgatory/bake_tree.c: the version that it takes, and more bytes than it adds to a tree. */
#define START_CODE_VERSION 17
#define TREE_ADDED 256
#define TREE_VERSION 20 /* offset of the field */

/* Of the machine: more than any image needs. */
#define MEMORY_SIZE (1ull << 40)

static uint64_t memory_end(const struct load *load)
{
	uint64_t end = load->arch->bake->memory_end;

	return end < MEMORY_SIZE ? end : MEMORY_SIZE;
}

int bake_look(struct ctx *ctx, struct load *load)
{
	if (!load->arch->bake)
		return err_set(&ctx->err, -ENOTSUP, "--bake: %s has no baked images",
			       load->arch->name);
	range_set_add(&ctx->arena, &load->machine.ram, (struct range){ 0, memory_end(load) });
	load->machine.managed = memory_end(load);
	load->method = METHOD_KEXEC_LOAD;
	load->method_why = "--bake makes a file";
	if (load->req->serial)
		load->tty_why = "a baked image names the port by earlycon= on its command line";
	return 0;
}

static uint64_t pages(uint64_t size)
{
	return (size + BAKE_PAGE - 1) & ~(uint64_t)(BAKE_PAGE - 1);
}

/* The start code adds to the tree what does not depend on its size, and the command line. */
static int check_tree(struct ctx *ctx, const struct load *load, const struct bytes *tree,
		      uint64_t line)
{
	uint64_t room = load->arch->bake->handover_size;

	if (get_be32(tree->data + TREE_VERSION) < START_CODE_VERSION)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: a device tree of version %u, --bake takes version %d",
			       load->req->dtb, get_be32(tree->data + TREE_VERSION),
			       START_CODE_VERSION);
	if (room < TREE_ADDED + line || tree->size > room - TREE_ADDED - line)
		return err_set(&ctx->err, -EFBIG,
			       "%s: a device tree of %zu bytes; with --bake at most %" PRIu64
			       " bytes fit",
			       load->req->dtb, tree->size,
			       room < TREE_ADDED + line ? 0 : room - TREE_ADDED - line);
	return 0;
}

/* Sets the pages that the parts before the kernel need, start code and purgatory included. */
static int size_before_kernel(struct ctx *ctx, const struct load *load, uint64_t *size)
{
	const char *line = load->req->command_line ? load->req->command_line : load->own_cmdline;
	uint64_t line_size = line ? strlen(line) + 1 : 0;

	*size += pages(load->initrd.bytes.size) + pages(line_size) +
		 pages(load->arch->bake->handover_size);
	if (!load->req->dtb)
		return 0;
	*size += pages(load->tree->blob.size);
	return check_tree(ctx, load, &load->tree->blob, line_size);
}

int bake_begin(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	       struct plan *plan)
{
	uint64_t memory_size;
	struct bytes front;
	int ret = purgatory_front(ctx, target, &front, &memory_size);

	if (ret)
		return ret;
	if (!align_up(BAKE_PURGATORY + memory_size, BAKE_PAGE, &memory_size))
		return err_set(&ctx->err, -EINVAL, "the start code is too large");
	plan->page_size = BAKE_PAGE;
	plan->ram = (struct range_set){ 0 };
	range_set_add(&ctx->arena, &plan->ram, (struct range){ memory_size, memory_end(load) });
	plan->compact = true;
	plan->first_above = memory_size;
	return size_before_kernel(ctx, load, &plan->first_above);
}

static int add(struct ctx *ctx, struct plan *plan, struct segment segment)
{
	int ret;

	segment.sealed = true;
	ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	return ret < 0 ? ret : 0;
}

int bake_end(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	const char *line = next_cmdline_given(load) ? plan->cmdline : NULL;
	int ret = 0;

	if (load->req->dtb)
		ret = add(ctx, plan,
			  (struct segment){ .name = "dtb",
					    .file = load->req->dtb,
					    .bytes = load->tree->blob });
	if (!ret && line)
		ret = add(ctx, plan,
			  (struct segment){ .name = "command line",
					    .bytes = { (const uint8_t *)line, strlen(line) + 1 } });
	range_set_add(&ctx->arena, &plan->ram, (struct range){ BAKE_PURGATORY, memory_end(load) });
	plan->purgatory_placement = (struct placement){ 0 };
	return ret;
}

static int compare_start(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;

	return (*x)->range.start < (*y)->range.start ? -1 : (*x)->range.start > (*y)->range.start;
}

#define FIELD(baked, name) ((baked)->header + offsetof(struct bake_header, name))

static uint8_t *part_field(const struct baked *baked, size_t index, size_t offset)
{
	return FIELD(baked, part) + index * sizeof(struct bake_part) + offset;
}

#define PART_FIELD(baked, i, name) part_field(baked, i, offsetof(struct bake_part, name))

static void add_part(struct baked *baked, const struct segment *segment)
{
	size_t i = baked->parts++;

	baked->part[i] = segment->bytes;
	memcpy(PART_FIELD(baked, i, name), segment->name,
	       strnlen(segment->name, sizeof(((struct bake_part *)0)->name)));
	put_u64(baked->order, PART_FIELD(baked, i, offset), segment->range.start);
	put_u64(baked->order, PART_FIELD(baked, i, size), segment->bytes.size);
	put_u64(baked->order, PART_FIELD(baked, i, memory), range_size(segment->range));
}

/* Of start code, header and purgatory, with zeros up to the first part. */
static void write_digest(struct baked *baked, const uint8_t *image)
{
	uint64_t first_part = baked->parts ? get_u64(baked->order, PART_FIELD(baked, 0, offset))
					   : BAKE_PURGATORY + baked->purgatory.size;
	struct sha256_engine engine;
	struct sha256 sum;

	sha256_fastest(&engine);
	sha256_init(&sum);
	sha256_update(&sum, &engine, image, BAKE_PURGATORY);
	sha256_update(&sum, &engine, baked->purgatory.data, baked->purgatory.size);
	for (uint64_t at = BAKE_PURGATORY + baked->purgatory.size; at < first_part; at++)
		sha256_update(&sum, &engine, "", 1);
	sha256_final(&sum, &engine, FIELD(baked, sha256));
}

/* Takes the parts, which are the plan's segments without purgatory. */
static int take_parts(struct ctx *ctx, const struct plan *plan, struct bake_front *front,
		      struct baked *baked)
{
	const struct segment *sorted[PLAN_MAX_SEGMENTS] = { NULL };

	for (size_t i = 0; i < plan->segments; i++)
		sorted[i] = &plan->segment[i];
	qsort(sorted, plan->segments, sizeof(sorted[0]), compare_start);
	baked->purgatory = sorted[0]->bytes;
	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *s = sorted[i];

		if (s->bytes.size)
			front->image_size = s->range.start + s->bytes.size;
		if (s->range.end > front->memory_size)
			front->memory_size = s->range.end;
		if (!i)
			continue;
		if (baked->parts == BAKE_MAX_PARTS)
			return err_set(&ctx->err, -E2BIG, "the image has more than %d parts",
				       BAKE_MAX_PARTS);
		add_part(baked, s);
	}
	return 0;
}

static int check_address(struct ctx *ctx, const struct bake_arch *arch,
			 const struct bake_front *front, uint64_t align)
{
	uint64_t last = arch->memory_end - front->memory_size;

	if (front->address == BAKE_ANYWHERE)
		return 0;
	if (front->address & (align - 1))
		return err_set(&ctx->err, -EINVAL,
			       "--bake-address: 0x%" PRIx64 " is no multiple of 0x%" PRIx64,
			       front->address, align);
	if (front->memory_size > arch->memory_end || front->address > last)
		return err_set(&ctx->err, -EINVAL,
			       "--bake-address: 0x%" PRIx64 " and 0x%" PRIx64
			       " bytes of memory end above 0x%" PRIx64,
			       front->address, front->memory_size, arch->memory_end);
	return 0;
}

const char *const *bake_starts_as(const struct arch *arch, const char *format)
{
	return arch->bake->starts_as + !strcmp(format, "flat");
}

/* The flat format leaves out the bytes before the memory image. */
static void take_format(const struct load *load, const struct bake_front *front,
			struct baked *baked)
{
	size_t skip = (size_t)(front->image - front->file);
	bool flat = skip && load->req->bake_format == BAKE_FLAT;

	baked->front = (struct bytes){ flat ? front->image : front->file,
				       BAKE_PURGATORY + (flat ? 0 : skip) };
	baked->file_size = front->image_size + (flat ? 0 : skip);
	baked->format = flat ? "flat" : "linux";
	baked->starts_as = bake_starts_as(load->arch, baked->format);
	if (flat)
		put_u32(baked->order, FIELD(baked, file_skip), 0);
}

int bake_make(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	      const struct plan *plan, struct baked *baked)
{
	struct bake_front front = { .plan = plan, .address = load->req->bake_address };
	uint64_t memory_size;
	struct bytes code;
	int ret = purgatory_front(ctx, target, &code, &memory_size);

	if (ret)
		return ret;
	front.file = arena_alloc(&ctx->arena, code.size);
	memcpy(front.file, code.data, code.size);
	front.image = front.file + code.size - BAKE_PURGATORY;
	*baked = (struct baked){ .file = load->req->bake,
				 .order = load->arch->order,
				 .header = front.image + BAKE_HEADER };
	baked->align = 1ull << get_u16(baked->order, FIELD(baked, align_log2));
	ret = take_parts(ctx, plan, &front, baked);
	if (!ret)
		ret = check_address(ctx, load->arch->bake, &front, baked->align);
	if (ret)
		return ret;
	baked->address = front.address;
	baked->memory_size = front.memory_size;
	put_u64(baked->order, FIELD(baked, image_size), front.image_size);
	put_u64(baked->order, FIELD(baked, memory_size), front.memory_size);
	put_u64(baked->order, FIELD(baked, address), front.address);
	put_u32(baked->order, FIELD(baked, part_count), (uint32_t)baked->parts);
	ret = load->arch->bake->finish(ctx, &front);
	if (ret)
		return ret;
	take_format(load, &front, baked);
	write_digest(baked, front.image);
	return 0;
}
