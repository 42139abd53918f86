/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the file that contains the dump. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fd.h"
#include "status.h"

static int open_unnamed(struct ctx *ctx)
{
	const char *dir = getenv("TMPDIR");
	char *name;
	int fd;

	if (!dir || !*dir)
		dir = "/var/tmp";
	name = arena_printf(&ctx->arena, "%s/vmcore-dmesg-XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		err_set(&ctx->err, -errno, "Cannot create a file in %s for the dump: %s", dir,
			strerror(errno));
		return err_hint(&ctx->err, "Set TMPDIR to a directory with room for the dump.");
	}
	unlink(name);
	return fd;
}

static int copy_to_end(struct ctx *ctx, const char *name, int from, int to)
{
	uint8_t buf[65536];
	ssize_t got;

	for (;;) {
		got = fd_read(from, buf, sizeof(buf));
		if (got < 0)
			return err_set(&ctx->err, -errno, "Cannot read %s: %s", name,
				       strerror(errno));
		if (!got)
			return 0;
		if (!fd_write(to, (struct bytes){ buf, (size_t)got })) {
			err_set(&ctx->err, -errno, "Cannot keep a copy of the dump: %s",
				strerror(errno));
			return err_hint(&ctx->err,
					"Set TMPDIR to a directory with room for the dump.");
		}
	}
}

/* Copies a pipe to an unnamed file, which replaces in->fd. */
static int spool(struct ctx *ctx, struct input *in)
{
	int fd = open_unnamed(ctx);
	int ret;

	if (fd < 0)
		return fd;
	ret = copy_to_end(ctx, in->name, in->fd, fd);
	if (ret) {
		close(fd);
		return ret;
	}
	close(in->fd);
	in->fd = fd;
	return 0;
}

int input_open(struct ctx *ctx, const char *name, struct input *in)
{
	int ret = 0;

	in->name = name;
	if (!strcmp(name, "-")) {
		in->name = "standard input";
		in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	} else {
		in->fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (in->fd < 0)
		ret = err_set(&ctx->err, -errno, "Cannot open %s: %s", in->name, strerror(errno));
	else if (lseek(in->fd, 0, SEEK_CUR) < 0)
		ret = spool(ctx, in);
	if (!ret)
		return 0;
	input_close(in);
	return err_status(&ctx->err, STATUS_OPEN);
}

void input_close(struct input *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

static void fill(struct input_block *block, int fd, uint64_t number)
{
	block->number = number;
	block->valid = true;
	block->used = fd_read_at(fd, block->data, INPUT_BLOCK, number * INPUT_BLOCK, &block->error);
}

static const struct input_block *block_at(struct input *in, uint64_t number)
{
	struct input_block *block;

	for (unsigned int i = 0; i < INPUT_BLOCKS; i++)
		if (in->blocks[i].valid && in->blocks[i].number == number)
			return &in->blocks[i];
	block = &in->blocks[in->next];
	in->next = (in->next + 1) % INPUT_BLOCKS;
	fill(block, in->fd, number);
	return block;
}

size_t input_read(struct input *in, uint64_t offset, void *buf, size_t size)
{
	/* End of the last whole block that off_t can address. */
	const uint64_t limit = INT64_MAX / INPUT_BLOCK * INPUT_BLOCK;
	const struct input_block *block;
	size_t done = 0, skip, chunk;

	while (done < size) {
		in->error = 0;
		if (offset >= limit)
			break;
		block = block_at(in, offset / INPUT_BLOCK);
		skip = (size_t)(offset % INPUT_BLOCK);
		if (skip >= block->used) {
			in->error = block->error;
			break;
		}
		chunk = block->used - skip;
		if (chunk > size - done)
			chunk = size - done;
		memcpy((uint8_t *)buf + done, block->data + skip, chunk);
		done += chunk;
		offset += chunk;
	}
	return done;
}

const char *input_why(const struct input *in)
{
	return in->error ? strerror(in->error) : "the file ends before";
}
