/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on LoongArch: paging on, with the windows of the running kernel; a0 and a2 contain
 * the EFI flag and the EFI system table of the running kernel, which purgatory passes on, a1 the
 * command line (Linux: arch/loongarch/booting.rst, kernel/machine_kexec.c).
 *
 * The running kernel refuses a load without a segment that begins with "kexec", and copies the
 * command line out of it to one place for kernels of both kinds: the second of -l and -p replaces
 * the line of the first.  The next kernel therefore reads it in the segment itself.
 */
#include <errno.h>
#include <inttypes.h>

#include "boot/boot.h"
#include "core/units.h"
#include "loongarch64.h"
#include "plan/next_cmdline.h"

#define FIRST_WORD "kexec "
/*
 * No initrd.  Without the word, the next kernel takes the initrd that EFI's tables contain: that of
 * an older running kernel (Linux 7.2 removes it), whose memory has been used again.
 */
#define NO_INITRD "initrd=0,0"
#define KEEP_EFI 0x5 /* a0 and a2 keep their values of purgatory's entry */

/* The next kernel's first allocations come from the top of memory, before it reserves its initrd. */
#define TOP_ROOM MIB

/* State of the hooks below. */
struct loongarch64_boot {
	const char *cmdline; /* with all words */
};

/* Words that the loader of the running kernel added. */
static bool is_loaders(const char *word, size_t length)
{
	static const struct {
		const char *name;
		bool placed; /* only with an address: size@address */
	} words[] = {
		{ "kexec", false },	 { "kexec_file", false }, { "initrd=", false },
		{ "elfcorehdr=", true }, { "mem=", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t name = strlen(words[i].name);
		bool value = words[i].name[name - 1] == '=';

		if (length < name || strncmp(word, words[i].name, name) ||
		    (!value && length > name) || (words[i].placed && !memchr(word, '@', length)))
			continue;
		return true;
	}
	return false;
}

int loongarch64_drop_words(struct ctx *ctx, const struct load *load, uint64_t limit,
			   const char **cmdline)
{
	const char *from = *cmdline, *end = from + cmdline_kernel_part(from);
	char *line = arena_alloc(&ctx->arena, strlen(from) + 1), *to = line;

	(void)limit;
	if (cmdline_has_param(load->req->command_line, "initrd"))
		log_warn(&ctx->log, "initrd= on the command line has no effect: --initrd takes the "
				    "file, and kexec adds its address");
	while (from < end) {
		size_t length = (size_t)(cmdline_word_end(from) - from);
		size_t blanks = strspn(from + length, CMDLINE_BLANKS);

		if (from + length + blanks > end)
			blanks = (size_t)(end - from) - length;
		if (!is_loaders(from, length)) {
			memcpy(to, from, length + blanks);
			to += length + blanks;
		}
		from += length + blanks;
	}
	while (to > line && strchr(CMDLINE_BLANKS, to[-1]))
		to--;
	strcpy(to, end + (to == line ? strspn(end, CMDLINE_BLANKS) : 0));
	*cmdline = line;
	return 0;
}

int loongarch64_file_cmdline(struct ctx *ctx, const struct load *load, uint64_t limit,
			     const char **cmdline)
{
	int ret = loongarch64_drop_words(ctx, load, limit, cmdline);

	if (!ret && !load->initrd.bytes.size)
		*cmdline = cmdline_join(&ctx->arena, *cmdline, NO_INITRD);
	return ret;
}

static const char *add_memory(struct ctx *ctx, const char *words, struct range r)
{
	return arena_printf(&ctx->arena, "%s mem=%" PRIu64 "K@%" PRIu64 "K", words,
			    range_size(r) / KIB, r.start / KIB);
}

/* The crash kernel's memory: the reservation for the load first, then all others. */
static const char *crash_words(struct ctx *ctx, const struct load *load, const struct kdump *kdump,
			       const char *words)
{
	struct range_set others = range_set_copy(&ctx->arena, &load->machine.crash);

	for (size_t i = 0; i < load->machine.crash_cma.count; i++)
		range_set_add(&ctx->arena, &others, load->machine.crash_cma.range[i]);
	range_set_subtract(&ctx->arena, &others, load->reservation);
	words = arena_printf(&ctx->arena, "%s elfcorehdr=%" PRIu64 "K@%" PRIu64 "K", words,
			     range_size(kdump->header) / KIB, kdump->header.start / KIB);
	words = add_memory(ctx, words, load->reservation);
	for (size_t i = 0; i < others.count; i++)
		words = add_memory(ctx, words, others.range[i]);
	return words;
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	struct loongarch64_boot *state = boot->kernel;
	const char *words = NO_INITRD, *line = info->cmdline ? info->cmdline : "";
	uint8_t *segment;
	size_t length;

	if (info->data) /* the command line does not contain its own address */
		return 0;
	if (!range_empty(info->initrd))
		words = arena_printf(&ctx->arena, "initrd=%" PRIu64 ",%" PRIu64, info->initrd.start,
				     range_size(info->initrd));
	if (info->kdump)
		words = crash_words(ctx, load, info->kdump, words);
	state->cmdline = arena_join(&ctx->arena, FIRST_WORD, "",
				    cmdline_join(&ctx->arena, line, words));
	length = strlen(state->cmdline);
	if (length > LOONGARCH64_CMDLINE_SIZE)
		return err_set(&ctx->err, -E2BIG,
			       "Command line overflow: it has %zu characters with the %zu that "
			       "kexec adds, the kernel takes %d",
			       length, length - strlen(info->cmdline ? info->cmdline : ""),
			       LOONGARCH64_CMDLINE_SIZE);
	/* The running kernel copies as many bytes, whatever the length of the line. */
	segment = arena_alloc(&ctx->arena, LOONGARCH64_CMDLINE_SIZE + 1);
	memset(segment, 0, LOONGARCH64_CMDLINE_SIZE + 1);
	memcpy(segment, state->cmdline, length);
	*out = (struct bytes){ segment, LOONGARCH64_CMDLINE_SIZE + 1 };
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	const struct machine_loongarch64 *machine = load->machine.arch;
	const struct loongarch64_boot *state = boot->kernel;

	plan->cmdline = state->cmdline;
	plan->params.cpu.loongarch64 = (struct purgatory_loongarch64_state){
		.pc = LOONGARCH64_WINDOW | boot->entry,
		.a = { 0, LOONGARCH64_WINDOW | info->data },
		.keep = KEEP_EFI,
		.reset_address = machine->reset.address,
		.reset_value = machine->reset.value,
		.reset_size = machine->reset.address ? 1 : 0,
	};
	boot_serial(ctx, load, NULL, NULL, plan);
	if (load->req->on_corrupt == ON_CORRUPT_REBOOT && !machine->reset.address)
		log_warn(&ctx->log, "--on-corrupt=reboot will halt the machine: ACPI reports no "
				    "reset register in memory");
}

/* Takes the top of the memory that the next kernel gets out of plan->ram. */
static void leave_top(const struct load *load, struct arena *arena, struct plan *plan)
{
	const struct memory_map *map = &load->machine.map;
	uint64_t top = load->reservation.end;

	for (size_t i = 0; !load->req->crash && i < map->count; i++)
		if (map->entry[i].type == MEMORY_RAM)
			top = map->entry[i].range.end;
	if (top >= TOP_ROOM)
		range_set_subtract(arena, &plan->ram, (struct range){ top - TOP_ROOM, top });
}

int loongarch64_plan_boot(struct ctx *ctx, const struct load *load,
			  const struct loongarch64_kernel *kernel, uint64_t start,
			  struct plan *plan)
{
	struct loongarch64_boot state = { 0 };
	struct boot boot = {
		.entry = start + kernel->entry,
		.cmdline_size = LOONGARCH64_CMDLINE_SIZE,
		.amend_cmdline = loongarch64_drop_words,
		.kdump = load->arch->kdump,
		/* KASLR moves the kernel upward, over all that follows it closely. */
		.initrd.direction = HIGHEST_FIRST,
		.data = {
			.name = "cmdline",
			.placement.direction = HIGHEST_FIRST,
			.sealed = true,
		},
		.data_title = "command line",
		/* The running kernel takes the first segment that begins with "kexec". */
		.data_after_kernel = true,
		.describe = describe,
		.enter = enter,
		.kernel = &state,
	};
	const struct range above = { start + kernel->image.image_size, UINT64_MAX };

	placement_limit(&boot.initrd, above, "initrd above the kernel");
	placement_limit(&boot.data.placement, above, "command line above the kernel");
	placement_limit(&boot.purgatory, above, "purgatory above the kernel");
	plan->ram = range_set_copy(&ctx->arena, &plan->ram);
	leave_top(load, &ctx->arena, plan);
	return boot_plan(ctx, load, &boot, plan);
}
