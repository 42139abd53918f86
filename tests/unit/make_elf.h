/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes small ELF files of either class and byte order for tests, field by
 * field, without the code that is tested.
 */
#ifndef TESTS_MAKE_ELF_H
#define TESTS_MAKE_ELF_H

#include <elf.h>
#include <stdlib.h>

#include "purgatory_abi.h"
#include "kexec/core/bytes.h"

#define MADE_ROOM 0x8000

struct made_elf {
	uint8_t data[MADE_ROOM];
	size_t size;
	bool is64;
	enum byte_order order;
};

static inline void made_put(struct made_elf *m, size_t offset, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		m->data[offset + (m->order == ORDER_LE ? i : size - 1 - i)] = (uint8_t)(value >>
											(8 * i));
}

#define MADE_SIZE(m, KIND) ((m)->is64 ? sizeof(Elf64_##KIND) : sizeof(Elf32_##KIND))

/* Sets a field of the Elf32_KIND or Elf64_KIND record at offset. */
#define MADE_SET(m, offset, KIND, field, value)                                                    \
	((m)->is64 ? made_put(m, (offset) + offsetof(Elf64_##KIND, field),                         \
			      sizeof(((Elf64_##KIND *)0)->field), (uint64_t)(value))               \
		   : made_put(m, (offset) + offsetof(Elf32_##KIND, field),                         \
			      sizeof(((Elf32_##KIND *)0)->field), (uint64_t)(value)))

static inline void made_ehdr(struct made_elf *m, uint16_t type, uint16_t machine)
{
	memcpy(m->data, ELFMAG, SELFMAG);
	m->data[EI_CLASS] = m->is64 ? ELFCLASS64 : ELFCLASS32;
	m->data[EI_DATA] = m->order == ORDER_LE ? ELFDATA2LSB : ELFDATA2MSB;
	m->data[EI_VERSION] = EV_CURRENT;
	MADE_SET(m, 0, Ehdr, e_type, type);
	MADE_SET(m, 0, Ehdr, e_machine, machine);
	MADE_SET(m, 0, Ehdr, e_version, EV_CURRENT);
	MADE_SET(m, 0, Ehdr, e_ehsize, MADE_SIZE(m, Ehdr));
	MADE_SET(m, 0, Ehdr, e_phentsize, MADE_SIZE(m, Phdr));
	MADE_SET(m, 0, Ehdr, e_shentsize, MADE_SIZE(m, Shdr));
}

static inline size_t made_phdr_offset(const struct made_elf *m, unsigned int index)
{
	return MADE_SIZE(m, Ehdr) + index * MADE_SIZE(m, Phdr);
}

/* Program headers follow the file header; e_phnum counts them. */
static inline void made_phdr(struct made_elf *m, unsigned int index, uint32_t type, uint64_t offset,
			     uint64_t vaddr, uint64_t filesz, uint64_t memsz)
{
	size_t p = made_phdr_offset(m, index);

	MADE_SET(m, 0, Ehdr, e_phoff, MADE_SIZE(m, Ehdr));
	MADE_SET(m, 0, Ehdr, e_phnum, index + 1);
	MADE_SET(m, p, Phdr, p_type, type);
	MADE_SET(m, p, Phdr, p_flags, 7);
	MADE_SET(m, p, Phdr, p_offset, offset);
	MADE_SET(m, p, Phdr, p_vaddr, vaddr);
	MADE_SET(m, p, Phdr, p_paddr, vaddr);
	MADE_SET(m, p, Phdr, p_filesz, filesz);
	MADE_SET(m, p, Phdr, p_memsz, memsz);
	MADE_SET(m, p, Phdr, p_align, 4096);
}

#define MADE_HEADER(m, offset, field, value)                                                       \
	made_put(m, (offset) + offsetof(struct purgatory_header, field),                           \
		 sizeof(((struct purgatory_header *)0)->field), value)

/* A valid struct purgatory_header at offset. */
static inline void made_header(struct made_elf *m, size_t offset, uint16_t machine,
			       uint32_t image_size, uint32_t memory_size, uint32_t params_offset)
{
	memcpy(m->data + offset + PURGATORY_HEADER_MAGIC, PURGATORY_MAGIC, PURGATORY_MAGIC_SIZE);
	MADE_HEADER(m, offset, abi_version, PURGATORY_ABI_VERSION);
	MADE_HEADER(m, offset, header_size, PURGATORY_HEADER_SIZE);
	MADE_HEADER(m, offset, machine, machine);
	MADE_HEADER(m, offset, align_log2, 12);
	MADE_HEADER(m, offset, image_size, image_size);
	MADE_HEADER(m, offset, memory_size, memory_size);
	MADE_HEADER(m, offset, params_offset, params_offset);
	MADE_HEADER(m, offset, params_size, sizeof(struct purgatory_params));
}

/*
 * A position-independent purgatory: PT_LOAD of 0x1000 file bytes at file
 * offset PIE_FILE, linked at 0 and occupying 0x3000, and PT_DYNAMIC in it.
 */
enum {
	PIE_FILE = 0x1000,
	PIE_DATA = 0x40, /* words to relocate */
	PIE_DYNAMIC = 0x100, /* room for 16 entries */
	PIE_TABLE = 0x200, /* relocations, room for 0x200 bytes */
	PIE_PARAMS = 0x400,
	PIE_SIZE = 0x1000,
	PIE_MEMORY = 0x3000,
};

static inline void made_dynamic(struct made_elf *m, unsigned int index, uint64_t tag,
				uint64_t value)
{
	size_t at = PIE_FILE + PIE_DYNAMIC + index * MADE_SIZE(m, Dyn);

	MADE_SET(m, at, Dyn, d_tag, tag);
	MADE_SET(m, at, Dyn, d_un, value);
}

static inline size_t made_rel_size(const struct made_elf *m, bool rela)
{
	return rela ? MADE_SIZE(m, Rela) : MADE_SIZE(m, Rel);
}

/* info as the class's r_info (MIPS64: in the file's odd order, made by the caller). */
static inline void made_rel(struct made_elf *m, size_t table, bool rela, unsigned int index,
			    uint64_t offset, uint64_t info, int64_t addend)
{
	size_t at = table + index * made_rel_size(m, rela);

	MADE_SET(m, at, Rel, r_offset, offset);
	MADE_SET(m, at, Rel, r_info, info);
	if (rela)
		MADE_SET(m, at, Rela, r_addend, addend);
}

static inline void made_word(struct made_elf *m, size_t offset, uint64_t value)
{
	made_put(m, offset, m->is64 ? 8 : 4, value);
}

/* The frame of it; entries 0..2 of the dynamic section name the table, 3 ends it. */
static inline struct made_elf *made_pie(uint16_t machine, bool is64, enum byte_order order,
					bool rela, unsigned int relocations)
{
	struct made_elf *m = calloc(1, sizeof(*m));

	m->is64 = is64;
	m->order = order;
	made_ehdr(m, ET_DYN, machine);
	made_phdr(m, 0, PT_LOAD, PIE_FILE, 0, PIE_SIZE, PIE_MEMORY);
	made_phdr(m, 1, PT_DYNAMIC, PIE_FILE + PIE_DYNAMIC, PIE_DYNAMIC, 16 * MADE_SIZE(m, Dyn),
		  16 * MADE_SIZE(m, Dyn));
	made_header(m, PIE_FILE, machine, PIE_SIZE, PIE_MEMORY, PIE_PARAMS);
	made_dynamic(m, 0, rela ? DT_RELA : DT_REL, PIE_TABLE);
	made_dynamic(m, 1, rela ? DT_RELASZ : DT_RELSZ, relocations * made_rel_size(m, rela));
	made_dynamic(m, 2, rela ? DT_RELAENT : DT_RELENT, made_rel_size(m, rela));
	m->size = PIE_FILE + PIE_SIZE;
	return m;
}

static inline struct bytes made_bytes(const struct made_elf *m)
{
	return (struct bytes){ m->data, m->size };
}

#endif
