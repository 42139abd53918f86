/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dump as a file: read piecemeal through a few cached blocks, so that its
 * size does not matter and a file cut short is an error, not a signal.
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
	size_t used; /* bytes that could be read, from the block's start on */
	int error; /* errno of what ended the block early, 0 at the end of the file */
	bool valid;
	uint8_t data[INPUT_BLOCK];
};

struct input {
	const char *name;
	int fd;
	unsigned int next; /* the block to give up next */
	int error; /* why the last input_read() was short: errno, 0 for the end of the file */
	struct input_block blocks[INPUT_BLOCKS];
};

/*
 * Opens the file called name; "-" is standard input.  What cannot be read at
 * chosen offsets (a pipe) is first copied to an unnamed file in $TMPDIR, or
 * /var/tmp.  in is all zeros before.  Errors carry STATUS_OPEN.
 */
int input_open(struct ctx *ctx, const char *name, struct input *in);

void input_close(struct input *in);

/* Reads up to size bytes at offset; returns how many, fewer only with in->error set. */
size_t input_read(struct input *in, uint64_t offset, void *buf, size_t size);

#endif
