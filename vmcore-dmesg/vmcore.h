/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crashed kernel's memory, as an ELF core file shows it (System V ABI,
 * chapter 5): kernel virtual addresses become file offsets.
 */
#ifndef VMCORE_VMCORE_H
#define VMCORE_VMCORE_H

#include "elf/elf_file.h"
#include "input.h"

/* More program headers than any machine has memory ranges. */
#define VMCORE_MAX_PHDRS (1u << 20)

/* The direct map, for dumps whose program headers know physical addresses only. */
struct linear_map {
	bool known;
	uint64_t page_offset; /* first virtual address */
	uint64_t phys_offset; /* physical address there */
};

/* Why the last vmcore_read() was short, and where. */
struct read_failure {
	bool mapped; /* a program header covers the address */
	uint64_t address;
	uint64_t offset; /* in the file, if mapped */
	int error; /* errno; 0: the file ends before */
};

struct vmcore {
	struct input in;
	bool is64; /* class of the file */
	enum byte_order order;
	uint16_t machine;
	size_t word_size; /* of the crashed kernel's pointers and longs: 4 or 8 bytes */
	struct elf_phdr *phdrs;
	uint32_t phnum;
	uint32_t last; /* the header that the last address was found in */
	struct linear_map linear;
	struct read_failure failure;
};

/*
 * Opens a dump and reads its headers.  Every error carries its exit status.
 * The caller ends with vmcore_close(), also after an error.
 */
int vmcore_open(struct ctx *ctx, const char *name, struct vmcore *core);

void vmcore_close(struct vmcore *core);

/*
 * Reads up to size bytes of the kernel's memory; returns how many, fewer only
 * with core->failure filled.  Memory that a header covers beyond its file bytes is zero.
 */
size_t vmcore_read(struct vmcore *core, uint64_t address, void *buf, size_t size);

/* A number of 1, 2, 4 or 8 bytes in the kernel's order.  false: core->failure says why. */
bool vmcore_number(struct vmcore *core, uint64_t address, size_t size, uint64_t *value);

/* Reports core->failure: "what: why".  status: unless no header covers the address. */
int vmcore_fail(struct ctx *ctx, const struct vmcore *core, const char *what, int status);

/* core->failure in words, without the name of the file; the arena owns it. */
const char *vmcore_why(struct ctx *ctx, const struct vmcore *core);

#endif
