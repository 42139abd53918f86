/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the memory of a crashed kernel from an ELF core file (System V ABI, chapter 5).
 * The program headers translate kernel virtual addresses to file offsets.
 */
#ifndef VMCORE_VMCORE_H
#define VMCORE_VMCORE_H

#include "address_index.h"
#include "elf/elf_file.h"
#include "input.h"

/* Upper bound on program headers.  No machine has as many memory ranges. */
#define VMCORE_MAX_PHDRS (1u << 20)

/* The direct map.  Needed if the program headers contain only physical addresses. */
struct linear_map {
	bool known;
	uint64_t page_offset; /* first virtual address */
	uint64_t phys_offset; /* physical address there */
};

/* Reason and place of the last short vmcore_read(). */
struct read_failure {
	bool mapped; /* a program header covers the address */
	uint64_t address;
	uint64_t offset; /* file offset, if mapped */
	int error; /* errno; 0: the file ends before offset */
};

struct vmcore {
	struct input in;
	bool is64; /* class of the file */
	enum byte_order order;
	uint16_t machine;
	size_t word_size; /* of the crashed kernel's pointers and longs: 4 or 8 bytes */
	struct elf_phdr *phdrs; /* notes and memory; headers without a byte are left out */
	uint32_t phnum;
	struct address_index by_virtual;
	struct address_index by_physical; /* made if linear.known */
	struct linear_map linear;
	struct read_failure failure;
};

/*
 * Opens a dump and reads its headers.  Every error contains an exit status.  The caller
 * must call vmcore_close(), also after an error.
 */
int vmcore_open(struct ctx *ctx, const char *name, struct vmcore *core);

/* Sets core->linear, for dumps whose headers contain only physical addresses. */
int vmcore_set_linear(struct ctx *ctx, struct vmcore *core, struct linear_map linear);

void vmcore_close(struct vmcore *core);

/*
 * Reads size bytes of the kernel's memory and returns their number.  If fewer: core->failure
 * contains the reason.  Memory that a header covers beyond its file bytes reads as zeros.
 */
size_t vmcore_read(struct vmcore *core, uint64_t address, void *buf, size_t size);

/* Reads a number of 1, 2, 4 or 8 bytes in the kernel's byte order.  false: see core->failure. */
bool vmcore_number(struct vmcore *core, uint64_t address, size_t size, uint64_t *value);

/* Reports an error of the dump: its name and the sentence.  Returns code. */
int vmcore_error(struct ctx *ctx, const struct vmcore *core, int status, int code, const char *fmt,
		 ...) __attribute__((format(printf, 5, 6)));

/*
 * Reports core->failure with exit status STATUS_UNMAPPED if no header covers the address,
 * otherwise with status.  what: for the message.
 */
int vmcore_fail(struct ctx *ctx, const struct vmcore *core, const char *what, int status);

/* Returns core->failure in words, without the name of the file.  ctx's arena owns the string. */
const char *vmcore_why(struct ctx *ctx, const struct vmcore *core);

#endif
