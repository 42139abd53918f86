/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF core header that the crash kernel shows as /proc/vmcore (Linux:
 * fs/proc/vmcore.c; System V ABI, chapter 5).  Offsets in it are physical addresses.
 */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#include "elf/elf_file.h"

#define HEADER_ALIGN 1024
#define MAX_PHDRS (PN_XNUM - 1) /* largest count that fs/proc/vmcore.c reads */
#define PHDR_RWX (PF_R | PF_W | PF_X)

struct writer {
	const struct kdump_arch *arch;
	uint8_t *data;
	size_t used;
	uint16_t phnum;
};

/* Writes a field of the record at offset at, in the ELF class and byte order of the arch. */
#define PUT(w, at, KIND, field, value)                                                             \
	((w)->arch->elf64 ? put_field(w, (at) + offsetof(Elf64_##KIND, field),                     \
				      sizeof(((Elf64_##KIND *)0)->field), value)                   \
			  : put_field(w, (at) + offsetof(Elf32_##KIND, field),                     \
				      sizeof(((Elf32_##KIND *)0)->field), value))

static void put_field(struct writer *w, size_t at, size_t size, uint64_t value)
{
	switch (size) {
	case 2: put_u16(w->arch->order, w->data + at, (uint16_t)value); break;
	case 4: put_u32(w->arch->order, w->data + at, (uint32_t)value); break;
	default: put_u64(w->arch->order, w->data + at, value); break;
	}
}

static size_t ehdr_size(const struct kdump_arch *arch)
{
	return arch->elf64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t phdr_size(const struct kdump_arch *arch)
{
	return arch->elf64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static void put_ehdr(struct writer *w)
{
	memcpy(w->data, ELFMAG, SELFMAG);
	w->data[EI_CLASS] = w->arch->elf64 ? ELFCLASS64 : ELFCLASS32;
	w->data[EI_DATA] = w->arch->order == ORDER_LE ? ELFDATA2LSB : ELFDATA2MSB;
	w->data[EI_VERSION] = EV_CURRENT;
	PUT(w, 0, Ehdr, e_type, ET_CORE);
	PUT(w, 0, Ehdr, e_machine, w->arch->e_machine);
	PUT(w, 0, Ehdr, e_version, EV_CURRENT);
	PUT(w, 0, Ehdr, e_phoff, ehdr_size(w->arch));
	PUT(w, 0, Ehdr, e_ehsize, ehdr_size(w->arch));
	PUT(w, 0, Ehdr, e_phentsize, phdr_size(w->arch));
	PUT(w, 0, Ehdr, e_phnum, w->phnum);
}

static void put_phdr(struct writer *w, uint32_t type, uint32_t flags, struct range range,
		     uint64_t offset, uint64_t vaddr)
{
	size_t at = w->used;

	PUT(w, at, Phdr, p_type, type);
	PUT(w, at, Phdr, p_flags, flags);
	PUT(w, at, Phdr, p_offset, offset);
	PUT(w, at, Phdr, p_vaddr, vaddr);
	PUT(w, at, Phdr, p_paddr, range.start);
	PUT(w, at, Phdr, p_filesz, range_size(range));
	PUT(w, at, Phdr, p_memsz, range_size(range));
	w->used += phdr_size(w->arch);
	w->phnum++;
}

static void put_note(struct writer *w, struct range note)
{
	put_phdr(w, PT_NOTE, 0, note, note.start, 0);
}

static void put_ram_piece(struct writer *w, const struct core_header *in, struct range piece)
{
	uint64_t limit = in->map.linear_end;
	uint64_t vaddr = in->map.linear + piece.start, offset = piece.start;

	if (in->map.linear_unknown || (limit && piece.start >= limit))
		vaddr = UINT64_MAX;
	if (range_overlaps(piece, in->backup))
		offset = in->backup_copy + (piece.start - in->backup.start);
	put_phdr(w, PT_LOAD, PHDR_RWX, piece, offset, vaddr);
}

/* One PT_LOAD, or several if a boundary of the backup or of the linear map is inside. */
static void put_ram(struct writer *w, const struct core_header *in, struct range r)
{
	const uint64_t cut[] = { in->backup.start, in->backup.end, in->map.linear_end };

	while (!range_empty(r)) {
		struct range piece = r;

		for (size_t i = 0; i < ARRAY_SIZE(cut); i++) {
			if (piece.start < cut[i] && cut[i] < piece.end)
				piece.end = cut[i];
		}
		put_ram_piece(w, in, piece);
		r.start = piece.end;
	}
}

/* The end of all that the header describes. */
static uint64_t highest_end(const struct core_header *in)
{
	uint64_t end = in->ram->count ? in->ram->range[in->ram->count - 1].end : 0;

	for (size_t i = 0; i < in->cpus; i++)
		end = in->cpu_notes[i].end > end ? in->cpu_notes[i].end : end;
	end = in->vmcoreinfo.end > end ? in->vmcoreinfo.end : end;
	return in->map.image.end > end ? in->map.image.end : end;
}

static int check(struct ctx *ctx, const struct core_header *in, size_t phdrs)
{
	const struct range_set *ram = in->ram;

	if (phdrs > MAX_PHDRS)
		return err_set(&ctx->err, -E2BIG,
			       "elfcorehdr: %zu CPUs and %zu ranges of memory need more than the "
			       "%d program headers that a crash kernel reads",
			       in->cpus, ram->count, MAX_PHDRS);
	if (in->arch->elf64 || highest_end(in) <= UINT32_MAX + 1ull)
		return 0;
	err_set(&ctx->err, -ERANGE,
		"elfcorehdr: memory up to 0x%" PRIx64 " does not fit into a 32-bit ELF header",
		highest_end(in) - 1);
	return err_hint(&ctx->err, "%s",
			in->arch->either_class ? "Leave --elf32-core-headers out." : "");
}

int kdump_core_header(struct ctx *ctx, const struct core_header *in, struct bytes *out)
{
	/* 5: vmcoreinfo, kernel image, and three cuts that may each split a range. */
	size_t phdrs = in->cpus + in->ram->count + 5;
	struct writer w = { .arch = in->arch, .used = ehdr_size(in->arch) };
	int ret = check(ctx, in, phdrs);

	if (ret)
		return ret;
	w.data = map_anonymous(ctx, w.used + phdrs * phdr_size(in->arch) + HEADER_ALIGN);
	if (!w.data)
		return err_set(&ctx->err, -ENOMEM, "elfcorehdr: no memory for %zu program headers",
			       phdrs);
	for (size_t i = 0; i < in->cpus; i++)
		put_note(&w, in->cpu_notes[i]);
	if (!range_empty(in->vmcoreinfo))
		put_note(&w, in->vmcoreinfo);
	/* The image is also part of the RAM below.  Tools look up symbols through this PT_LOAD. */
	if (!range_empty(in->map.image))
		put_phdr(&w, PT_LOAD, PHDR_RWX, in->map.image, in->map.image.start,
			 in->map.image_virt);
	for (size_t i = 0; i < in->ram->count; i++)
		put_ram(&w, in, in->ram->range[i]);
	put_ehdr(&w);
	*out = (struct bytes){ w.data, (size_t)round_up(w.used, HEADER_ALIGN) };
	return 0;
}
