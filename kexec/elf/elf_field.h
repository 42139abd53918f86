/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of ELF records of both classes and byte orders, at the offsets in <elf.h>. */
#ifndef ELF_ELF_FIELD_H
#define ELF_ELF_FIELD_H

#include <elf.h>

#include "core/bytes.h"

/* A number of 1, 2, 4 or 8 bytes. */
uint64_t elf_number(enum byte_order order, const uint8_t *p, size_t size);

#define ELF_MEMBER(order, p, type, field)                                                          \
	elf_number(order, (p) + offsetof(type, field), sizeof(((type *)0)->field))

/* A field of the record Elf32_KIND or Elf64_KIND that starts at p.  elf: has is64 and order. */
#define ELF_FIELD(elf, p, KIND, field)                                                             \
	((elf)->is64 ? ELF_MEMBER((elf)->order, p, Elf64_##KIND, field)                            \
		     : ELF_MEMBER((elf)->order, p, Elf32_##KIND, field))

#define ELF_RECORD_SIZE(elf, KIND) ((elf)->is64 ? sizeof(Elf64_##KIND) : sizeof(Elf32_##KIND))

#endif
