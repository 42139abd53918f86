/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans an Image, or a vmlinux that is converted to one (Linux: arch/arm64/booting.rst). */
#include "arm64.h"

#include <errno.h>
#include <inttypes.h>

#include "image/elf_flatten.h"
#include "core/units.h"

/* Warns, because user space cannot read whether this CPU supports the other byte order. */
static void warn_of_header(struct ctx *ctx, const char *name, const struct linux_image *header)
{
	if (!header->sized)
		log_warn(&ctx->log,
			 "%s: its header has no size field (Linux before 3.17): taking 0x%" PRIx64
			 " bytes, at 0x%" PRIx64,
			 name, header->image_size, header->text_offset);
	if (header->flags & LINUX_IMAGE_BIG_ENDIAN)
		log_warn(&ctx->log,
			 "%s is a big-endian kernel: it starts only on a CPU that supports both "
			 "byte orders",
			 name);
}

/*
 * A CPU need not support every page size.  User space only sees the running kernel's; nearly
 * all CPUs support 4 KiB as well.
 */
static void warn_of_pages(struct ctx *ctx, const struct load *load,
			  const struct linux_image *header)
{
	const struct machine_arm64 *machine = load->machine.arch;
	unsigned int code = ARM64_IMAGE_PAGE_SIZE(header->flags);
	uint64_t size = 1024ull << 2 * code; /* 1: 4 KiB, 2: 16, 3: 64 */

	if (code > 1 && machine->page_size != size)
		log_warn(&ctx->log,
			 "%s is a kernel with pages of %" PRIu64
			 " KiB: it starts only on a CPU that supports this page size, which is "
			 "unknown here",
			 load->image.name, size / 1024);
}

/* A kernel before 4.6 never uses memory below its 2 MiB-aligned base. */
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

/* --reuseinitrd: the initrd stays in its place, so the kernel must be placed near it. */
static void stay_near_initrd(struct range initrd, struct placement *placement)
{
	uint64_t end;

	if (!align_up(initrd.end, GIB, &end))
		return;
	placement_limit(placement,
			(struct range){ end > ARM64_INITRD_WINDOW ? end - ARM64_INITRD_WINDOW : 0,
					align_down(initrd.start, GIB) + ARM64_INITRD_WINDOW },
			"kernel within 32 GiB of the initrd");
}

static int place_kernel(struct ctx *ctx, const struct load *load, const struct linux_image *header,
			struct plan *plan)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = header->kernel,
		.placement.align = LINUX_IMAGE_ALIGN,
		.sealed = true,
	};
	uint64_t base;
	int ret;

	if (!range_empty(load->kept_initrd))
		stay_near_initrd(load->kept_initrd, &segment.placement);
	/*
	 * RANDOMIZE_TEXT_OFFSET, a debugging aid, makes these offsets in kernels with 4 KiB pages.
	 * The check for whole pages uses the plan's page size, so all segments get this size.
	 */
	if (header->text_offset % plan->page_size)
		plan->page_size = 4096;
	if (!header->text_offset)
		return plan_place(ctx, plan, &segment, header->image_size);
	ret = plan_find(ctx, plan, segment.name, &segment.placement,
			header->text_offset + header->image_size, &base);
	if (ret)
		return ret;
	return plan_fix(ctx, plan, &segment, base + header->text_offset, header->image_size);
}

static int plan_image(struct ctx *ctx, const struct load *load, struct bytes bytes,
		      struct plan *plan)
{
	struct linux_image header;
	struct devicetree tree;
	struct range kernel;
	int ret = arm64_image_parse(bytes, &header, &ctx->err);

	if (ret)
		return ret;
	warn_of_header(ctx, load->image.name, &header);
	warn_of_pages(ctx, load, &header);
	ret = tree_choose(ctx, load, (struct bytes){ 0 }, plan, &tree);
	if (ret)
		return ret;
	ret = place_kernel(ctx, load, &header, plan);
	if (ret < 0)
		return ret;
	kernel = plan->segment[ret].range;
	if (!load->req->crash)
		warn_of_lost_memory(ctx, &header, &load->machine,
				    kernel.start - header.text_offset);
	return arm64_plan_boot(ctx, load, &header, kernel, &tree, plan);
}

int arm64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	return plan_image(ctx, load, load->image.bytes, plan);
}

int arm64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct bytes flat;
	int ret = elf_make_image(ctx, load->image.bytes, arm64_image_probe, &flat);

	return ret ? ret : plan_image(ctx, load, flat, plan);
}

/* Checks an Image as the running kernel's loader does. */
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
		"the Image header has no size field (Linux before 3.17): kexec_file_load refuses "
		"such an image");
	return err_hint(err, "Use kexec_load: -c instead of -s.");
}
