/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files as bytes: regular files mapped, pipes and devices read to their end
 * into anonymous memory, and small text files under a chosen root directory.
 */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "bytes.h"
#include "ctx.h"

struct file {
	const char *name;
	int fd; /* stays open: kexec_file_load wants the original */
	struct bytes bytes;
};

/*
 * Opens and maps, or reads to the end, the file called name ("-" is standard
 * input).  A file that is empty, a directory, a device without an end, or longer
 * than limit bytes (0: no limit) is refused.  The mapping lives as long as ctx's arena.
 */
int file_open(struct ctx *ctx, const char *name, uint64_t limit, struct file *file);

/*
 * Fails when one of the files that file_open() mapped was changed since: what was
 * checked and hashed would not be what is loaded.
 */
int files_unchanged(struct ctx *ctx);

void file_close(struct file *file);

/* Zeroed anonymous memory of the arena; NULL without setting an error. */
void *map_anonymous(struct ctx *ctx, size_t size);

/* A directory that stands for / when the system is looked at (--sysroot). */
struct sysroot {
	const char *path; /* "" for the real root */
};

/* The path of name (absolute) under the root; ctx's arena owns it. */
const char *sysroot_path(struct ctx *ctx, const struct sysroot *root, const char *name);

/*
 * Reads a whole /proc or /sys file into the arena and NUL-terminates it (the
 * NUL is not counted in out->size).  -ENOENT and other open or read errors are
 * reported in ctx->err; a caller that can do without clears it.
 */
int sysroot_read(struct ctx *ctx, const struct sysroot *root, const char *name, struct bytes *out);

/*
 * Reads a file that the caller can do without.  Where it cannot be read, the result
 * is an empty string (size 0), and ctx->err stays as it was.
 */
struct bytes sysroot_read_optional(struct ctx *ctx, const struct sysroot *root, const char *name);

/* The same, of a file's beginning that holds mark; the whole file where there is none. */
int sysroot_read_until(struct ctx *ctx, const struct sysroot *root, const char *name,
		       const char *mark, struct bytes *out);

/* Reads a file that holds one number; leading and trailing white space is fine. */
int sysroot_read_number(struct ctx *ctx, const struct sysroot *root, const char *name, int base,
			uint64_t *value);

/*
 * Names in a directory, sorted as numbers where all are numbers, else as text;
 * NULL-terminated, without dot files.  -ENOENT where it does not exist.
 */
int sysroot_list(struct ctx *ctx, const struct sysroot *root, const char *name, char ***names);

bool sysroot_exists(struct ctx *ctx, const struct sysroot *root, const char *name);

#endif
