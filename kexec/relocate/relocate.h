/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts purgatory into the plan.  Two formats of file become an image, which starts with
 * struct purgatory_header: pie.c copies the loaded segments of an executable and adds the
 * bias to the words that the linker listed; rel.c links `ld -r` output.
 */
#ifndef RELOCATE_RELOCATE_H
#define RELOCATE_RELOCATE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "elf/elf_file.h"
#include "plan/plan.h"

struct pie;
struct purgatory_format;
struct rel;
struct rel_arch;

/* Writes params->cpu to out, the place of params.cpu in the image. */
typedef void purgatory_write_cpu(uint8_t *out, const struct purgatory_params *params);

/*
 * The purgatory that the running kernel can start.  One ELF machine may stand for kernels of
 * both byte orders, and of 32 and 64 bits.
 */
struct purgatory_target {
	uint16_t machine;
	unsigned int bits;
	enum byte_order order;
	const struct rel_arch *rel; /* relocation types of `ld -r` output; NULL: not supported */
	purgatory_write_cpu *write_cpu; /* NULL: the CPU state consists of 64-bit words */
};

/* A purgatory whose layout is known, but not its address. */
struct purgatory_image {
	const char *name; /* for messages */
	const struct purgatory_format *format;
	struct elf_file elf;
	uint8_t *data; /* image_size bytes, arena */
	uint64_t image_size; /* file-backed bytes */
	uint64_t memory_size; /* with bss and stack */
	uint64_t align; /* of its address, at least 4096 */
	uint64_t entry; /* offset of the entry point in the image */
	uint64_t link_base; /* pie: the address it is linked at */
	unsigned int relocations; /* words changed by the last relocate */
	const struct pie *pie; /* its tables; NULL: not a PIE */
	struct rel *rel; /* its tables; NULL: not `ld -r` output */
};

/* A kind of purgatory file. */
struct purgatory_format {
	const char *kind; /* "pie" or "rel" */
	/*
	 * Parses a file and lays its image out.  -ENOEXEC: the file is not for target->machine,
	 * is malformed, or contains something that the format does not support.  Every field of
	 * the file is checked before use.
	 */
	int (*load)(struct ctx *ctx, const char *name, struct bytes file,
		    const struct purgatory_target *target, struct purgatory_image *out);
	/*
	 * Relocates image->data to run at address, a multiple of image->align, once per load.
	 * A PIE's header then contains the bias.  -ERANGE: a relocation cannot reach its target.
	 */
	int (*relocate)(struct ctx *ctx, struct purgatory_image *image, uint64_t address);
};

extern const struct purgatory_format purgatory_pie; /* position-independent executable */
extern const struct purgatory_format purgatory_rel; /* `ld -r` output */
extern const struct purgatory_format purgatory_bake; /* after the start code of a baked image */

/* Offset of the memory image in a baked file, by its magic number; SIZE_MAX: not a baked file. */
size_t purgatory_bake_skip(struct bytes file);

/* Fields of the header inside the image, in host byte order. */
struct purgatory_info {
	uint32_t params_offset;
	uint32_t params_size;
	uint32_t image_size;
	uint16_t abi_version;
	uint16_t align_log2;
};

/* Checks magic, version, sizes and offsets of the header at the image's start. */
int purgatory_header_check(struct ctx *ctx, const struct purgatory_image *image, uint16_t machine,
			   struct purgatory_info *info);

/*
 * The built-in start code of baked images, which ends with BAKE_PURGATORY bytes of the memory
 * image, and the bytes of memory that its purgatory needs.  -ENOTSUP: this kexec has none for
 * target.
 */
int purgatory_front(struct ctx *ctx, const struct purgatory_target *target, struct bytes *front,
		    uint64_t *memory_size);

/*
 * The last step of planning: finds the purgatory that --purgatory names, loads,
 * places and relocates it, seals the other segments, writes plan->params into
 * it in the machine's byte order and sets plan->entry and plan->purgatory.
 * Without plan->wants_purgatory the entry is the kernel's.
 */
int purgatory_attach(struct ctx *ctx, const struct request *req,
		     const struct purgatory_target *target, struct plan *plan);

/* Built-in images: generated at build time, one per configured arch. */
struct embedded_purgatory {
	uint16_t machine;
	unsigned int bits;
	enum byte_order order;
	const char *kind;
	const uint8_t *start;
	const uint8_t *end;
};
extern const struct embedded_purgatory embedded_purgatories[]; /* kind NULL ends it */

#endif
