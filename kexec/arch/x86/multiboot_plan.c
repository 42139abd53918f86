/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a multiboot kernel: 32-bit protected mode, a magic number in eax, the address of the
 * information block in ebx.
 */
#include "multiboot.h"

#include <errno.h>
#include <inttypes.h>

#include "core/units.h"
#include "machine/xen_domain.h"
#include "plan/modules.h"
#include "relocate/relocate.h"
#include "x86.h"

#define MAGIC_1 0x2badb002u
#define MAGIC_2 0x36d76289u
#define CMDLINE_SIZE 65535 /* the format has no limit */
#define UNKNOWN_LOAD UINT32_MAX /* multiboot 2: load from the start of the file */

struct state {
	struct multiboot header;
	struct multiboot_info info;
	uint32_t magic;
	struct bytes (*make_info)(struct ctx *ctx, const struct multiboot_info *info);
};

bool multiboot_is_elf(struct bytes bytes)
{
	return elf32_probe(bytes) || elf64_probe(bytes);
}

bool multiboot_is_baked(struct bytes bytes)
{
	return bzimage64_probe(bytes) && purgatory_bake_skip(bytes) != SIZE_MAX;
}

int multiboot_set_addresses(struct bytes file, const struct multiboot_addresses *a,
			    struct multiboot *out, struct err *err)
{
	uint32_t load = a->load == UNKNOWN_LOAD ? a->header - (uint32_t)out->offset : a->load;
	uint64_t before = (uint64_t)a->header - load, size, end;

	if (load > a->header || before > out->offset || load % PAGE_4K)
		return err_set(
			err, -ENOEXEC,
			"its multiboot header at 0x%" PRIx64 " is to lie at 0x%" PRIx32
			" of an image at 0x%" PRIx32
			": the file does not begin there, or the image does not begin at a page",
			out->offset, a->header, load);
	out->bytes = bytes_from(file, out->offset - before);
	size = a->load_end ? (uint64_t)a->load_end - load : out->bytes.size;
	if ((a->load_end && a->load_end <= load) || size > out->bytes.size)
		return err_set(err, -ENOEXEC,
			       "its multiboot header loads 0x%" PRIx32 "-0x%" PRIx32
			       " of a file with 0x%zx bytes from there on",
			       load, a->load_end, out->bytes.size);
	end = load + size;
	if (end > UINT32_MAX || (a->bss_end && a->bss_end < end))
		return err_set(err, -ENOEXEC,
			       "its multiboot header has an image in 0x%" PRIx32 "-0x%" PRIx64
			       " and an end of memory at 0x%" PRIx32,
			       load, end, a->bss_end);
	out->bytes.size = (size_t)size;
	out->load_address = load;
	out->memory_end = a->bss_end ? a->bss_end : (uint32_t)end;
	return 0;
}

struct range multiboot_range(const struct memory_entry *entry)
{
	struct range range = entry->range;

	if (entry->type == MEMORY_RAM && range.start <= PAGE_4K)
		range.start = 0;
	return range;
}

uint32_t multiboot_memory_type(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return 1;
	case MEMORY_ACPI: return 3;
	case MEMORY_ACPI_NVS: return 4;
	case MEMORY_UNUSABLE: return 5;
	default: return 2;
	}
}

void multiboot_basic_memory(const struct memory_map *map, uint32_t *lower, uint32_t *upper)
{
	*lower = *upper = 0;
	for (size_t i = 0; i < map->count; i++) {
		struct range range = multiboot_range(&map->entry[i]);
		uint64_t kib;

		if (map->entry[i].type != MEMORY_RAM)
			continue;
		if (!range.start)
			*lower = (uint32_t)((range.end < LOW_640K ? range.end : LOW_640K) / KIB);
		if (range.start > MIB || range.end <= MIB)
			continue;
		kib = (range.end - MIB) / KIB;
		*upper = kib < UINT32_MAX ? (uint32_t)kib : UINT32_MAX;
	}
}

/* The running kernel's screen_info, if the firmware's framebuffer is still in use. */
static bool put_framebuffer(const uint8_t *screen, uint8_t *out)
{
	enum {
		WIDTH = 0x12,
		HEIGHT = 0x14,
		DEPTH = 0x16,
		BASE = 0x18,
		LINE = 0x24,
		RED_SIZE = 0x26
	};
	enum { TYPE = 0x0f, VESA = 0x23, EFI = 0x70, CAPABILITIES = 0x36, BASE_HI = 0x3a };
	uint64_t base = get_le32(screen + BASE);

	if ((screen[TYPE] != VESA && screen[TYPE] != EFI) || get_le16(screen + DEPTH) <= 8)
		return false;
	if (get_le32(screen + CAPABILITIES) & 2)
		base |= (uint64_t)get_le32(screen + BASE_HI) << 32;
	put_le64(out, base);
	put_le32(out + 8, get_le16(screen + LINE));
	put_le32(out + 12, get_le16(screen + WIDTH));
	put_le32(out + 16, get_le16(screen + HEIGHT));
	out[20] = screen[DEPTH];
	out[21] = 1; /* red, green, blue */
	for (size_t i = 0; i < 3; i++) {
		out[24 + 2 * i] = screen[RED_SIZE + 2 * i + 1];
		out[25 + 2 * i] = screen[RED_SIZE + 2 * i];
	}
	return true;
}

bool multiboot_screen(const struct load *load, uint8_t out[MULTIBOOT_SCREEN_SIZE])
{
	const struct machine_x86 *x86 = load->machine.arch;
	bool text = load->req->reset_vga || load->req->console_vga;

	if (!text && put_framebuffer(x86->screen_info, out))
		return true;
	if (!text && x86->screen_info[0xf] != 1)
		return false;
	put_le64(out, 0xb8000);
	put_le32(out + 8, 160);
	put_le32(out + 12, 80);
	put_le32(out + 16, 25);
	out[20] = 16;
	out[21] = 2; /* EGA text */
	return true;
}

static int place_flat(struct ctx *ctx, const struct load *load, struct state *state,
		      uint64_t *entry, struct plan *plan)
{
	const struct multiboot *header = &state->header;
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = header->bytes,
		.sealed = true,
	};
	int ret;

	if (header->entry < header->load_address ||
	    header->entry - header->load_address >= header->bytes.size)
		return err_set(&ctx->err, -ENOEXEC,
			       "its multiboot entry 0x%" PRIx32 " is not in 0x%" PRIx32
			       "-0x%" PRIx64 ", the part of the image that the file contains",
			       header->entry, header->load_address,
			       header->load_address + (uint64_t)header->bytes.size);
	ret = plan_fix(ctx, plan, &segment, header->load_address,
		       header->memory_end - header->load_address);
	*entry = header->entry;
	state->info.load_base = header->load_address;
	return ret < 0 ? ret : 0;
}

/*
 * Limits a live update: the image goes over the running hypervisor or above it, and all other
 * segments go to the memory that the hypervisor keeps for live updates.
 */
static int limit_live_update(struct ctx *ctx, const struct load *load, const struct state *state,
			     struct placement *window)
{
	const struct iomem *iomem = &load->machine.iomem;
	struct range self = xen_named_range(iomem, XEN_NAME_IMAGE);

	if (!state->header.relocatable)
		return err_set(&ctx->err, -ENOEXEC,
			       "--load-live-update: its multiboot 2 header does not allow a move");
	if (range_empty(self) || range_empty(xen_named_range(iomem, XEN_NAME_LIVE_UPDATE))) {
		err_set(&ctx->err, -ENOTSUP,
			"--load-live-update: this Xen has no live update: %s has no memory for it",
			iomem_source(iomem));
		return err_hint(&ctx->err, "Load the new Xen with -l, and start it with -e.");
	}
	window->direction = LOWEST_FIRST;
	self.end = UINT64_MAX;
	placement_limit(window, self, "the running hypervisor");
	return 0;
}

static void limit_to_live_update(const struct load *load, struct plan *plan)
{
	struct range area = xen_named_range(&load->machine.iomem, XEN_NAME_LIVE_UPDATE);

	area.start += PAGE_4K; /* Xen uses the first page itself */
	plan->within = (struct limit){ area, "Xen's memory for live updates" };
}

static int place_elf(struct ctx *ctx, const struct load *load, struct state *state, uint64_t *entry,
		     struct plan *plan)
{
	const struct multiboot *header = &state->header;
	struct placement window = { 0 };
	struct elf_kernel elf;
	uint64_t bias;
	int ret = elf_kernel_parse(load->image.bytes, &elf, &ctx->err);

	if (ret)
		return ret;
	elf.relocatable = header->relocatable;
	if (header->relocatable) {
		window.align = header->align;
		window.direction = header->highest ? HIGHEST_FIRST : LOWEST_FIRST;
		placement_limit(&window, header->window, "its multiboot 2 header");
	}
	if (header->entry && !x86_elf_contains(&elf, header->entry))
		return err_set(&ctx->err, -ENOEXEC,
			       "its multiboot 2 header has the entry 0x%" PRIx32
			       ", which is in no loadable segment's part of the file",
			       header->entry);
	if (load->req->live_update) {
		ret = limit_live_update(ctx, load, state, &window);
		if (ret)
			return ret;
	}
	ret = x86_place_elf(ctx, load, &elf, &window, plan, &bias);
	if (load->req->live_update)
		limit_to_live_update(load, plan);
	*entry = (header->entry ? header->entry : elf.entry_physical) + bias;
	state->info.load_base = elf.physical.start + bias;
	return ret;
}

/* The kernel's file name comes first, as with boot loaders. */
static int amend_cmdline(struct ctx *ctx, const struct load *load, uint64_t limit,
			 const char **cmdline)
{
	struct range area = xen_named_range(&load->machine.iomem, XEN_NAME_LIVE_UPDATE);

	(void)limit;
	*cmdline = arena_printf(&ctx->arena, "%s%s%s", load->req->kernel, **cmdline ? " " : "",
				*cmdline);
	if (load->req->live_update)
		*cmdline = arena_printf(&ctx->arena, "%s liveupdate=%" PRIu64 "M@0x%" PRIx64,
					*cmdline, (range_size(area) - 1) / MIB + 1, area.start);
	return 0;
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	struct state *state = boot->kernel;

	(void)load;
	state->info.cmdline = info->cmdline;
	state->info.address = info->data;
	*out = state->make_info(ctx, &state->info);
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	const struct state *state = boot->kernel;
	struct purgatory_x86_state *cpu = x86_enter(load, boot, PURGATORY_X86_PROTECTED_MODE, plan);

	(void)ctx;
	cpu->reg[0] = state->magic;
	cpu->reg[PURGATORY_X86_RBX] = info->data;
}

static int plan_boot(struct ctx *ctx, const struct load *load, struct state *state, uint64_t entry,
		     struct plan *plan)
{
	struct range *module = arena_array(&ctx->arena, load->modules + 1, sizeof(*module));
	struct placement place = { .direction = LOWEST_FIRST };
	struct boot boot = {
		.entry = entry,
		.cmdline_size = CMDLINE_SIZE,
		.amend_cmdline = amend_cmdline,
		.data = { .name = "multiboot_info", .sealed = true },
		.describe = describe,
		.enter = enter,
		.kernel = state,
	};
	int ret;

	/* A hypervisor uses memory below 1 MiB to start other CPUs. */
	placement_limit(&place, (struct range){ MIB, UINT64_MAX }, "modules above 1 MiB");
	ret = modules_place(ctx, load, &place, module, plan);
	if (ret)
		return ret;
	state->info.load = load;
	state->info.header = &state->header;
	state->info.module = module;
	x86_limit_places(&boot, "multiboot_info above 0x3000");
	return boot_plan(ctx, load, &boot, plan);
}

static int plan_multiboot(struct ctx *ctx, const struct load *load, struct state *state,
			  struct plan *plan)
{
	uint64_t entry;
	int ret = x86_check_not_linux(ctx, load);

	if (ret)
		return ret;
	if (load->initrd.bytes.size) {
		err_set(&ctx->err, -EINVAL, "%s: a multiboot kernel takes no initrd",
			load->image.name);
		return err_hint(&ctx->err, "Give it as a module: --module='FILE ARGUMENTS'.");
	}
	x86_reach_4g(plan);
	if (state->header.bytes.size && !load->req->live_update)
		ret = place_flat(ctx, load, state, &entry, plan);
	else
		ret = place_elf(ctx, load, state, &entry, plan);
	return ret ? ret : plan_boot(ctx, load, state, entry, plan);
}

/* Reports the header's offset, and the type that the file has without the header. */
static void explain(struct ctx *ctx, const struct load *load, const struct state *state,
		    int version, struct plan *plan)
{
	struct bytes bytes = load->image.bytes;
	const char *elf = elf32_probe(bytes) ? "elf-x86" : NULL;

	if (elf64_probe(bytes) && load->arch->bits == 64)
		elf = "elf-x86_64";

	plan->started_by = arena_printf(&ctx->arena,
					"its multiboot %d header at 0x%" PRIx64 "%s%s%s", version,
					state->header.offset, elf ? "; -t " : "", elf ? elf : "",
					elf ? " starts it without" : "");
}

int multiboot1_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct state state = { .magic = MAGIC_1, .make_info = multiboot1_info };
	int ret = multiboot1_parse(load->image.bytes, &state.header, &ctx->err);

	if (ret)
		return ret;
	explain(ctx, load, &state, 1, plan);
	return plan_multiboot(ctx, load, &state, plan);
}

int multiboot2_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct state state = { .magic = MAGIC_2, .make_info = multiboot2_info };
	int ret = multiboot2_parse(load->image.bytes, &state.header, &ctx->err);

	if (ret)
		return ret;
	explain(ctx, load, &state, 2, plan);
	return plan_multiboot(ctx, load, &state, plan);
}
