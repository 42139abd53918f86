/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bzImage in a baked image (include/bake_abi.h), which has the form of a bzImage and of a
 * multiboot 1 and 2 kernel itself (Linux: arch/x86/boot.rst).
 */
#include "x86.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "bake_abi.h"
#include "core/units.h"
#include "multiboot.h"
#include "zero_page.h"

#define IMAGE_ALIGN 0x200000u /* of the memory image */
#define LOWEST_ADDRESS 0x1000000ull /* Linux does not run below it either */
#define LARGEST 0x7fffffffull /* Linux reads init_size as a number with a sign in places */
#define VERSION_SIZE 32

#define SETUP_HEADER "setup header"
/* The parts "handover", which purgatory/arch/x86/bake_params.h lays out, and "setup header". */
#define HANDOVER_SIZE 0x50000
#define HANDOVER_ROOM (HANDOVER_SIZE + PAGE_4K)
#define KEPT_XLOADFLAGS (XLF_EFI_KEXEC | XLF_5LEVEL | XLF_5LEVEL_ENABLED)

/* In the memory image, with an offset in each field. */
#define MULTIBOOT1_ADDRESSES 0x60c
#define MULTIBOOT1_FIELDS 5
#define MULTIBOOT2_ADDRESSES 0x638
#define MULTIBOOT2_FIELDS 4
#define MULTIBOOT2_ENTRY 0x650
#define MULTIBOOT2_RELOCATION 0x660 /* lowest, end */
enum { FIELD_HEADER, FIELD_START, FIELD_LOAD_END, FIELD_END };

static int refuse(struct ctx *ctx, const struct load *load, const char *why)
{
	return err_set(&ctx->err, -ENOTSUP, "%s: --bake takes no kernel %s", load->image.name, why);
}

int x86_look_for_bake(struct ctx *ctx, const struct load *load)
{
	if (load->type->plan != bzimage_plan)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: --bake takes a bzImage, and its type is %s", load->image.name,
			       load->type->name);
	if (load->req->dtb)
		return err_set(&ctx->err, -ENOTSUP, "--dtb: baked images of %s have no device tree",
			       load->arch->name);
	if (load->req->real_mode || load->req->entry_32bit)
		return err_set(&ctx->err, -ENOTSUP,
			       "--bake contradicts --%s: the kernel is started by its 64-bit entry",
			       load->req->real_mode ? "real-mode" : "entry-32bit");
	return 0;
}

int bzimage_bake_kernel(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
			uint32_t *align)
{
	if (!(bz->xloadflags & XLF_KERNEL_64) || !(bz->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G))
		return refuse(ctx, load, "without a 64-bit entry that may lie above 4 GiB");
	if (!bz->relocatable)
		return refuse(ctx, load, "that is not relocatable");
	if (bz->min_alignment > __builtin_ctz(IMAGE_ALIGN))
		return err_set(
			&ctx->err, -ENOTSUP,
			"%s: it runs at multiples of 2^%u, and a baked image at those of 2^%d",
			load->image.name, bz->min_alignment, __builtin_ctz(IMAGE_ALIGN));
	*align = bz->kernel_alignment < IMAGE_ALIGN ? bz->kernel_alignment : IMAGE_ALIGN;
	return 0;
}

int bzimage_bake_header(struct ctx *ctx, struct bytes header, struct plan *plan)
{
	const struct segment segment = { .name = SETUP_HEADER, .bytes = header, .sealed = true };
	int ret = plan_place(ctx, plan, &segment, header.size);

	return ret < 0 ? ret : 0;
}

struct bytes x86_bake_room(struct ctx *ctx)
{
	return (struct bytes){ arena_alloc(&ctx->arena, HANDOVER_SIZE), HANDOVER_SIZE };
}

static void add_to_fields(uint8_t *fields, size_t count, uint64_t address)
{
	for (size_t i = 0; i < count; i++)
		put_le32(fields + 4 * i, get_le32(fields + 4 * i) + (uint32_t)address);
}

static void write_multiboot(const struct bake_front *front, uint64_t start, bool anywhere)
{
	uint8_t *one = front->image + MULTIBOOT1_ADDRESSES;
	uint8_t *two = front->image + MULTIBOOT2_ADDRESSES;
	uint8_t *limits = front->image + MULTIBOOT2_RELOCATION;

	put_le32(one + 4 * FIELD_LOAD_END, (uint32_t)front->image_size);
	put_le32(one + 4 * FIELD_END, (uint32_t)front->memory_size);
	memcpy(two + 4 * FIELD_LOAD_END, one + 4 * FIELD_LOAD_END, 8);
	add_to_fields(one, MULTIBOOT1_FIELDS, start);
	add_to_fields(two, MULTIBOOT2_FIELDS, start);
	add_to_fields(front->image + MULTIBOOT2_ENTRY, 1, start);
	put_le32(limits, (uint32_t)start);
	put_le32(limits + 4, anywhere ? UINT32_MAX : (uint32_t)(start + front->memory_size));
}

static const struct segment *setup_header_in(const struct plan *plan)
{
	for (size_t i = 0; i < plan->segments; i++)
		if (!strcmp(plan->segment[i].name, SETUP_HEADER))
			return &plan->segment[i];
	return NULL;
}

static uint64_t preferred(const struct bake_front *front, const uint8_t *setup)
{
	uint64_t own = get_le64(setup + HDR_PREF_ADDRESS - BP_SETUP_HEADER), up;

	if (front->address != BAKE_ANYWHERE)
		return front->address;
	if (own <= LOWEST_ADDRESS || !align_up(own, IMAGE_ALIGN, &up))
		return LOWEST_ADDRESS;
	return up;
}

static int finish(struct ctx *ctx, const struct bake_front *front)
{
	const uint8_t *setup = setup_header_in(front->plan)->bytes.data;
	bool anywhere = front->address == BAKE_ANYWHERE;
	uint64_t start = preferred(front, setup);
	uint8_t *file = front->file;
	uint8_t *version = file + 0x200 + get_le16(file + HDR_KERNEL_VERSION);

	if (front->memory_size > LARGEST)
		return err_set(&ctx->err, -EFBIG,
			       "the baked image needs 0x%" PRIx64
			       " bytes of memory, and a bzImage can name 0x%llx",
			       front->memory_size, LARGEST);
	snprintf((char *)version, VERSION_SIZE, "baked %s", PACKAGE_VERSION);
	put_le32(file + HDR_SYSSIZE, (uint32_t)((front->image_size + 15) / 16));
	put_le32(file + HDR_INIT_SIZE, (uint32_t)front->memory_size);
	put_le64(file + HDR_PREF_ADDRESS, start);
	file[HDR_RELOCATABLE_KERNEL] = anywhere;
	put_le16(file + HDR_XLOADFLAGS,
		 (uint16_t)(get_le16(file + HDR_XLOADFLAGS) |
			    (get_le16(setup + HDR_XLOADFLAGS - BP_SETUP_HEADER) &
			     KEPT_XLOADFLAGS)));
	if (start + front->memory_size < UINT32_MAX)
		write_multiboot(front, start, anywhere);
	else
		memset(front->image + MULTIBOOT1_ADDRESSES - 12, 0, 0x80);
	return 0;
}

static const char *const starts_as[] = { "linux", "multiboot", "multiboot2", NULL };

const struct bake_arch x86_64_bake = {
	.memory_end = UINT64_MAX,
	.handover_size = HANDOVER_ROOM,
	.starts_as = starts_as,
	.finish = finish,
};
