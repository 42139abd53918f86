/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF reader, record by record, and elf_kernel_parse() over the same file. */
#include "fuzz.h"
#include "kexec/image/banner.h"
#include "kexec/image/elf_kernel.h"

static void read_tables(const struct elf_file *elf, struct bytes table)
{
	struct elf_sym sym;
	struct elf_rel rel;
	struct elf_dyn dyn;

	for (uint64_t i = 0; elf_sym(elf, table, i, &sym); i++)
		elf_string(table, sym.name);
	for (uint64_t i = 0; elf_rel(elf, table, true, i, &rel); i++)
		must(i * elf_rel_size(elf, true) < table.size);
	for (uint64_t i = 0; elf_rel(elf, table, false, i, &rel); i++)
		must(!rel.addend);
	for (uint64_t i = 0; elf_dyn(elf, table, i, &dyn); i++)
		elf_string(table, dyn.value);
}

static void read_file(const struct elf_file *elf)
{
	struct err err = { 0 };
	struct bytes out;
	int ret;

	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);

		ret = elf_segment(elf, i, &out, &err);
		must_explain(ret, &err);
		if (ret)
			continue;
		must(inside(elf->bytes, out) && out.size == ph.filesz);
		must(ph.type != PT_LOAD || ph.paddr + ph.memsz >= ph.paddr);
	}
	for (uint32_t i = 0; i < elf->shnum; i++) {
		ret = elf_section(elf, i, &out, &err);
		must_explain(ret, &err);
		if (ret || !out.size)
			continue;
		must(inside(elf->bytes, out));
		if (i < 16)
			read_tables(elf, out);
	}
}

static void read_kernel(struct bytes file)
{
	struct elf_kernel k;
	struct err err = { 0 };
	int ret = elf_kernel_parse(file, &k, &err);

	must_explain(ret, &err);
	if (ret)
		return;
	must(elf_kernel_probe(file, k.elf.machine));
	must(k.physical.start < k.physical.end);
	must(is_power_of_two(k.align) && k.align >= 4096);
	must(k.entry_physical >= k.physical.start && k.entry_physical < k.physical.end);
	if (k.version)
		must(k.is_linux && k.version_size <= LINUX_BANNER_MAX &&
		     inside(file, (struct bytes){ (const uint8_t *)k.version, k.version_size }));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size };
	struct err err = { 0 };
	struct elf_file elf;
	int ret = elf_parse(file, &elf, &err);

	must_explain(ret, &err);
	if (!ret)
		read_file(&elf);
	read_kernel(file);
	return 0;
}
