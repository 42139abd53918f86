/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the file that contains the dump, through a few cached blocks.  The size of the dump
 * does not matter then, and a file that is cut short causes an error, not a signal.
 */
#ifndef VMCORE_INPUT_H
#define VMCORE_INPUT_H

#include "core/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_BLOCK 4096u
#define INPUT_BLOCKS 16u

struct input_block {
	uint64_t number; /* file offset / INPUT_BLOCK */
	size_t used; /* bytes from the start of the block that could be read */
	int error; /* errno if used is below INPUT_BLOCK; 0: the file ends there */
	bool valid;
	uint8_t data[INPUT_BLOCK];
};

struct input {
	const char *name;
	int fd;
	unsigned int next; /* index of the block to replace next */
	int error; /* reason why the last input_read() was short: errno; 0: the file ends there */
	struct input_block blocks[INPUT_BLOCKS];
};

/*
 * Opens the file called name ("-": standard input).  A file without offsets (a pipe) is
 * first copied to an unnamed file in $TMPDIR, by default /var/tmp.  *in must be all zeros.
 * Errors have STATUS_OPEN.
 */
int input_open(struct ctx *ctx, const char *name, struct input *in);

void input_close(struct input *in);

/* Reads size bytes at offset and returns their number.  If fewer: in->error is the reason. */
size_t input_read(struct input *in, uint64_t offset, void *buf, size_t size);

/* The reason why the last input_read() was short, in words. */
const char *input_why(const struct input *in);

#endif
