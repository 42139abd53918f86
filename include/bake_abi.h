/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Baked images: purgatory, a kernel, its initrd and its command line in one position-independent
 * piece of memory, which a boot loader starts like a Linux kernel.  doc/bake-abi.md is the manual.
 * This header has precedence over the manual.
 *
 * The header is at offset BAKE_HEADER of the memory image.  All fields are in the byte order of the
 * image's machine and naturally aligned.  Numbers that describe places are offsets from the start of
 * the memory image.
 */
#ifndef BAKE_ABI_H
#define BAKE_ABI_H

#define BAKE_VERSION 1

#define BAKE_MAGIC "KexBake\n" /* 8 bytes, no NUL */
#define BAKE_MAGIC_SIZE 8

/* Offsets in the memory image */
#define BAKE_HEADER 0x800
#define BAKE_PURGATORY 0x2000 /* of the purgatory image, after the start code */

#define BAKE_HEADER_SIZE 512
#define BAKE_MAX_PARTS 8
#define BAKE_MAX_SKIP 4096

#define BAKE_ANYWHERE 0xffffffffffffffff

#ifndef __ASSEMBLER__

#include <stdint.h>

struct bake_part {
	char name[16]; /* "kernel", "initrd", "command line", "handover"; NUL-padded */
	uint64_t offset;
	uint64_t size; /* bytes with contents */
	uint64_t memory; /* bytes that it occupies */
};

struct bake_header {
	char magic[BAKE_MAGIC_SIZE];
	uint16_t version;
	uint16_t header_size;
	uint16_t machine; /* ELF e_machine */
	uint16_t align_log2; /* the image runs at multiples of 1 << align_log2 */
	uint64_t image_size; /* bytes of the memory image with contents */
	uint64_t memory_size; /* bytes that it occupies until the next kernel runs */
	uint64_t address; /* where it must lie; BAKE_ANYWHERE: at any multiple */
	uint32_t flags; /* 0 */
	uint32_t file_skip; /* bytes of the file before the memory image: 0 or BAKE_MAX_SKIP */
	uint32_t entry_start; /* the entry for a boot loader */
	uint32_t entry_prepare; /* 0: no such entry */
	uint32_t entry_crash; /* 0: no such entry */
	uint32_t purgatory; /* BAKE_PURGATORY */
	uint64_t applied_base; /* the address that the numbers in purgatory's parameters are for */
	uint32_t part_count;
	uint32_t reserved;
	struct bake_part part[BAKE_MAX_PARTS]; /* in the order of their offsets */
	/*
	 * Of the memory image up to the first part, with zeros in this field.  The parts' digests
	 * are in purgatory's parameters, and so before the first part.
	 */
	uint8_t sha256[32];
	uint8_t reserved2[80];
};

/* A negative size stops a compiler of another layout: C99 has no _Static_assert, C++ another name. */
typedef char bake_header_size[sizeof(struct bake_header) == BAKE_HEADER_SIZE ? 1 : -1];

#endif /* __ASSEMBLER__ */
#endif
