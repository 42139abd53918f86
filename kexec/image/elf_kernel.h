/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF files that are started as kernels: executable, PT_LOADs by physical address. */
#ifndef IMAGE_ELF_KERNEL_H
#define IMAGE_ELF_KERNEL_H

#include "core/range.h"
#include "elf/elf_file.h"

struct elf_kernel {
	struct elf_file elf;
	struct range physical; /* from the lowest p_paddr to the highest end */
	uint64_t align; /* largest p_align of the PT_LOADs, at least a page */
	bool relocatable; /* ET_DYN */
	uint64_t entry_physical; /* e_entry as a physical address */
	bool is_linux; /* has a Linux note or version string: it takes boot_params */
	const char *version; /* "Linux version ..." text; NULL: none */
	size_t version_size;
};

#define ELF_KERNEL_MAX_LOADS 64

/* An ELF file for the machine?  Cheap; elf_kernel_parse() checks that it can be a kernel. */
bool elf_kernel_probe(struct bytes bytes, uint16_t machine);
/* The same for a machine whose kernels are all little endian. */
bool elf_kernel_probe_le(struct bytes bytes, uint16_t machine);

/*
 * -ENOEXEC: it cannot be loaded: no PT_LOAD or more than ELF_KERNEL_MAX_LOADS, segments that
 * overlap, an entry in none of them, PT_INTERP.
 */
int elf_kernel_parse(struct bytes bytes, struct elf_kernel *out, struct err *err);

/*
 * Finds a note in the program headers.  *desc: its contents; size 0: no contents inside the file.
 * type UINT32_MAX: any type.
 */
bool elf_kernel_note(const struct elf_file *elf, const char *owner, uint32_t type,
		     struct bytes *desc);

/* -ENOEXEC: an ELF file that cannot be a kernel: an object, a core dump, a program. */
int elf_kernel_check_type(const struct elf_file *elf, struct err *err);

#endif
