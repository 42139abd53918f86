/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64's Image, and vmlinux made into one (Linux: arch/arm64/booting.rst). */
#include "arm64.h"

#include <errno.h>
#include <inttypes.h>

#include "image/elf_flatten.h"
#include "core/units.h"

/* What a kernel would refuse on this machine cannot be seen from here; it is said. */
static void warn_of_header(struct ctx *ctx, const char *name, const struct linux_image *header)
{
	if (!header->sized)
		log_warn(&ctx->log,
			 "%s: its header tells no size (Linux before 3.17): taking 0x%" PRIx64
			 " bytes, at 0x%" PRIx64,
			 name, header->image_size, header->text_offset);
	if (header->flags & LINUX_IMAGE_BIG_ENDIAN)
		log_warn(&ctx->log,
			 "%s is a big-endian kernel: it starts only on a CPU that has both orders",
			 name);
}

/*
 * Of the sizes of pages a CPU need not have any one.  User space is told the one that the
 * running kernel uses; nearly all CPUs have 4 KiB as well.
 */
static void warn_of_pages(struct ctx *ctx, const char *name, const struct linux_image *header,
			  const struct machine *machine)
{
	unsigned int told = ARM64_IMAGE_PAGE_SIZE(header->flags);
	uint64_t size = 1024ull << 2 * told; /* 1: 4 KiB, 2: 16, 3: 64 */

	if (told > 1 && machine_page_size(ctx, machine->root) != size)
		log_warn(&ctx->log,
			 "%s is a kernel with pages of %" PRIu64
			 " KiB: it starts only on a CPU that has such, which is not known of this "
			 "one",
			 name, size / 1024);
}

/* An old kernel never uses what lies below its 2 MiB-aligned base. */
static void warn_of_lost_memory(struct ctx *ctx, const struct linux_image *header,
				const struct machine *machine, uint64_t base)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < machine->map.count; i++) {
		struct range r = machine->map.entry[i].range;

		if (machine->map.entry[i].type == MEMORY_RAM && r.start < base)
			lost += (r.end < base ? r.end : base) - r.start;
	}
	if (lost >= MIB && !(header->flags & ARM64_IMAGE_ANYWHERE))
		log_warn(&ctx->log,
			 "the next kernel (Linux before 4.6) will not use the %" PRIu64
			 " MiB of memory below 0x%" PRIx64,
			 lost / MIB, base);
}

/* --reuseinitrd: it is the kernel that has to come near. */
static void stay_near_initrd(struct range initrd, struct placement *placement)
{
	uint64_t end;

	if (!align_up(initrd.end, ARM64_GIB, &end))
		return;
	placement_limit(placement,
			(struct range){ end > ARM64_INITRD_WINDOW ? end - ARM64_INITRD_WINDOW : 0,
					align_down(initrd.start, ARM64_GIB) + ARM64_INITRD_WINDOW },
			"kernel within 32 GiB of the initrd");
}

static int place_kernel(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct linux_image *header, struct segment *segment,
			struct plan *plan)
{
	uint64_t base;
	int ret;

	segment->placement = (struct placement){
		.align = LINUX_IMAGE_ALIGN,
		.direction = LOWEST_FIRST,
	};
	arch_limit_placement(req, &segment->placement);
	if (req->reuse_initrd)
		stay_near_initrd(machine->initrd, &segment->placement);
	/* Made to find bugs (RANDOMIZE_TEXT_OFFSET); runs on kernels with pages of 4 KiB. */
	if (header->text_offset % plan->page_size)
		plan->page_size = 4096;
	if (!header->text_offset)
		return plan_place(ctx, plan, segment, header->image_size);
	ret = plan_find(ctx, plan, segment->name, &segment->placement,
			header->text_offset + header->image_size, &base);
	if (ret)
		return ret;
	return plan_fix(ctx, plan, segment, base + header->text_offset, header->image_size);
}

static int plan_image(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct image *image, struct bytes bytes, struct plan *plan)
{
	struct segment segment = { .name = "kernel", .file = image->name, .sealed = true };
	struct linux_image header;
	struct devicetree tree;
	struct range kernel;
	int ret = arm64_image_parse(bytes, &header, &ctx->err);

	if (!ret)
		ret = arch_check_uimage(ctx, image, "arm64", ARM64_UIMAGE);
	if (ret)
		return ret;
	warn_of_header(ctx, image->name, &header);
	warn_of_pages(ctx, image->name, &header, machine);
	plan->kernel_version = image->version;
	segment.bytes = header.kernel;
	ret = arch_find_tree(ctx, req, machine, image, (struct bytes){ 0 }, plan, &tree);
	if (ret)
		return ret;
	ret = place_kernel(ctx, req, machine, &header, &segment, plan);
	if (ret < 0)
		return ret;
	kernel = plan->segment[ret].range;
	if (!req->crash)
		warn_of_lost_memory(ctx, &header, machine, kernel.start - header.text_offset);
	return arm64_plan_linux(ctx, req, machine, image, &header, kernel, &tree, plan);
}

int arm64_image_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, struct plan *plan)
{
	return plan_image(ctx, req, machine, image, image->bytes, plan);
}

int arm64_vmlinux_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct plan *plan)
{
	struct bytes flat;
	int ret = elf_make_image(ctx, image->bytes, arm64_image_probe, &flat);

	return ret ? ret : plan_image(ctx, req, machine, image, flat, plan);
}

/* As the kernel's own loader checks it. */
int arm64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct linux_image header;
	int ret = arm64_image_parse(bytes, &header, err);

	if (ret)
		return ret;
	*cmdline_size = ARM64_CMDLINE_SIZE;
	if (header.sized)
		return 0;
	err_set(err, -EOPNOTSUPP,
		"the Image header tells no size (Linux before 3.17), which kexec_file_load "
		"refuses");
	return err_hint(err, "Use kexec_load: -c instead of -s.");
}
