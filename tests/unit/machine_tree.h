/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trees that stand for / in tests of kexec/machine/: the captured ones under
 * tests/fixtures/ and ones built in a temporary directory.  Log lines are kept.
 */
#ifndef TESTS_MACHINE_TREE_H
#define TESTS_MACHINE_TREE_H

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/machine/machine.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct tree {
	char path[256];
	bool temporary; /* goes with the struct */
	struct sysroot root;
	struct request req;
	struct machine machine;
	struct ctx ctx;
	char log[16384];
};

static inline void tree_log(void *data, const char *level, const char *text)
{
	struct tree *t = data;
	size_t used = strlen(t->log);

	snprintf(t->log + used, sizeof(t->log) - used, "%s: %s\n", level, text);
}

static inline struct tree *tree_at(const char *path)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	snprintf(t->path, sizeof(t->path), "%s", path);
	t->root.path = t->path;
	t->ctx.log = (struct log){ .line = tree_log, .data = t, .debug = true };
	return t;
}

/*
 * A captured machine, unpacked by tests/fixtures/fixtures.py to the build directory: $BUILD, or
 * build/.  NULL: no machine of that name, or it has no such file.
 */
static inline struct tree *tree_fixture_with(const char *name, const char *file)
{
	const char *build = getenv("BUILD");
	char path[256], all[512];

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", build ? build : "build", name);
	snprintf(all, sizeof(all), "%s%s", path, file);
	return access(all, R_OK) ? NULL : tree_at(path);
}

static inline struct tree *tree_fixture(const char *name)
{
	struct tree *t = tree_fixture_with(name, "");

	assert_non_null(t);
	return t;
}

static inline struct tree *tree_empty(void)
{
	char path[] = "/tmp/test_machine.XXXXXX";
	struct tree *t;

	assert_non_null(mkdtemp(path));
	t = tree_at(path);
	t->temporary = true;
	return t;
}

static inline int tree_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void tree_free(struct tree *t)
{
	if (t->temporary)
		assert_int_equal(nftw(t->path, tree_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
	arena_free(&t->ctx.arena);
	free(t);
}

/* Clears the error and the log of an earlier read. */
static inline void tree_rewind(struct tree *t)
{
	err_clear(&t->ctx.err);
	t->log[0] = '\0';
}

static inline void tree_put_bytes(struct tree *t, const char *name, const void *data, size_t size)
{
	char path[512];
	FILE *f;

	assert_true(t->temporary);
	snprintf(path, sizeof(path), "%s%s", t->path, name);
	for (char *slash = path + strlen(t->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void tree_put(struct tree *t, const char *name, const char *text)
{
	tree_put_bytes(t, name, text, strlen(text));
}

static inline void tree_delete(struct tree *t, const char *name)
{
	char path[512];

	assert_true(t->temporary);
	snprintf(path, sizeof(path), "%s%s", t->path, name);
	assert_int_equal(nftw(path, tree_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline int tree_read_from(struct tree *t, const struct machine_source *source)
{
	tree_rewind(t);
	machine_read_basics(&t->ctx, &t->root, &t->machine);
	return machine_read_memory(&t->ctx, &t->req, source, &t->machine);
}

static inline int tree_read(struct tree *t, bool firmware_map)
{
	/* The firmware's map, as machines with a BIOS have it. */
	const struct machine_source source = { .firmware_map = true, .lowest_ram = 0x400 };
	const struct machine_source iomem = { 0 };

	return tree_read_from(t, firmware_map ? &source : &iomem);
}

static inline void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' does not contain '%s'", text, part);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' contains '%s'", text, part);
}

static inline void assert_range(struct range r, uint64_t start, uint64_t end)
{
	assert_int_equal(r.start, start);
	assert_int_equal(r.end, end);
}

static inline void assert_map(const struct memory_map *map, const struct memory_entry *want,
			      size_t count)
{
	assert_int_equal(map->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_range(map->entry[i].range, want[i].range.start, want[i].range.end);
		assert_int_equal(map->entry[i].type, want[i].type);
	}
}

static inline void assert_set(const struct range_set *set, const struct range *want, size_t count)
{
	assert_int_equal(set->count, count);
	for (size_t i = 0; i < count; i++)
		assert_range(set->range[i], want[i].start, want[i].end);
}

#endif
