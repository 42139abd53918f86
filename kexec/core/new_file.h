/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that appears under its name once it is complete: it is written under another name in the
 * same folder and then renamed.  An error leaves an older file as it was.
 */
#ifndef CORE_NEW_FILE_H
#define CORE_NEW_FILE_H

#include <sys/types.h>

#include "ctx.h"

struct new_file {
	const char *name;
	char *unfinished; /* the other name; NULL: standard output */
	int fd; /* to write to */
};

/* name "-": standard output.  -EINVAL: the name is that of something else than a regular file. */
int new_file_begin(struct ctx *ctx, const char *name, struct new_file *file);

/*
 * ret: 0, or the error of writing the contents, which is set in ctx: then the unfinished file is
 * removed.  mode: permissions of the file, before the umask.  Returns ret or the first error.
 */
int new_file_end(struct ctx *ctx, struct new_file *file, int ret, mode_t mode);

#endif
