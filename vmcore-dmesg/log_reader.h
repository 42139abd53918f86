/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the log in the memory of a crashed kernel.  Linux had three formats: a ring of bytes
 * (before 3.5), a ring of records (3.5 to 5.9), and rings of descriptors and of text
 * (printk_ringbuffer, from 5.10 on).
 */
#ifndef VMCORE_LOG_READER_H
#define VMCORE_LOG_READER_H

#include "output.h"
#include "vmcoreinfo.h"

/* LOG_BUF_LEN_MAX of the kernel.  A dump that reports a longer log is damaged. */
#define LOG_BUF_MAX (1ULL << 31)

struct dmesg {
	struct ctx *ctx;
	struct vmcore *core;
	struct vmcoreinfo info;
	struct output *output;
	uint64_t gaps; /* parts of the log that could not be read */
	uint8_t text[RECORD_TEXT_MAX]; /* of the current record */
};

/* One function per format.  dmesg_print() (dmesg.h) calls them. */
int dmesg_bytes(struct dmesg *d);
int dmesg_records(struct dmesg *d);
int dmesg_lockless(struct dmesg *d);

/* Counts a part of the log that is left out.  Warns about the first ten. */
void dmesg_gap(struct dmesg *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* dmesg_gap() that adds the reason why the last vmcore_read() or vmcore_number() failed. */
void dmesg_unread(struct dmesg *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fails with status if dmesg_gap() or dmesg_unread() was called.  0: no gaps. */
int dmesg_gaps(struct dmesg *d, int status);

/* Looks the address of a variable up.  Fails with status if VMCOREINFO lacks it. */
int dmesg_symbol(struct dmesg *d, const char *name, int status, uint64_t *address);

/* Reads a number of 4 bytes, or a pointer, at address.  name: for messages. */
int dmesg_u32(struct dmesg *d, const char *name, uint64_t address, uint64_t *value);
int dmesg_word(struct dmesg *d, const char *name, uint64_t address, uint64_t *value);

/*
 * Is the piece missing in the dump?  Memory that the dump leaves out reads as zeros, and no
 * text of a log is zeros alone.
 */
static inline bool is_left_out(const uint8_t *piece, size_t size)
{
	return size && !piece[0] && !memcmp(piece, piece + 1, size - 1);
}

/*
 * Reads the text of r->text_size bytes at address into d->text.  If its end cannot be read,
 * the text is shortened and the rest counts as a gap.  A text of zeros is a gap, too.
 */
void dmesg_text(struct dmesg *d, uint64_t address, struct record *r);

/* Extracts the level from a byte with the C bit fields flags (5 bits) and level (3 bits). */
static inline int record_level(const struct vmcore *core, uint8_t byte)
{
	return core->order == ORDER_LE ? byte >> 5 : byte & 7;
}

#endif
