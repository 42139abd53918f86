/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: boot_params of a baked kernel, from boot_params or multiboot information of its starter. */
#ifndef PURGATORY_BAKE_PARAMS_H
#define PURGATORY_BAKE_PARAMS_H

#define BAKE_SETUP_RNG_SEED 9

/* struct bake_header, struct bake_part */
#define BAKE_PARTS 80
#define BAKE_PART_SIZE 40
#define BAKE_PART_OFFSET 16

/* Places in the image, which kexec/arch/x86/bzimage_bake.c has, too. */
#define BAKE_MULTIBOOT1 0x600
#define BAKE_MULTIBOOT2 0x620

/* The part "handover": boot_params, a copy of the RSDP in a page of its own, that of EFI's map. */
#define BAKE_ROOM_RSDP 0x1000
#define BAKE_ROOM_EFI 0x2000
#define BAKE_ROOM_TABLES 0x10000 /* page tables */
#define BAKE_ROOM_SIZE 0x50000
/* Page tables and stack of the 32-bit entry, before the others are used. */
#define BAKE_ROOM_FIRST_TABLES 0

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct bake_starter {
	uint64_t magic; /* of multiboot 1 or 2; 0: Linux' boot protocol */
	uint64_t address; /* of boot_params, or of the multiboot information */
};

/* Addresses.  0: those of the starter, if it has any. */
struct bake_next {
	uint64_t line;
	uint64_t initrd, initrd_size;
};

/*
 * Makes physical memory accessible.  NULL: not possible.  Implemented by bake_state.c, and by
 * tests for a memory of their own.
 */
void *bake_map(uint64_t address, uint64_t size);

/*
 * Fills boot_params at the start of room, which has BAKE_ROOM_TABLES bytes at the address, with the
 * facts about the machine.  All that starter points to is untrusted.  Returns NULL, or the reason
 * why it is refused.
 */
const char *bake_params(const struct bake_starter *starter, uint8_t *room, uint64_t address);

/* Adds the setup header, from offset 0x1f1 on, of the kernel to start, and the rest of its facts. */
void bake_params_next(uint8_t *page, const uint8_t *header, size_t size,
		      const struct bake_next *next);

#endif /* __ASSEMBLER__ */
#endif
