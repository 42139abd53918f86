/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads ELF files of either class and byte order from untrusted bytes (System V ABI,
 * chapters 4 and 5).  After a successful elf_parse(), all program and section headers are
 * inside the file.
 */
#ifndef ELF_ELF_FILE_H
#define ELF_ELF_FILE_H

#include <elf.h>

/* The <elf.h> of some C libraries lacks these names. */
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif
#ifndef R_LARCH_RELATIVE
#define R_LARCH_RELATIVE 3
#endif
#ifndef DT_RELR
#define DT_RELR 36
#endif

#include "core/bytes.h"
#include "core/err.h"

struct elf_file {
	struct bytes bytes;
	bool is64;
	enum byte_order order;
	uint16_t type;
	uint16_t machine;
	uint32_t flags;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t phnum; /* the full count, also if e_phnum is PN_XNUM */
	uint32_t shnum;
	uint32_t shstrndx;
};

/* The records of both classes, widened to 64 bits.  Names as in the ABI. */
struct elf_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct elf_shdr {
	uint32_t name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t addralign;
	uint64_t entsize;
};

struct elf_sym {
	uint32_t name;
	uint8_t info;
	uint8_t other;
	uint16_t shndx;
	uint64_t value;
	uint64_t size;
};

/* One REL or RELA record.  The split r_info of MIPS64 is decoded. */
struct elf_rel {
	uint64_t offset;
	uint32_t sym;
	uint32_t type; /* MIPS64: type | type2 << 8 | type3 << 16 | ssym << 24 */
	int64_t addend; /* 0 for REL: the place that is relocated contains the addend */
};

struct elf_dyn {
	uint64_t tag;
	uint64_t value;
};

/* True if the bytes begin with the ELF magic.  No other field is checked. */
bool elf_magic(struct bytes bytes);

/* Checks the file header and both header tables.  -ENOEXEC: malformed; the error names offsets. */
int elf_parse(struct bytes bytes, struct elf_file *elf, struct err *err);

/* index: below phnum.  Does not check the fields; elf_segment() does. */
struct elf_phdr elf_phdr(const struct elf_file *elf, uint32_t index);

/* index: below shnum.  Does not check the fields; elf_section() does. */
struct elf_shdr elf_shdr(const struct elf_file *elf, uint32_t index);

/*
 * Returns the file bytes of a segment or section.  Size 0: a section of type SHT_NOBITS or
 * SHT_NULL.  -ENOEXEC: the bytes are not all inside the file.  -ENOEXEC for a PT_LOAD: memsz
 * is below filesz, or vaddr + memsz or paddr + memsz leaves the address space.
 */
int elf_segment(const struct elf_file *elf, uint32_t index, struct bytes *out, struct err *err);
int elf_section(const struct elf_file *elf, uint32_t index, struct bytes *out, struct err *err);

/* Returns the string at offset of a string table.  NULL: no NUL-terminated string there. */
const char *elf_string(struct bytes table, uint64_t offset);

/* Reads symbol, relocation or dynamic entry number index of a table.  false: index too large. */
bool elf_sym(const struct elf_file *elf, struct bytes table, uint64_t index, struct elf_sym *sym);
bool elf_rel(const struct elf_file *elf, struct bytes table, bool rela, uint64_t index,
	     struct elf_rel *rel);
bool elf_dyn(const struct elf_file *elf, struct bytes table, uint64_t index, struct elf_dyn *dyn);

/* Size in bytes of one record in this file's class. */
size_t elf_sym_size(const struct elf_file *elf);
size_t elf_rel_size(const struct elf_file *elf, bool rela);

/* Returns the name of an e_machine value, such as "hppa".  "unknown": not in the table. */
const char *elf_machine_name(uint16_t machine);

#endif
