/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multiboot 1 and 2: the header inside a kernel, and the information for it (GNU: Multiboot
 * Specification 0.6.96, Multiboot2 Specification 2.0).
 */
#ifndef ARCH_X86_MULTIBOOT_H
#define ARCH_X86_MULTIBOOT_H

#include "plan/load.h"
#include "plan/plan.h"
#include "x86_machine.h"

struct multiboot {
	uint64_t offset; /* of the header in the file */
	/* Addresses of an image that is not loaded as ELF; bytes.size 0: an ELF image. */
	struct bytes bytes;
	uint32_t load_address;
	uint32_t memory_end;
	uint32_t entry; /* 0: the entry of the ELF file */
	bool wants_screen;
	bool takes_efi_entry; /* multiboot 2: has an entry for loaders that run on EFI */
	/* Multiboot 2: the image may be moved. */
	bool relocatable;
	struct range window; /* limits of the image's place */
	uint32_t align;
	bool highest; /* the highest place is preferred */
};

/* Facts for the information block. */
struct multiboot_info {
	const struct load *load;
	const struct multiboot *header;
	const char *cmdline;
	const struct range *module; /* places of load->module */
	uint64_t load_base; /* address of the image's first byte */
	uint64_t address; /* of the block; 0: not placed yet */
};

bool multiboot1_probe(struct bytes bytes);
bool multiboot2_probe(struct bytes bytes);

/* -ENOEXEC: a header whose fields contradict the file, or that asks for an unknown feature. */
int multiboot1_parse(struct bytes bytes, struct multiboot *out, struct err *err);
int multiboot2_parse(struct bytes bytes, struct multiboot *out, struct err *err);

/* Makes the information block.  Its size does not depend on addresses. */
struct bytes multiboot1_info(struct ctx *ctx, const struct multiboot_info *info);
struct bytes multiboot2_info(struct ctx *ctx, const struct multiboot_info *info);

/* --- functions that both formats use --- */

/* The file is an ELF file that multiboot kernels can be: for a 32-bit or 64-bit PC. */
bool multiboot_is_elf(struct bytes bytes);

/* A baked image in the form of a bzImage, which kexec prefers. */
bool multiboot_is_baked(struct bytes bytes);

/* The addresses in the header of an image that is not loaded as ELF. */
struct multiboot_addresses {
	uint32_t header, load, load_end, bss_end;
};

/* Sets bytes, load_address and memory_end of out, whose offset is known. */
int multiboot_set_addresses(struct bytes file, const struct multiboot_addresses *addresses,
			    struct multiboot *out, struct err *err);

/* An entry of multiboot's memory map.  RAM includes page 0, which Linux does not use. */
struct range multiboot_range(const struct memory_entry *entry);
uint32_t multiboot_memory_type(enum memory_type type);
/* KiB of memory from 0 on, and from 1 MiB on. */
void multiboot_basic_memory(const struct memory_map *map, uint32_t *lower, uint32_t *upper);

/*
 * Writes the description of the screen, in both formats: u64 address, u32 pitch, width, height,
 * u8 bits, u8 type, 2 bytes, u8 position and size of red, green, blue.  false: no known screen.
 * The text of Multiboot 1 has the colors 2 bytes earlier; GRUB and the kernels use this place.
 */
#define MULTIBOOT_SCREEN_SIZE 30
bool multiboot_screen(const struct load *load, uint8_t out[MULTIBOOT_SCREEN_SIZE]);

#define MULTIBOOT_LOADER "kexec " PACKAGE_VERSION

/* Members of struct image_type. */
int multiboot1_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int multiboot2_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

#endif
