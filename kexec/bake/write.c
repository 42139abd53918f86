/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a baked image. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bake.h"
#include "core/fd.h"
#include "core/new_file.h"

static bool put_zeros(int fd, uint64_t size)
{
	static const uint8_t zeros[65536];
	bool done = true;

	for (uint64_t part; done && size; size -= part) {
		part = size < sizeof(zeros) ? size : sizeof(zeros);
		done = fd_write(fd, (struct bytes){ zeros, (size_t)part });
	}
	return done;
}

static int write_to(struct ctx *ctx, int fd, const char *name, const struct baked *baked)
{
	uint64_t end = BAKE_PURGATORY + baked->purgatory.size;
	bool done = fd_write(fd, baked->front) && fd_write(fd, baked->purgatory);

	for (size_t i = 0; done && i < baked->parts; i++) {
		uint64_t offset = bake_part_offset(baked, i);

		if (!baked->part[i].size)
			continue;
		done = put_zeros(fd, offset - end) && fd_write(fd, baked->part[i]);
		end = offset + baked->part[i].size;
	}
	return done ? 0 : err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
}

int bake_write(struct ctx *ctx, const struct load *load, const struct baked *baked)
{
	struct new_file file;
	int ret = new_file_begin(ctx, baked->file, &file);

	if (ret)
		return ret;
	ret = write_to(ctx, file.fd, file.unfinished ? baked->file : "standard output", baked);
	return new_file_end(ctx, &file, ret, load->initrd.bytes.size ? 0600 : 0644);
}
