/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log inside its memory, in the three formats it has had:
 * a ring of bytes (before 3.5), a ring of records (to 5.9), and rings of
 * descriptors and of text (printk_ringbuffer, from 5.10 on).
 */
#ifndef VMCORE_DMESG_H
#define VMCORE_DMESG_H

#include "output.h"
#include "vmcoreinfo.h"

/* LOG_BUF_LEN_MAX of the kernel; longer is a lie. */
#define LOG_BUF_MAX (1ULL << 31)

struct dmesg {
	struct ctx *ctx;
	struct vmcore *core;
	struct vmcoreinfo info;
	struct output *output;
	uint64_t gaps; /* parts that could not be read */
	uint8_t text[RECORD_TEXT_MAX]; /* of the record at hand */
};

/*
 * Prints the log in whatever format it has.  What cannot be read is left out,
 * warned of, and makes it fail in the end; the error carries the exit status.
 */
int dmesg_print(struct ctx *ctx, struct vmcore *core, struct output *output);

/* One function per format; called by dmesg_print(). */
int dmesg_bytes(struct dmesg *d);
int dmesg_records(struct dmesg *d);
int dmesg_lockless(struct dmesg *d);

/* Counts something that is left out; the first ten are warned of. */
void dmesg_gap(struct dmesg *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, with the reason why vmcore_read() or vmcore_number() just failed. */
void dmesg_unread(struct dmesg *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The error for all gaps so far, if there are any. */
int dmesg_gaps(struct dmesg *d, int status);

/* The address of a variable; an error of this status where VMCOREINFO lacks it. */
int dmesg_symbol(struct dmesg *d, const char *name, int status, uint64_t *address);

/* The value of a number of 4 bytes, or of a pointer, at address. */
int dmesg_u32(struct dmesg *d, const char *name, uint64_t address, uint64_t *value);
int dmesg_word(struct dmesg *d, const char *name, uint64_t address, uint64_t *value);

/*
 * Reads the text of r->text_size bytes at address into d->text; what cannot be
 * read is a gap at its end.
 */
void dmesg_text(struct dmesg *d, uint64_t address, struct record *r);

/* The level in the byte that holds 5 bits of flags in front of it: C bit fields. */
static inline int record_level(const struct vmcore *core, uint8_t byte)
{
	return core->order == ORDER_LE ? byte >> 5 : byte & 7;
}

#endif
