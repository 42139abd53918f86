/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree that stands for / while the target runs: files whose contents change. */
#ifndef TESTS_FUZZ_TREE_H
#define TESTS_FUZZ_TREE_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

struct tree_file {
	const char *name; /* below the root, with its slash */
	void *data; /* contents; NULL: no such file */
	size_t size;
};

static char tree_path[] = "/tmp/kexec-fuzz.XXXXXX";

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void tree_remove(void)
{
	nftw(tree_path, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes the tree once.  It is removed when the target ends. */
static inline void tree_make(void)
{
	static bool made;

	if (made)
		return;
	must(mkdtemp(tree_path));
	atexit(tree_remove);
	made = true;
}

/* data NULL: no such file.  Only files that differ are written: most time is spent on writing. */
static inline void tree_put(struct tree_file *file, const void *data, size_t size)
{
	char path[256];
	FILE *f;

	if (!file->data == !data && file->size == size &&
	    (!data || !memcmp(file->data, data, size)))
		return;
	snprintf(path, sizeof(path), "%s%s", tree_path, file->name);
	if (!data) {
		must(!remove(path));
		free(file->data);
		file->data = NULL;
		file->size = 0;
		return;
	}
	file->data = realloc(file->data, size + 1);
	memcpy(file->data, data, size);
	file->size = size;
	for (char *p = path + sizeof(tree_path); (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	must(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

/* Writes the files: in contains, for each, a byte with its size and its contents; 0: no such file. */
static inline void tree_write(struct tree_file *files, size_t count, struct bytes in)
{
	tree_make();
	for (size_t i = 0; i < count; i++) {
		size_t size = in.size ? in.data[0] : 0;

		in = bytes_from(in, in.size ? 1 : 0);
		size = size < in.size ? size : in.size;
		tree_put(&files[i], size ? in.data : NULL, size);
		in = bytes_from(in, size);
	}
}

#endif
