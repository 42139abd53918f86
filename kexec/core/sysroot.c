/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads small files of /proc and /sys under a chosen root: a directory, or a tar file that
 * kexec --capture wrote.  All that is read can be recorded, for --capture.
 */
#include "file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "number.h"

/* A copy with a NUL after it. */
static char *arena_memdup(struct arena *arena, const void *data, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

/* /proc/iomem of a machine with 100,000 ranges has 5 MB, kallsyms 15 MB. */
#define MAX_TEXT (256u << 20)

const char *sysroot_path(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	return arena_printf(&ctx->arena, "%s%s", root->path, name);
}

int sysroot_open(struct ctx *ctx, const char *path, struct sysroot *root)
{
	struct tar *tar;
	struct bytes bytes;
	struct stat st;
	int ret;

	*root = (struct sysroot){ .path = path };
	if (!*path || stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	ret = file_read(ctx, path, 0, &bytes);
	tar = arena_alloc(&ctx->arena, sizeof(*tar));
	root->tar = tar;
	if (!ret)
		ret = tar_read(ctx, path, bytes, tar);
	return ret ? err_prefix(&ctx->err, "--sysroot") : 0;
}

static void record(struct ctx *ctx, const struct sysroot *root, const char *name,
		   struct tar_member member)
{
	struct recorder *recorder = root->recorder;

	if (!recorder)
		return;
	member.path = tar_path(&ctx->arena, name);
	if (!member.path || !*member.path)
		return;
	recorder->member = arena_grow(&ctx->arena, recorder->member, recorder->count,
				      sizeof(member));
	recorder->member[recorder->count++] = member;
}

void sysroot_record(struct ctx *ctx, const struct sysroot *root, const char *name,
		    struct bytes bytes)
{
	record(ctx, root, name, (struct tar_member){ .bytes = bytes });
}

void sysroot_record_error(struct ctx *ctx, const struct sysroot *root, const char *name,
			  bool directory, int why)
{
	if (why != ENOENT && why != ENOTDIR)
		record(ctx, root, name,
		       (struct tar_member){ .directory = directory, .open_error = why });
}

/* A replay that reads the file, because its options differ, reports ENODATA. */
void sysroot_record_name(struct ctx *ctx, const struct sysroot *root, const char *name,
			 bool directory)
{
	record(ctx, root, name,
	       (struct tar_member){ .directory = directory,
				    .open_error = directory ? 0 : ENODATA });
}

const struct tar_member *sysroot_member(struct ctx *ctx, const struct sysroot *root,
					const char *name, int *why)
{
	char *path = (char *)tar_path(&ctx->arena, name), *slash;
	const struct tar_member *member = path ? tar_find(ctx, root->tar, path) : NULL;

	*why = -ENOENT;
	/* A file instead of one of the directories above? */
	while (!member && path && (slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (!(member = tar_find(ctx, root->tar, path)))
			continue;
		*why = member->directory ? -ENOENT : -ENOTDIR;
		return NULL;
	}
	return member;
}

/* The end of mark in the text; 0: it was not found, and was not before the last got bytes. */
static size_t mark_end(const char *text, size_t used, size_t got, const char *mark)
{
	size_t size = strlen(mark);
	size_t from = used - got > size ? used - got - size : 0;
	const char *at = memmem(text + from, used - from, mark, size);

	return at ? (size_t)(at - text) + size : 0;
}

static int read_all(struct arena *arena, int fd, const char *path, const char *mark,
		    struct bytes *out, struct err *err)
{
	size_t room = 4096, used = 0, end = 0;
	char *text = malloc(room);
	ssize_t got = 0;

	while (text && used < MAX_TEXT) {
		got = fd_read(fd, text + used, room - used - 1);
		if (got <= 0)
			break;
		used += (size_t)got;
		if (mark && (end = mark_end(text, used, (size_t)got, mark))) {
			used = end;
			break;
		}
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
		*out = (struct bytes){ (const uint8_t *)arena_memdup(arena, text, used), used };
	}
	free(text);
	if (got < 0)
		return err_set(err, -errno, "Cannot read %s: %s", path, strerror(errno));
	if (used >= MAX_TEXT)
		return err_set(err, -EFBIG, "Cannot read %s: longer than %u MiB", path,
			       MAX_TEXT >> 20);
	return 0;
}

static int read_directory_file(struct ctx *ctx, const struct sysroot *root, const char *name,
			       const char *mark, struct bytes *out, struct err *err)
{
	const char *path = sysroot_path(ctx, root, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret, why = errno;

	if (fd < 0) {
		sysroot_record_error(ctx, root, name, false, why);
		return err_set(err, -why, "Cannot open %s: %s", path, strerror(why));
	}
	ret = read_all(&ctx->arena, fd, path, mark, out, err);
	close(fd);
	if (ret)
		record(ctx, root, name, (struct tar_member){ .read_error = -ret });
	return ret;
}

static int read_member(struct ctx *ctx, const struct sysroot *root, const char *name,
		       const char *mark, struct bytes *out, struct err *err)
{
	const char *path = sysroot_path(ctx, root, name);
	int why;
	const struct tar_member *member = sysroot_member(ctx, root, name, &why);
	const char *text;
	size_t size;

	if (!member)
		return err_set(err, why, "Cannot open %s: %s", path, strerror(-why));
	if (member->open_error || member->read_error || member->directory) {
		why = member->open_error   ? member->open_error
		      : member->read_error ? member->read_error
					   : EISDIR;
		record(ctx, root, name, *member);
		return err_set(err, -why, "Cannot %s %s: %s", member->open_error ? "open" : "read",
			       path, strerror(why));
	}
	if (member->bytes.size >= MAX_TEXT)
		return err_set(err, -EFBIG, "Cannot read %s: longer than %u MiB", path,
			       MAX_TEXT >> 20);
	text = (const char *)member->bytes.data;
	size = member->bytes.size;
	if (mark && mark_end(text, size, size, mark))
		size = mark_end(text, size, size, mark);
	*out = (struct bytes){ (const uint8_t *)arena_memdup(&ctx->arena, text, size), size };
	return 0;
}

static int read_file(struct ctx *ctx, const struct sysroot *root, const char *name,
		     const char *mark, struct bytes *out, struct err *err)
{
	int ret;

	*out = (struct bytes){ (const uint8_t *)"", 0 };
	if (root->tar)
		ret = read_member(ctx, root, name, mark, out, err);
	else
		ret = read_directory_file(ctx, root, name, mark, out, err);
	if (!ret)
		sysroot_record(ctx, root, name, *out);
	return ret;
}

/* Of a part of a file. */
static size_t copy_part(const struct tar_member *member, uint64_t offset, void *data, size_t size)
{
	struct bytes part = member->bytes;

	if (offset < member->offset || offset - member->offset >= part.size)
		return 0;
	part = bytes_from(part, offset - member->offset);
	if (size > part.size)
		size = part.size;
	memcpy(data, part.data, size);
	return size;
}

static int read_part(struct ctx *ctx, const struct sysroot *root, const char *name, uint64_t offset,
		     void *data, size_t size, size_t *got)
{
	const struct tar_member *member;
	int fd, why;

	if (root->tar) {
		member = sysroot_member(ctx, root, name, &why);
		if (!member)
			return why;
		why = member->directory ? EISDIR : member->open_error + member->read_error;
		*got = why ? 0 : copy_part(member, offset, data, size);
		return -why;
	}
	fd = open(sysroot_path(ctx, root, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*got = fd_read_at(fd, data, size, offset, &why);
	close(fd);
	return *got ? 0 : -why;
}

int sysroot_read_at(struct ctx *ctx, const struct sysroot *root, const char *name, uint64_t offset,
		    void *data, size_t size, size_t *got)
{
	int ret;

	*got = 0;
	ret = read_part(ctx, root, name, offset, data, size, got);
	if (ret)
		sysroot_record_error(ctx, root, name, false, -ret);
	else if (root->recorder)
		record(ctx, root, name,
		       (struct tar_member){
			       .bytes = { (const uint8_t *)arena_memdup(&ctx->arena, data, *got),
					  *got },
			       .offset = offset });
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

struct names {
	char **name;
	size_t count;
};

static void add_name(struct ctx *ctx, const struct sysroot *root, const char *directory,
		     const char *name, bool is_directory, struct names *names)
{
	names->name[names->count++] = arena_strdup(&ctx->arena, name);
	names->name = arena_grow(&ctx->arena, names->name, names->count, sizeof(*names->name));
	sysroot_record_name(ctx, root, arena_printf(&ctx->arena, "%s/%s", directory, name),
			    is_directory);
}

static int list_directory(struct ctx *ctx, const struct sysroot *root, const char *name,
			  struct names *names)
{
	const char *path = sysroot_path(ctx, root, name);
	struct dirent *entry;
	DIR *dir = opendir(path);
	int why = errno;

	if (!dir)
		return err_set(&ctx->err, -why, "Cannot open %s: %s", path, strerror(why));
	while ((errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			add_name(ctx, root, name, entry->d_name, entry->d_type != DT_REG, names);
	}
	why = errno;
	closedir(dir);
	if (why)
		return err_set(&ctx->err, -why, "Cannot read %s: %s", path, strerror(why));
	return 0;
}

static int list_tar(struct ctx *ctx, const struct sysroot *root, const char *name,
		    struct names *names)
{
	const char *path = sysroot_path(ctx, root, name), *child;
	int why;
	const struct tar_member *member = sysroot_member(ctx, root, name, &why);
	size_t at = 0;

	if (member && member->open_error)
		why = -member->open_error;
	else if (member && !member->directory)
		why = -ENOTDIR;
	if (!member || member->open_error || !member->directory)
		return err_set(&ctx->err, why, "Cannot open %s: %s", path, strerror(-why));
	name = tar_path(&ctx->arena, name);
	while (tar_next(ctx, root->tar, name, &at, &child)) {
		if (*child == '.')
			continue;
		path = *name ? arena_printf(&ctx->arena, "%s/%s", name, child) : child;
		member = tar_find(ctx, root->tar, path);
		add_name(ctx, root, name, child, member->directory, names);
	}
	return 0;
}

int sysroot_list(struct ctx *ctx, const struct sysroot *root, const char *name, char ***names)
{
	struct names list = { arena_grow(&ctx->arena, NULL, 0, sizeof(*list.name)), 0 };
	int ret = root->tar ? list_tar(ctx, root, name, &list)
			    : list_directory(ctx, root, name, &list);

	*names = list.name;
	if (ret) {
		list.name[0] = NULL;
		sysroot_record_error(ctx, root, name, true, -ret);
		return ret;
	}
	sysroot_record_name(ctx, root, name, true);
	if (list.count)
		qsort(list.name, list.count, sizeof(*list.name), compare_names);
	return 0;
}

bool sysroot_exists(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	const char *path = sysroot_path(ctx, root, name);
	const struct tar_member *member;
	struct stat st;
	int why;

	if (root->tar) {
		member = sysroot_member(ctx, root, name, &why);
		if (member)
			sysroot_record_name(ctx, root, name, member->directory);
		return member;
	}
	if (!access(path, F_OK)) {
		sysroot_record_name(ctx, root, name, !stat(path, &st) && S_ISDIR(st.st_mode));
		return true;
	}
	why = errno;
	if (is_absence(-why))
		return false;
	sysroot_record_error(ctx, root, name, false, why);
	log_warn(&ctx->log, "Cannot look at %s: %s", path, strerror(why));
	return true;
}
