/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files as bytes.  Regular files are mapped.  Pipes and devices are read to their end
 * into anonymous memory.  Small text files are read under a chosen root directory.
 */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "bytes.h"
#include "ctx.h"
#include "tar.h"

struct file {
	const char *name;
	int fd; /* stays open, because kexec_file_load(2) takes the file itself */
	struct bytes bytes;
};

/*
 * Opens the file called name ("-": standard input) and maps it or reads it to its end.
 * Fails if the file is empty, a directory or a device without an end.  -EFBIG: it cannot be
 * mapped and is longer than limit bytes (0: no limit).  The bytes live as long as ctx's arena.
 */
int file_open(struct ctx *ctx, const char *name, uint64_t limit, struct file *file);

/* -EFBIG: the file is longer than limit bytes, so it cannot be loaded as a whole. */
int file_check_size(struct ctx *ctx, const struct file *file, uint64_t limit);

/*
 * The bytes of a whole file, which is not kept open.  Errors: those of file_open() and, unless limit
 * is 0, of file_check_size().
 */
int file_read(struct ctx *ctx, const char *name, uint64_t limit, struct bytes *bytes);

/*
 * -EBUSY: a file that file_open() mapped was changed since.  The loaded bytes would
 * then differ from the bytes that were checked and hashed.  -ESTALE: only the time of the last
 * change of status differs, and not by a change of rights or links: the bytes may differ.
 * -EIO: that is not known.
 */
int files_unchanged(struct ctx *ctx);

void file_close(struct file *file);

/* Maps zeroed memory that ctx's arena owns.  NULL: no memory; ctx->err is not set. */
void *map_anonymous(struct ctx *ctx, size_t size);

struct recorder {
	struct tar_member *member; /* in the order of the reads; a file may be read again */
	size_t count;
};

/* The directory or tar file that replaces / when kexec reads files of the system (--sysroot). */
struct sysroot {
	const char *path; /* "" for the real root */
	const struct tar *tar; /* NULL: a directory */
	struct recorder *recorder; /* gets all that is read; NULL: nothing is recorded */
};

/* Reads path if it is a regular file, which must be a tar file then.  Errors: of tar_read(). */
int sysroot_open(struct ctx *ctx, const char *path, struct sysroot *root);

/* Returns the path of the absolute name under the root.  ctx's arena owns the string. */
const char *sysroot_path(struct ctx *ctx, const struct sysroot *root, const char *name);

/*
 * Reads a whole /proc or /sys file into ctx's arena.  A NUL follows the last byte;
 * out->size does not count it.  Every error, -ENOENT included, is reported in ctx->err.
 * -EFBIG: the file has 256 MiB or more.
 */
int sysroot_read(struct ctx *ctx, const struct sysroot *root, const char *name, struct bytes *out);

/*
 * Reads a file that need not exist: without it returns 0 and an empty string (size 0).  Only
 * -ENOENT and -ENOTDIR mean that; every other error is reported as by sysroot_read().
 */
int sysroot_read_present(struct ctx *ctx, const struct sysroot *root, const char *name,
			 struct bytes *out);

/* As sysroot_read_present(), but an error is a warning; ctx->err stays as it was. */
struct bytes sysroot_read_optional(struct ctx *ctx, const struct sysroot *root, const char *name);

/*
 * For a caller that goes on without the file of the error in ctx->err: prints the error, with -d
 * alone if the file does not exist, else as a warning, and clears it.
 */
void sysroot_go_without(struct ctx *ctx);

/*
 * Reads a file as sysroot_read() does, but only to the end of mark.  Reads the whole file if it does
 * not contain mark, or if mark is NULL.
 */
int sysroot_read_until(struct ctx *ctx, const struct sysroot *root, const char *name,
		       const char *mark, struct bytes *out);

/*
 * Reads a file that contains one number in base (parse_number()).  White space may
 * surround it.  -EINVAL: no number; otherwise the errors of sysroot_read().
 */
int sysroot_read_number(struct ctx *ctx, const struct sysroot *root, const char *name, int base,
			uint64_t *value);

/*
 * Lists the names in a directory, without those that begin with a dot.  Two numbers are
 * sorted by value, other names as text.  *names ends with NULL.  -ENOENT: no such directory.
 */
int sysroot_list(struct ctx *ctx, const struct sysroot *root, const char *name, char ***names);

/*
 * Reads at most size bytes at offset of a file that is not read as a whole.  *got: fewer at the end
 * of the file.  Returns 0 or -errno; ctx->err stays as it was.
 */
int sysroot_read_at(struct ctx *ctx, const struct sysroot *root, const char *name, uint64_t offset,
		    void *data, size_t size, size_t *got);

/*
 * For a reader of its own: records what it read, or what it got instead of a file from the running
 * kernel (ioctl(2), a hypercall).  bytes stay where they are until the end of the run.
 */
void sysroot_record(struct ctx *ctx, const struct sysroot *root, const char *name,
		    struct bytes bytes);
/* why: errno of open(2) or readdir(2). */
void sysroot_record_error(struct ctx *ctx, const struct sysroot *root, const char *name,
			  bool directory, int why);
/* The name of a file or directory was seen. */
void sysroot_record_name(struct ctx *ctx, const struct sysroot *root, const char *name,
			 bool directory);

/* The member of root->tar; NULL, and *why is -ENOENT or -ENOTDIR: there is no such file. */
const struct tar_member *sysroot_member(struct ctx *ctx, const struct sysroot *root,
					const char *name, int *why);

/* true also after an error other than that the file does not exist, which causes a warning. */
bool sysroot_exists(struct ctx *ctx, const struct sysroot *root, const char *name);

#endif
