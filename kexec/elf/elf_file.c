/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF reader (System V ABI, chapters 4 and 5). */
#include <errno.h>
#include <inttypes.h>

#include "arches.h"
#include "elf_field.h"
#include "elf_file.h"

uint64_t elf_number(enum byte_order order, const uint8_t *p, size_t size)
{
	switch (size) {
	case 1: return *p;
	case 2: return get_u16(order, p);
	case 4: return get_u32(order, p);
	default: return get_u64(order, p);
	}
}

bool elf_magic(struct bytes bytes)
{
	return bytes_match(bytes, 0, ELFMAG, SELFMAG);
}

static int parse_ident(struct bytes bytes, struct elf_file *elf, struct err *err)
{
	const uint8_t *ident = bytes.data;

	if (!elf_magic(bytes) || bytes.size < EI_NIDENT)
		return err_set(err, -ENOEXEC, "not an ELF file");
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return err_set(err, -ENOEXEC, "ELF class %u is neither 1 (32 bits) nor 2 (64 bits)",
			       ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return err_set(err, -ENOEXEC, "ELF byte order %u is neither 1 (little) nor 2 (big)",
			       ident[EI_DATA]);
	if (ident[EI_VERSION] != EV_CURRENT)
		return err_set(err, -ENOEXEC, "ELF version %u instead of 1", ident[EI_VERSION]);
	elf->is64 = ident[EI_CLASS] == ELFCLASS64;
	elf->order = ident[EI_DATA] == ELFDATA2LSB ? ORDER_LE : ORDER_BE;
	if (bytes.size < ELF_RECORD_SIZE(elf, Ehdr))
		return err_set(err, -ENOEXEC, "ELF file header needs %zu bytes, the file has %zu",
			       ELF_RECORD_SIZE(elf, Ehdr), bytes.size);
	return 0;
}

static int check_table(const struct elf_file *elf, const char *what, uint64_t offset,
		       uint64_t count, uint64_t entsize, size_t expected, struct err *err)
{
	if (!count)
		return 0;
	if (entsize != expected)
		return err_set(err, -ENOEXEC,
			       "ELF %s headers have %" PRIu64 " bytes each instead of %zu", what,
			       entsize, expected);
	/* count has 32 bits, so the product cannot overflow. */
	if (!bytes_has(elf->bytes, offset, count * entsize))
		return err_set(err, -ENOEXEC,
			       "%" PRIu64 " ELF %s headers at 0x%" PRIx64
			       " reach beyond the file's end at 0x%zx",
			       count, what, offset, elf->bytes.size);
	return 0;
}

/* Section header 0 contains the counts that do not fit in the 16 bits of the file header. */
static int extended_counts(struct elf_file *elf, struct err *err)
{
	struct elf_shdr first;

	if (elf->phnum != PN_XNUM && elf->shnum && elf->shstrndx != SHN_XINDEX)
		return 0;
	if (!elf->shoff) {
		if (elf->phnum == PN_XNUM)
			return err_set(err, -ENOEXEC,
				       "the number of ELF program headers should be in"
				       " section header 0, but there are no section headers");
		return 0;
	}
	if (!bytes_has(elf->bytes, elf->shoff, ELF_RECORD_SIZE(elf, Shdr)))
		return err_set(err, -ENOEXEC,
			       "ELF section header 0 at 0x%" PRIx64
			       " lies beyond the file's end at 0x%zx",
			       elf->shoff, elf->bytes.size);
	first = elf_shdr(elf, 0);
	if (elf->phnum == PN_XNUM)
		elf->phnum = first.info;
	if (elf->shstrndx == SHN_XINDEX)
		elf->shstrndx = first.link;
	if (!elf->shnum) {
		if (first.size > UINT32_MAX)
			return err_set(err, -ENOEXEC, "%" PRIu64 " ELF section headers",
				       first.size);
		elf->shnum = (uint32_t)first.size;
	}
	return 0;
}

int elf_parse(struct bytes bytes, struct elf_file *elf, struct err *err)
{
	const uint8_t *p = bytes.data;
	int ret;

	*elf = (struct elf_file){ .bytes = bytes };
	ret = parse_ident(bytes, elf, err);
	if (ret)
		return ret;
	elf->type = (uint16_t)ELF_FIELD(elf, p, Ehdr, e_type);
	elf->machine = (uint16_t)ELF_FIELD(elf, p, Ehdr, e_machine);
	elf->flags = (uint32_t)ELF_FIELD(elf, p, Ehdr, e_flags);
	elf->entry = ELF_FIELD(elf, p, Ehdr, e_entry);
	elf->phoff = ELF_FIELD(elf, p, Ehdr, e_phoff);
	elf->shoff = ELF_FIELD(elf, p, Ehdr, e_shoff);
	elf->phnum = (uint32_t)ELF_FIELD(elf, p, Ehdr, e_phnum);
	elf->shnum = elf->shoff ? (uint32_t)ELF_FIELD(elf, p, Ehdr, e_shnum) : 0;
	elf->shstrndx = (uint32_t)ELF_FIELD(elf, p, Ehdr, e_shstrndx);

	ret = extended_counts(elf, err);
	if (ret)
		return ret;
	ret = check_table(elf, "program", elf->phoff, elf->phnum,
			  ELF_FIELD(elf, p, Ehdr, e_phentsize), ELF_RECORD_SIZE(elf, Phdr), err);
	if (ret)
		return ret;
	return check_table(elf, "section", elf->shoff, elf->shnum,
			   ELF_FIELD(elf, p, Ehdr, e_shentsize), ELF_RECORD_SIZE(elf, Shdr), err);
}

struct elf_phdr elf_phdr(const struct elf_file *elf, uint32_t index)
{
	const uint8_t *p = elf->bytes.data + elf->phoff + index * ELF_RECORD_SIZE(elf, Phdr);

	return (struct elf_phdr){
		.type = (uint32_t)ELF_FIELD(elf, p, Phdr, p_type),
		.flags = (uint32_t)ELF_FIELD(elf, p, Phdr, p_flags),
		.offset = ELF_FIELD(elf, p, Phdr, p_offset),
		.vaddr = ELF_FIELD(elf, p, Phdr, p_vaddr),
		.paddr = ELF_FIELD(elf, p, Phdr, p_paddr),
		.filesz = ELF_FIELD(elf, p, Phdr, p_filesz),
		.memsz = ELF_FIELD(elf, p, Phdr, p_memsz),
		.align = ELF_FIELD(elf, p, Phdr, p_align),
	};
}

struct elf_shdr elf_shdr(const struct elf_file *elf, uint32_t index)
{
	const uint8_t *p = elf->bytes.data + elf->shoff + index * ELF_RECORD_SIZE(elf, Shdr);

	return (struct elf_shdr){
		.name = (uint32_t)ELF_FIELD(elf, p, Shdr, sh_name),
		.type = (uint32_t)ELF_FIELD(elf, p, Shdr, sh_type),
		.flags = ELF_FIELD(elf, p, Shdr, sh_flags),
		.addr = ELF_FIELD(elf, p, Shdr, sh_addr),
		.offset = ELF_FIELD(elf, p, Shdr, sh_offset),
		.size = ELF_FIELD(elf, p, Shdr, sh_size),
		.link = (uint32_t)ELF_FIELD(elf, p, Shdr, sh_link),
		.info = (uint32_t)ELF_FIELD(elf, p, Shdr, sh_info),
		.addralign = ELF_FIELD(elf, p, Shdr, sh_addralign),
		.entsize = ELF_FIELD(elf, p, Shdr, sh_entsize),
	};
}

/* True if [start, start + size) leaves the address space of the file's class. */
static bool wraps(const struct elf_file *elf, uint64_t start, uint64_t size)
{
	uint64_t end;

	return __builtin_add_overflow(start, size, &end) || (!elf->is64 && end > 1ULL << 32);
}

static int file_bytes(const struct elf_file *elf, const char *what, uint32_t index, uint64_t offset,
		      uint64_t size, struct bytes *out, struct err *err)
{
	if (!bytes_has(elf->bytes, offset, size))
		return err_set(err, -ENOEXEC,
			       "ELF %s %u: 0x%" PRIx64 " bytes at file offset 0x%" PRIx64
			       " reach beyond the file's end at 0x%zx (a truncated file?)",
			       what, index, size, offset, elf->bytes.size);
	*out = bytes_sub(elf->bytes, offset, size);
	return 0;
}

int elf_segment(const struct elf_file *elf, uint32_t index, struct bytes *out, struct err *err)
{
	struct elf_phdr ph = elf_phdr(elf, index);

	if (ph.type == PT_LOAD && ph.memsz < ph.filesz)
		return err_set(err, -ENOEXEC,
			       "ELF segment %u: 0x%" PRIx64 " bytes in the file but only 0x%" PRIx64
			       " in memory",
			       index, ph.filesz, ph.memsz);
	if (ph.type == PT_LOAD &&
	    (wraps(elf, ph.vaddr, ph.memsz) || wraps(elf, ph.paddr, ph.memsz)))
		return err_set(err, -ENOEXEC,
			       "ELF segment %u: 0x%" PRIx64 " bytes at vaddr 0x%" PRIx64
			       ", paddr 0x%" PRIx64 " leave the address space",
			       index, ph.memsz, ph.vaddr, ph.paddr);
	return file_bytes(elf, "segment", index, ph.offset, ph.filesz, out, err);
}

int elf_section(const struct elf_file *elf, uint32_t index, struct bytes *out, struct err *err)
{
	struct elf_shdr sh = elf_shdr(elf, index);

	if (sh.type == SHT_NOBITS || sh.type == SHT_NULL) {
		*out = (struct bytes){ NULL, 0 };
		return 0;
	}
	return file_bytes(elf, "section", index, sh.offset, sh.size, out, err);
}

const char *elf_string(struct bytes table, uint64_t offset)
{
	if (offset >= table.size || !memchr(table.data + offset, 0, (size_t)(table.size - offset)))
		return NULL;
	return (const char *)table.data + offset;
}

size_t elf_sym_size(const struct elf_file *elf)
{
	return ELF_RECORD_SIZE(elf, Sym);
}

size_t elf_rel_size(const struct elf_file *elf, bool rela)
{
	return rela ? ELF_RECORD_SIZE(elf, Rela) : ELF_RECORD_SIZE(elf, Rel);
}

bool elf_sym(const struct elf_file *elf, struct bytes table, uint64_t index, struct elf_sym *sym)
{
	const uint8_t *p;

	if (index >= table.size / elf_sym_size(elf))
		return false;
	p = table.data + index * elf_sym_size(elf);
	*sym = (struct elf_sym){
		.name = (uint32_t)ELF_FIELD(elf, p, Sym, st_name),
		.info = (uint8_t)ELF_FIELD(elf, p, Sym, st_info),
		.other = (uint8_t)ELF_FIELD(elf, p, Sym, st_other),
		.shndx = (uint16_t)ELF_FIELD(elf, p, Sym, st_shndx),
		.value = ELF_FIELD(elf, p, Sym, st_value),
		.size = ELF_FIELD(elf, p, Sym, st_size),
	};
	return true;
}

/*
 * MIPS64 splits r_info into a 32-bit symbol and four single bytes.  In a little-endian
 * file, r_info is therefore not a 64-bit number.
 */
static void split_mips64_info(const struct elf_file *elf, const uint8_t *info, struct elf_rel *rel)
{
	rel->sym = get_u32(elf->order, info);
	rel->type = get_be32(info + 4);
}

bool elf_rel(const struct elf_file *elf, struct bytes table, bool rela, uint64_t index,
	     struct elf_rel *rel)
{
	size_t size = elf_rel_size(elf, rela);
	const uint8_t *p;
	uint64_t info;

	if (index >= table.size / size)
		return false;
	p = table.data + index * size;
	info = ELF_FIELD(elf, p, Rel, r_info);
	*rel = (struct elf_rel){ .offset = ELF_FIELD(elf, p, Rel, r_offset) };
	if (elf->is64 && elf->machine == EM_MIPS) {
		split_mips64_info(elf, p + offsetof(Elf64_Rel, r_info), rel);
	} else if (elf->is64) {
		rel->sym = (uint32_t)ELF64_R_SYM(info);
		rel->type = (uint32_t)ELF64_R_TYPE(info);
	} else {
		rel->sym = (uint32_t)ELF32_R_SYM(info);
		rel->type = (uint32_t)ELF32_R_TYPE(info);
	}
	if (rela)
		rel->addend = elf->is64 ? (int64_t)ELF_FIELD(elf, p, Rela, r_addend)
					: (int32_t)ELF_FIELD(elf, p, Rela, r_addend);
	return true;
}

bool elf_dyn(const struct elf_file *elf, struct bytes table, uint64_t index, struct elf_dyn *dyn)
{
	size_t size = ELF_RECORD_SIZE(elf, Dyn);
	const uint8_t *p;

	if (index >= table.size / size)
		return false;
	p = table.data + index * size;
	*dyn = (struct elf_dyn){
		.tag = ELF_FIELD(elf, p, Dyn, d_tag),
		.value = ELF_FIELD(elf, p, Dyn, d_un),
	};
	return true;
}

const char *elf_machine_name(uint16_t machine)
{
#define NAMED(machine, name) { machine, name },
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		FOR_EACH_ELF_MACHINE(NAMED)
		/* Machines without a row in kexec/arch/arches */
		{ EM_386, "i386" },
		{ EM_68K, "m68k" },
		{ EM_MIPS, "mips" },
		{ EM_PARISC, "hppa" },
		{ EM_PPC, "ppc" },
		{ EM_SH, "sh" },
		{ EM_IA_64, "ia64" },
		{ EM_ALPHA, "alpha" },
		{ EM_SPARCV9, "sparc64" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return "unknown";
}
