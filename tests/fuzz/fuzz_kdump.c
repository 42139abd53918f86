/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running kernel's files that a crash load reads, and the core header made of them.  The input
 * is these texts, each ended by a NUL: crash_notes, its size, vmcoreinfo, kallsyms, iomem, the
 * command line; the rest is kcore, and an initrd.
 */
#include "fuzz.h"
#include "kexec/arch/arch.h"
#include "kexec/elf/elf_file.h"
#include "kexec/kdump/kdump.h"

#define CMDLINE_SIZE 2047

/* The text up to the next NUL, which ctx owns. */
static char *next_text(struct ctx *ctx, struct bytes *rest)
{
	const char *text = (const char *)rest->data;
	size_t size = strnlen(text, rest->size);

	*rest = bytes_from(*rest, size < rest->size ? size + 1 : size);
	return arena_strndup(&ctx->arena, text, size);
}

/* Reads the header back, as the crash kernel does: all memory is in it, and once. */
static void check_header(const struct core_header *in, struct bytes header)
{
	uint64_t ram = 0, image = range_empty(in->map.image) ? 0 : range_size(in->map.image);
	struct elf_file elf;
	struct err err = { 0 };
	uint32_t notes = 0;

	must(header.size % 1024 == 0 && !elf_parse(header, &elf, &err));
	must(elf.type == ET_CORE && elf.machine == in->arch->e_machine);
	for (uint32_t i = 0; i < elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&elf, i);

		must(ph.filesz == ph.memsz && ph.memsz && ph.paddr + ph.memsz > ph.paddr);
		notes += ph.type == PT_NOTE;
		ram += ph.type == PT_LOAD ? ph.memsz : 0;
	}
	must(notes == in->cpus + !range_empty(in->vmcoreinfo));
	must(ram == range_set_size(in->ram) + image);
}

static void make_header(struct ctx *ctx, const struct machine *machine,
			const struct machine_crash *crash, struct core_header *in)
{
	struct range_set dump = kdump_dump_ranges(ctx, machine);
	struct bytes header;
	int ret = kdump_kernel_map(ctx, machine, crash, in->arch, &in->map);

	must_explain(ret, &ctx->err);
	if (!ret) {
		must(!in->map.image.end || !range_empty(in->map.image));
		in->ram = &dump;
		in->backup = kdump_backup_source(&machine->iomem, &dump, in->arch->backup_limit);
		ret = kdump_core_header(ctx, in, &header);
		must_explain(ret, &ctx->err);
	}
	if (!ret)
		check_header(in, header);
	err_clear(&ctx->err);
}

static void add_words(struct ctx *ctx, const char *cmdline, const struct iomem *iomem)
{
	struct memory_map map;
	const struct kdump_words words = {
		.acpi_rsdp = 0xf0000, .elfcorehdr = 0x30000000, .mem = 1 << 30, .memmap = &map
	};
	const char *out;
	int ret = memory_map_from_iomem(ctx, iomem, &map);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	ret = kdump_command_line(ctx, cmdline, CMDLINE_SIZE, &words, &out);
	must_explain(ret, &ctx->err);
	must(ret || (strlen(out) <= CMDLINE_SIZE && strstr(out, "elfcorehdr=786432K")));
	err_clear(&ctx->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = { data, size };
	struct ctx ctx = { 0 };
	struct crash_cpu cpu = {
		.notes_name = "crash_notes",
		.notes = next_text(&ctx, &rest),
		.size = next_text(&ctx, &rest),
	};
	struct machine_crash crash = {
		.cpu = &cpu,
		.cpus = 1,
		.vmcoreinfo = next_text(&ctx, &rest),
		.kcore_name = "kcore",
	};
	struct machine machine = { 0 };
	struct core_header in = { 0 };
	struct range *notes;
	const char *text = next_text(&ctx, &rest), *cmdline;
	int ret;

	crash.kallsyms = (struct bytes){ (const uint8_t *)text, strlen(text) };
	text = next_text(&ctx, &rest);
	cmdline = next_text(&ctx, &rest);
	crash.kcore = rest;
	ret = iomem_parse(&ctx, "iomem", (struct bytes){ (const uint8_t *)text, strlen(text) },
			  &machine.iomem);
	must_explain(ret, &ctx.err);
	err_clear(&ctx.err);
	ret = kdump_vmcoreinfo(&ctx, &crash, &in.vmcoreinfo);
	must_explain(ret, &ctx.err);
	must(ret || !range_empty(in.vmcoreinfo));
	if (ret)
		in.vmcoreinfo = (struct range){ 0 };
	err_clear(&ctx.err);
	ret = kdump_cpu_notes(&ctx, &crash, &notes, &in.cpus);
	must_explain(ret, &ctx.err);
	err_clear(&ctx.err);
	in.cpu_notes = notes;
	in.cpus = ret ? 0 : in.cpus;
	for (size_t i = 0; arches[i]; i++) {
		in.arch = arches[i]->kdump;
		if (in.arch)
			make_header(&ctx, &machine, &crash, &in);
	}
	add_words(&ctx, cmdline, &machine.iomem);
	kdump_initrd_unpacked(rest);
	arena_free(&ctx.arena);
	return 0;
}
