/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads small files of /proc and /sys under a chosen root directory. */
#include "file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "number.h"

/* /proc/iomem of a machine with 100,000 ranges has 5 MB, kallsyms 15 MB. */
#define MAX_TEXT (256u << 20)

const char *sysroot_path(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	return arena_printf(&ctx->arena, "%s%s", root->path, name);
}

/* Is mark in the text, if it was not before the last got of the used bytes were read? */
static bool has_mark(const char *text, size_t used, size_t got, const char *mark)
{
	size_t size = strlen(mark);
	size_t from = used - got > size ? used - got - size : 0;

	return memmem(text + from, used - from, mark, size);
}

static int read_all(struct arena *arena, int fd, const char *path, const char *mark,
		    struct bytes *out, struct err *err)
{
	size_t room = 4096, used = 0;
	char *text = malloc(room);
	ssize_t got = 0;

	while (text && used < MAX_TEXT) {
		got = fd_read(fd, text + used, room - used - 1);
		if (got <= 0)
			break;
		used += (size_t)got;
		if (mark && has_mark(text, used, (size_t)got, mark))
			break;
		if (used == room - 1) {
			char *bigger = realloc(text, room * 2);

			if (!bigger)
				free(text);
			text = bigger;
			room *= 2;
		}
	}
	if (!text)
		return err_set(err, -ENOMEM, "Cannot read %s: out of memory", path);
	if (got >= 0) {
		char *copy = arena_alloc(arena, used + 1);

		memcpy(copy, text, used);
		*out = (struct bytes){ (const uint8_t *)copy, used };
	}
	free(text);
	if (got < 0)
		return err_set(err, -errno, "Cannot read %s: %s", path, strerror(errno));
	if (used >= MAX_TEXT)
		return err_set(err, -EFBIG, "Cannot read %s: longer than %u MiB", path,
			       MAX_TEXT >> 20);
	return 0;
}

static int read_file(struct ctx *ctx, const struct sysroot *root, const char *name,
		     const char *mark, struct bytes *out, struct err *err)
{
	const char *path = sysroot_path(ctx, root, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	*out = (struct bytes){ (const uint8_t *)"", 0 };
	if (fd < 0)
		return err_set(err, -errno, "Cannot open %s: %s", path, strerror(errno));
	ret = read_all(&ctx->arena, fd, path, mark, out, err);
	close(fd);
	return ret;
}

int sysroot_read_until(struct ctx *ctx, const struct sysroot *root, const char *name,
		       const char *mark, struct bytes *out)
{
	return read_file(ctx, root, name, mark, out, &ctx->err);
}

static bool is_absence(int code)
{
	return code == -ENOENT || code == -ENOTDIR;
}

int sysroot_read_present(struct ctx *ctx, const struct sysroot *root, const char *name,
			 struct bytes *out)
{
	int ret = read_file(ctx, root, name, NULL, out, &ctx->err);

	if (ret)
		*out = (struct bytes){ (const uint8_t *)"", 0 };
	if (!is_absence(ret))
		return ret;
	err_clear(&ctx->err);
	return 0;
}

struct bytes sysroot_read_optional(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	struct err err = { 0 };
	struct bytes bytes;
	int ret = read_file(ctx, root, name, NULL, &bytes, &err);

	if (!ret)
		return bytes;
	if (!is_absence(ret))
		log_warn(&ctx->log, "%s", err.what);
	return (struct bytes){ (const uint8_t *)"", 0 };
}

void sysroot_go_without(struct ctx *ctx)
{
	if (is_absence(ctx->err.code))
		log_debug(&ctx->log, "%s", ctx->err.what);
	else
		log_warn(&ctx->log, "%s", ctx->err.what);
	err_clear(&ctx->err);
}

int sysroot_read(struct ctx *ctx, const struct sysroot *root, const char *name, struct bytes *out)
{
	return sysroot_read_until(ctx, root, name, NULL, out);
}

int sysroot_read_number(struct ctx *ctx, const struct sysroot *root, const char *name, int base,
			uint64_t *value)
{
	struct bytes text;
	char *word;
	int ret = sysroot_read(ctx, root, name, &text);

	if (ret)
		return ret;
	word = arena_strdup(&ctx->arena, (const char *)text.data);
	while (isspace((unsigned char)*word))
		word++;
	word[strcspn(word, " \t\n")] = '\0';
	if (parse_number(word, base, value))
		return 0;
	return err_set(&ctx->err, -EINVAL, "%s%s: expected a number, found '%.40s'", root->path,
		       name, word);
}

static int compare_names(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	uint64_t m, n;

	if (parse_number(x, 10, &m) && parse_number(y, 10, &n) && m != n)
		return m < n ? -1 : 1;
	return strcmp(x, y);
}

int sysroot_list(struct ctx *ctx, const struct sysroot *root, const char *name, char ***names)
{
	const char *path = sysroot_path(ctx, root, name);
	size_t count = 0;
	char **list = arena_grow(&ctx->arena, NULL, 0, sizeof(*list));
	struct dirent *entry;
	DIR *dir = opendir(path);
	int why;

	*names = list;
	if (!dir)
		return err_set(&ctx->err, -errno, "Cannot open %s: %s", path, strerror(errno));
	while ((errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		list[count++] = arena_strdup(&ctx->arena, entry->d_name);
		list = arena_grow(&ctx->arena, list, count, sizeof(*list));
	}
	why = errno;
	closedir(dir);
	if (why)
		return err_set(&ctx->err, -why, "Cannot read %s: %s", path, strerror(why));
	qsort(list, count, sizeof(*list), compare_names);
	*names = list;
	return 0;
}

bool sysroot_exists(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	const char *path = sysroot_path(ctx, root, name);

	if (!access(path, F_OK))
		return true;
	if (is_absence(-errno))
		return false;
	log_warn(&ctx->log, "Cannot look at %s: %s", path, strerror(errno));
	return true;
}
