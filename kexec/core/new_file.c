/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "new_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int new_file_begin(struct ctx *ctx, const char *name, struct new_file *file)
{
	struct stat st;

	*file = (struct new_file){ .name = name, .fd = STDOUT_FILENO };
	if (!strcmp(name, "-"))
		return 0;
	if (!stat(name, &st) && !S_ISREG(st.st_mode))
		return err_set(&ctx->err, -EINVAL, "%s exists and is no regular file", name);
	file->unfinished = arena_printf(&ctx->arena, "%s.XXXXXX", name);
	file->fd = mkstemp(file->unfinished);
	if (file->fd < 0)
		return err_set(&ctx->err, -errno, "%s: cannot make a file beside it: %s", name,
			       strerror(errno));
	return 0;
}

int new_file_end(struct ctx *ctx, struct new_file *file, int ret, mode_t mode)
{
	mode_t mask = umask(0);

	umask(mask);
	if (!file->unfinished)
		return ret;
	if (!ret && (fchmod(file->fd, mode & ~mask) || fsync(file->fd)))
		ret = err_set(&ctx->err, -errno, "%s: %s", file->unfinished, strerror(errno));
	if (close(file->fd) && !ret)
		ret = err_set(&ctx->err, -errno, "%s: %s", file->unfinished, strerror(errno));
	if (!ret && rename(file->unfinished, file->name))
		ret = err_set(&ctx->err, -errno, "%s: %s", file->name, strerror(errno));
	if (ret)
		unlink(file->unfinished);
	return ret;
}
