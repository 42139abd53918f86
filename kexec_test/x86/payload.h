/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_test: constants that assembly and C share, and the functions of each file. */
#ifndef KEXEC_TEST_PAYLOAD_H
#define KEXEC_TEST_PAYLOAD_H

#include "state.h"

/* Memory for the 32-bit code, which does not know its own address and may have no stack. */
#define SCRATCH 0x700
#define SCRATCH_ENTRY (SCRATCH + STATE_SIZE) /* u32: distance of the entry from start_32 */
#define SCRATCH_STACK (SCRATCH + 0xf0)

/* Distances of entries from start_32. */
#define ENTRY_PVH 0x20
#define ENTRY_MULTIBOOT2 0x40
#define ENTRY_OTHER 0x60 /* the entry lies elsewhere, and has set SCRATCH_ENTRY */

/* In ebx, from the real-mode code: ebp has the address of its struct state. */
#define FROM_REAL_MODE 0x3631746b

#define MULTIBOOT_MAGIC 0x2badb002
#define MULTIBOOT2_MAGIC 0x36d76289

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>

/* --- the machine --- */

/*
 * Finds the bytes of memory at that physical address, which may be 0.  false, with a line
 * on the console: they do not exist, or the page tables do not map them.
 */
bool peek(uint64_t address, uint64_t size, const uint8_t **out);

/* 0: the CPU has no such register. */
uint64_t read_efer(void);

static inline uint16_t u16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t u32_at(const uint8_t *p)
{
	return u16_at(p) | (uint32_t)u16_at(p + 2) << 16;
}

static inline uint64_t u64_at(const uint8_t *p)
{
	return u32_at(p) | (uint64_t)u32_at(p + 4) << 32;
}

/* --- the console --- */

void console_write(char c);
/* %s, %u, %x, %llu, %llx */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Base 16 with leading zeros. */
void print_hex(uint64_t value, unsigned int digits);
/* As print_hex(), with capital letters: the form of older programs of this name. */
void print_register(uint64_t value, unsigned int digits);
/* "NAME: " and the number, on a line. */
void print_field(const char *name, uint64_t value, unsigned int digits);
/* The string at p, up to `size` bytes; bytes that are not printable as \xHH. */
void print_text(const uint8_t *p, uint64_t size);
/* The string at that address; false: it cannot be read. */
bool print_string(uint64_t address);
/* "START-END sha256 DIGEST", without an end of the line; a size of 0 has no digest. */
void print_contents(uint64_t start, uint64_t size);
/* A line of a memory map. */
void print_memory(uint64_t start, uint64_t size, uint32_t type);
/* The line of the command line; its words choose how the payload ends. */
void print_command_line(uint64_t address);

/* --- tables that loaders pass: each function prints one; false: no such table --- */

void print_multiboot(uint64_t address);
void print_multiboot2(uint64_t address);
bool print_pvh(uint64_t address);
bool print_boot_params(uint64_t address);
bool print_boot_notes(uint64_t address);

/* --- the report --- */

/*
 * All lines but the last.  `entry`: address of the first instruction; in real mode, of the 32-bit
 * code that follows.  `distance`: of the entry from start_32.  `boot_params`: 0, or the address of
 * boot_params from the real-mode code.
 */
void report(const struct state *state, uint64_t entry, uint32_t distance, uint64_t boot_params);

/* The word kexec_test.end= of the command line: halt, reset, exit. */
enum ending { END_HALT, END_RESET, END_EXIT };
extern enum ending ending;

#endif /* __ASSEMBLER__ */
#endif
