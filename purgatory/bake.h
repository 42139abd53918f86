/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The start code of baked images (include/bake_abi.h), which lies before purgatory: it makes the
 * next kernel's boot data from those of the boot loader, and completes purgatory's parameters.
 */
#ifndef PURGATORY_BAKE_H
#define PURGATORY_BAKE_H

#include "bake_abi.h"

#ifdef __ASSEMBLER__

/* clang-format off */

/* After the code of section .bake.head, up to purgatory.  A loader fills the rest in. */
	.macro	bake_header machine, align_log2, skip=0
	.org	BAKE_HEADER + \skip
	.globl	bake_header
	.type	bake_header, %object
bake_header:
	.ascii	BAKE_MAGIC
	.short	BAKE_VERSION, BAKE_HEADER_SIZE, \machine, \align_log2
	.quad	0, 0, BAKE_ANYWHERE
	.long	0, \skip
	.long	bake_entry - bake_image, 0, 0, BAKE_PURGATORY
	.org	BAKE_HEADER + BAKE_HEADER_SIZE + \skip
	.size	bake_header, BAKE_HEADER_SIZE
	.endm

#else

#include <stddef.h>
#include <stdint.h>

extern const uint64_t bake_image[]; /* the start of the memory image */
extern struct bake_header bake_header;

/*
 * Makes the boot data and sets purgatory's parameters for the present place.  starter: the boot
 * loader's boot data.  Returns to the entry code, which starts purgatory; after an error halts or
 * resets the machine.
 */
void bake_start(const void *starter);

/* Prints the reason, and halts or resets the machine. */
_Noreturn void bake_fail(const char *why);

/* NULL: the image has no part of that name. */
const struct bake_part *bake_part(const char *name);

/*
 * Halts or resets the machine unless the image is at or above `end`: kernels of some arches write
 * the memory below it before they know of initrd and boot data.
 */
void bake_check_above(uint64_t end);

/*
 * Makes the next kernel's boot data from those of the starter (untrusted), or from the part "dtb"
 * if the image has one, in the part "handover".
 * base: the address of the image.  Returns their address; NULL: the arch has no boot data.
 * Implemented by bake_chosen.c and bake_tree.c for device trees, and by arches.
 */
void *bake_boot_data(uint64_t base, const void *starter);

/* Adds delta to the addresses in purgatory's CPU state, and sets the boot data's address. */
void bake_arch_state(uint64_t delta, const void *boot_data);

/* Before the start code reads, and after it wrote memory that caches may contain. */
void bake_arch_sync(const void *start, size_t size);

/* Properties of /chosen */
struct bake_chosen {
	const char *bootargs; /* NULL: those of the boot loader */
	uint64_t initrd_start, initrd_end; /* equal: those of the boot loader */
};

/* The tree's own size, but not more than `most`. */
size_t bake_tree_size(const void *from, size_t most);

/*
 * Copies a device tree, with the properties before those of the same names.  from: untrusted, a
 * multiple of 4; *size: bytes of the result.  Returns NULL, or the reason why the tree is refused.
 */
const char *bake_tree(const void *from, const struct bake_chosen *chosen, void *to, size_t room,
		      size_t *size);

/*
 * The way to call firmware (PURGATORY_PSCI_*) in a tree that bake_tree() made, as
 * devicetree/tree_query.c finds it in a load.  Exists with BAKE_PSCI.
 */
unsigned int bake_tree_psci(const void *tree);

#endif /* __ASSEMBLER__ */
#endif
