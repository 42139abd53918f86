/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The look at the machine, and the kernel's own segment. */
#include <errno.h>
#include <inttypes.h>

#include "boot/boot.h"
#include "image/linux_image.h"
#include "loongarch64.h"

/*
 * The running kernel's jump code and command line.  On machines that have a device tree instead of
 * ACPI, the tree can be here.
 */
#define LOW_END 0x200000

static bool is_own(const char *name)
{
	return !strncmp(name, "Kernel ", 7);
}

/*
 * The running kernel's own lines of /proc/iomem, and the reserved memory that follows without a
 * gap: the rest of its last 64 KiB and its early allocations, which go upward from its end.
 */
static struct range own_memory(const struct iomem *iomem)
{
	struct range own = { UINT64_MAX, 0 };

	for (size_t i = 0; i < iomem->count; i++) {
		const struct iomem_entry *entry = &iomem->entry[i];

		if (is_own(entry->name) && entry->range.start < own.start)
			own.start = entry->range.start;
		if (is_own(entry->name) && entry->range.end > own.end)
			own.end = entry->range.end;
	}
	/* The lines are sorted by address. */
	for (size_t i = 0; i < iomem->count && own.end; i++) {
		const struct iomem_entry *entry = &iomem->entry[i];

		if (entry->depth && entry->range.start == own.end &&
		    !strcmp(entry->name, "Reserved"))
			own.end = entry->range.end;
	}
	return own.end ? own : (struct range){ 0 };
}

/* Makes the plan show this memory as RAM: the next kernel can lie there.  The old map is shared. */
static void show_as_ram(struct arena *arena, struct memory_map *map, struct range own)
{
	struct memory_entry *entry = arena_array(arena, map->count, sizeof(*entry));

	for (size_t i = 0; i < map->count; i++) {
		entry[i] = map->entry[i];
		if (entry[i].type == MEMORY_RESERVED && range_contains(own, entry[i].range))
			entry[i].type = MEMORY_RAM;
	}
	map->entry = entry;
}

int loongarch64_look(struct ctx *ctx, struct load *load)
{
	struct machine_loongarch64 *machine = arena_alloc(&ctx->arena, sizeof(*machine));

	machine->kernel = own_memory(&load->machine.iomem);
	show_as_ram(&ctx->arena, &load->machine.map, machine->kernel);
	machine->reset = loongarch64_acpi_reset(ctx, load->root);
	load->machine.arch = machine;
	boot_look_for_tty(ctx, load);
	if (sysroot_exists(ctx, load->root, "/sys/firmware/fdt"))
		log_warn(&ctx->log,
			 "this machine has a device tree instead of ACPI: the load overwrites "
			 "0x100000-0x1fffff, and the next kernel cannot start if firmware left "
			 "the tree there");
	return 0;
}

static int place_for_crash(struct ctx *ctx, const struct segment *segment,
			   const struct loongarch64_kernel *kernel, struct plan *plan)
{
	const struct placement placement = { .align = LINUX_IMAGE_ALIGN };
	uint64_t offset = kernel->image.text_offset, base;
	int ret;

	if (kernel->fixed)
		return err_set(&ctx->err, -ENOEXEC,
			       "it cannot run where a crash kernel is loaded: it was built without "
			       "CONFIG_RELOCATABLE");
	ret = plan_find(ctx, plan, segment->name, &placement, offset + kernel->image.image_size,
			&base);
	return ret ? ret : plan_fix(ctx, plan, segment, base + offset, kernel->image.image_size);
}

/* The kernel lies where it is linked to: not every kernel can be moved. */
static int place_kernel(struct ctx *ctx, const struct load *load,
			const struct loongarch64_kernel *kernel, struct plan *plan)
{
	const struct machine_loongarch64 *machine = load->machine.arch;
	const struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = kernel->image.kernel,
		.sealed = true,
	};
	struct range r = { .start = kernel->image.text_offset };

	if (load->req->crash)
		return place_for_crash(ctx, &segment, kernel, plan);
	r.end = r.start + round_up(kernel->image.image_size, plan->page_size);
	plan->ram = range_set_copy(&ctx->arena, &plan->ram);
	r = range_intersect(r, machine->kernel);
	if (!range_empty(r))
		range_set_add(&ctx->arena, &plan->ram, r);
	range_set_subtract(&ctx->arena, &plan->ram, (struct range){ 0, LOW_END });
	return plan_fix(ctx, plan, &segment, kernel->image.text_offset, kernel->image.image_size);
}

static int plan_kernel(struct ctx *ctx, const struct load *load,
		       const struct loongarch64_kernel *kernel, struct plan *plan)
{
	int ret = place_kernel(ctx, load, kernel, plan);

	if (ret < 0)
		return ret;
	return loongarch64_plan_boot(ctx, load, kernel, plan->segment[ret].range.start, plan);
}

int loongarch64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct loongarch64_kernel kernel;
	int ret = loongarch64_image_parse(load->image.bytes, &kernel, &ctx->err);

	return ret ? ret : plan_kernel(ctx, load, &kernel, plan);
}

int loongarch64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct loongarch64_kernel kernel;
	int ret = loongarch64_vmlinux_parse(ctx, load->image.bytes, &kernel);

	return ret ? ret : plan_kernel(ctx, load, &kernel, plan);
}
