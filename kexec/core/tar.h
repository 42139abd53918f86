/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tar files as trees in memory, and their members as bytes (POSIX.1-2017: pax, "ustar Interchange
 * Format" and "pax Extended Header").  GNU tar's own form is read if it has no extension.
 */
#ifndef CORE_TAR_H
#define CORE_TAR_H

#include "bytes.h"
#include "ctx.h"

/*
 * A member.  The last three fields are pax keywords of kexec's own (KEXEC.open, KEXEC.read,
 * KEXEC.offset): what a read of the file gave on the machine that the tree was taken from.
 */
struct tar_member {
	const char *path; /* without a slash at its start and end, and without "." and ".." */
	bool directory;
	struct bytes bytes;
	int open_error; /* errno of open(2); 0: opened */
	int read_error; /* errno of read(2); 0: read */
	uint64_t offset; /* of the bytes in the file on the machine */
};

struct tar {
	struct tar_member *member; /* sorted by path */
	size_t count;
};

/*
 * Reads a tar file.  name: for messages.  -ENOEXEC: not a tar file, damaged, cut off, or with a
 * member that has no place in a tree below it: an absolute path, "..", a link, a device, a second
 * member of that path.  The members' bytes lie inside bytes.
 */
int tar_read(struct ctx *ctx, const char *name, struct bytes bytes, struct tar *tar);

/* The path in the form of struct tar_member; NULL: it contains "..". */
const char *tar_path(struct arena *arena, const char *path);

/*
 * The member of that path, which tar_path() has made.  A directory that only the paths of its
 * files name is found as well.  NULL: there is no such file.
 */
const struct tar_member *tar_find(struct ctx *ctx, const struct tar *tar, const char *path);

/*
 * The next entry of a directory.  *at: 0 for the first.  *name: its name there.  Returns false
 * after the last entry.
 */
bool tar_next(struct ctx *ctx, const struct tar *tar, const char *directory, size_t *at,
	      const char **name);

void tar_sort(struct tar *tar);

/* The bytes of the member in a tar file: headers, contents, padding. */
struct bytes tar_member_header(struct ctx *ctx, const struct tar_member *member);
size_t tar_padding(const struct tar_member *member);

#define TAR_BLOCK 512

#endif
