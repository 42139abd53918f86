/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files that are started as kernels: vmlinux, memory testers, hypervisors,
 * small payloads (System V ABI, chapter 5; kernel: include/linux/elfnote.h).
 */
#include <errno.h>
#include <inttypes.h>

#include "banner.h"
#include "elf_kernel.h"
#include "core/units.h"

bool elf_kernel_probe(struct bytes bytes, uint16_t machine)
{
	enum byte_order order;

	if (!elf_magic(bytes) || !bytes_has(bytes, 0, sizeof(Elf32_Ehdr)))
		return false;
	order = bytes.data[EI_DATA] == ELFDATA2MSB ? ORDER_BE : ORDER_LE;
	return get_u16(order, bytes.data + offsetof(Elf32_Ehdr, e_machine)) == machine;
}

bool elf_kernel_probe_le(struct bytes bytes, uint16_t machine)
{
	return elf_kernel_probe(bytes, machine) && bytes.data[EI_DATA] != ELFDATA2MSB;
}

/* The PT_LOADs with memory: where they go, and their headers' numbers. */
struct loads {
	struct range physical[ELF_KERNEL_MAX_LOADS];
	uint32_t index[ELF_KERNEL_MAX_LOADS];
	size_t count;
};

static int check_overlap(const struct loads *loads, struct range r, uint32_t index, struct err *err)
{
	for (size_t i = 0; i < loads->count; i++)
		if (range_overlaps(loads->physical[i], r))
			return err_set(err, -ENOEXEC,
				       "ELF segments %" PRIu32 " [0x%" PRIx64 ", 0x%" PRIx64
				       ") and %" PRIu32 " [0x%" PRIx64 ", 0x%" PRIx64
				       ") overlap in physical memory",
				       loads->index[i], loads->physical[i].start,
				       loads->physical[i].end, index, r.start, r.end);
	return 0;
}

static int add_load(struct elf_kernel *out, struct loads *loads, uint32_t index, struct err *err)
{
	struct elf_phdr ph = elf_phdr(&out->elf, index);
	struct range r = { ph.paddr, ph.paddr + ph.memsz };
	int ret;

	if (!ph.memsz)
		return 0;
	if (loads->count == ELF_KERNEL_MAX_LOADS)
		return err_set(err, -ENOEXEC, "the ELF file has more than %d loadable segments",
			       ELF_KERNEL_MAX_LOADS);
	if (ph.align && !is_power_of_two(ph.align))
		return err_set(err, -ENOEXEC,
			       "ELF segment %" PRIu32 " is to be aligned to 0x%" PRIx64
			       ", not a power of two",
			       index, ph.align);
	ret = check_overlap(loads, r, index, err);
	if (ret)
		return ret;
	if (!loads->count || r.start < out->physical.start)
		out->physical.start = r.start;
	if (r.end > out->physical.end)
		out->physical.end = r.end;
	if (ph.align > out->align)
		out->align = ph.align;
	loads->physical[loads->count] = r;
	loads->index[loads->count++] = index;
	return 0;
}

static int collect_loads(struct elf_kernel *out, struct loads *loads, struct err *err)
{
	for (uint32_t i = 0; i < out->elf.phnum; i++) {
		struct bytes ignored;
		int ret = elf_segment(&out->elf, i, &ignored, err);

		if (!ret && elf_phdr(&out->elf, i).type == PT_LOAD)
			ret = add_load(out, loads, i, err);
		if (ret)
			return ret;
	}
	if (!loads->count)
		return err_set(err, -ENOEXEC, "the ELF file has no loadable segment");
	return 0;
}

/*
 * The entry is a physical address in some kernels and a virtual one in others, depending
 * on the arch.  Physical is tried first: a per-CPU segment linked at virtual 0
 * can cover a physical entry by chance.
 */
static int find_entry(struct elf_kernel *out, const struct loads *loads, struct err *err)
{
	uint64_t entry = out->elf.entry;

	for (size_t i = 0; i < loads->count; i++) {
		struct elf_phdr ph = elf_phdr(&out->elf, loads->index[i]);

		if (entry >= ph.paddr && entry - ph.paddr < ph.filesz) {
			out->entry_physical = entry;
			return 0;
		}
	}
	for (size_t i = 0; i < loads->count; i++) {
		struct elf_phdr ph = elf_phdr(&out->elf, loads->index[i]);

		if (entry >= ph.vaddr && entry - ph.vaddr < ph.filesz) {
			out->entry_physical = entry - ph.vaddr + ph.paddr;
			return 0;
		}
	}
	return err_set(err, -ENOEXEC,
		       "the ELF entry 0x%" PRIx64 " is in no loadable segment's part of the file",
		       entry);
}

#define ANY_TYPE UINT32_MAX

/* Finds a note by owner and type in these bytes.  Damaged notes end the search. */
static bool find_note(const struct elf_file *elf, struct bytes notes, uint64_t align,
		      const char *owner, uint32_t type, struct bytes *desc)
{
	uint64_t at = 0, size = strlen(owner) + 1;

	while (bytes_has(notes, at, sizeof(Elf64_Nhdr))) {
		const uint8_t *p = notes.data + at;
		uint64_t name_size = get_u32(elf->order, p + offsetof(Elf64_Nhdr, n_namesz));
		uint64_t desc_size = get_u32(elf->order, p + offsetof(Elf64_Nhdr, n_descsz));

		uint32_t found = get_u32(elf->order, p + offsetof(Elf64_Nhdr, n_type));
		uint64_t name = at + sizeof(Elf64_Nhdr);

		at = name + round_up(name_size, align);
		if (name_size == size && bytes_match(notes, name, owner, size) &&
		    (type == ANY_TYPE || found == type)) {
			*desc = bytes_has(notes, at, desc_size) ? bytes_sub(notes, at, desc_size)
								: (struct bytes){ 0 };
			return true;
		}
		at += round_up(desc_size, align);
	}
	return false;
}

bool elf_kernel_note(const struct elf_file *elf, const char *owner, uint32_t type,
		     struct bytes *desc)
{
	struct bytes notes;

	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);

		if (ph.type == PT_NOTE && !elf_segment(elf, i, &notes, NULL) &&
		    find_note(elf, notes, ph.align == 8 ? 8 : 4, owner, type, desc))
			return true;
	}
	return false;
}

static void find_version(struct elf_kernel *out, const struct loads *loads)
{
	struct bytes bytes;

	for (size_t i = 0; i < loads->count; i++)
		if (!elf_segment(&out->elf, loads->index[i], &bytes, NULL) &&
		    linux_banner(bytes, &out->version, &out->version_size))
			return;
}

int elf_kernel_check_type(const struct elf_file *elf, struct err *err)
{
	if (elf->type != ET_EXEC && elf->type != ET_DYN)
		return err_set(err, -ENOEXEC,
			       "the ELF file is of type %u, neither an executable (2) nor "
			       "position-independent (3)",
			       elf->type);
	for (uint32_t i = 0; i < elf->phnum; i++)
		if (elf_phdr(elf, i).type == PT_INTERP)
			return err_set(
				err, -ENOEXEC,
				"Requires an ELF interpreter: it is a program, not a kernel");
	return 0;
}

int elf_kernel_parse(struct bytes bytes, struct elf_kernel *out, struct err *err)
{
	struct loads loads = { .count = 0 };
	struct bytes ignored;
	int ret;

	*out = (struct elf_kernel){ .align = PAGE_4K };
	ret = elf_parse(bytes, &out->elf, err);
	if (!ret)
		ret = elf_kernel_check_type(&out->elf, err);
	if (ret)
		return ret;
	out->relocatable = out->elf.type == ET_DYN;
	ret = collect_loads(out, &loads, err);
	if (!ret)
		ret = find_entry(out, &loads, err);
	if (ret)
		return ret;
	find_version(out, &loads);
	out->is_linux = out->version || elf_kernel_note(&out->elf, "Linux", ANY_TYPE, &ignored);
	return 0;
}
