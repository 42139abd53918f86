/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a blob from the live tree: a directory is a node, a file is a property
 * (ABI/testing/sysfs-firmware-ofw).  The live tree contains neither the memory reservations
 * nor the order of nodes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fd.h"
#include "devicetree.h"
#include "machine/livetree.h"

#define MAX_DEPTH 64 /* Linux does not read deeper trees */

struct reader {
	struct ctx *ctx;
	const struct sysroot *root;
	size_t skip; /* of a path: the root's */
};

struct entry {
	const char *name;
	bool is_node;
	uint64_t size; /* of a property, in bytes */
};

struct listing {
	struct entry *entry;
	size_t count;
};

/* The name below the root. */
static const char *name_of(const struct reader *r, const char *path, const char *entry)
{
	return arena_printf(&r->ctx->arena, "%s/%s", path + r->skip, entry);
}

static int failed(struct ctx *ctx, const char *path, int code)
{
	if (code == -FDT_ERR_NOSPACE)
		return err_set(&ctx->err, -EFBIG, "%s: more than the %u bytes that make sense",
			       path, DEVICETREE_BUFFER);
	return err_set(&ctx->err, -ENOEXEC, "%s: %s", path, fdt_strerror(code));
}

/* Units of one kind by number: memory@8000000 comes before memory@10000000. */
static int compare_entries(const void *a, const void *b)
{
	const char *x = ((const struct entry *)a)->name, *y = ((const struct entry *)b)->name;
	size_t base = strcspn(x, "@"), m = strlen(x), n = strlen(y);

	if (base == strcspn(y, "@") && !memcmp(x, y, base) && m != n)
		return m < n ? -1 : 1;
	return strcmp(x, y);
}

static int add_entry(struct ctx *ctx, struct listing *list, int dir, const char *path,
		     const char *name)
{
	struct stat stat;

	if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW))
		return err_set(&ctx->err, -errno, "Cannot stat %s/%s: %s", path, name,
			       strerror(errno));
	if (S_ISLNK(stat.st_mode)) /* a second name of a node, which old kernels make */
		return 0;
	if (!S_ISDIR(stat.st_mode) && !S_ISREG(stat.st_mode))
		return err_set(&ctx->err, -ENOEXEC, "%s/%s: neither a file nor a directory", path,
			       name);
	list->entry = arena_grow(&ctx->arena, list->entry, list->count, sizeof(*list->entry));
	list->entry[list->count++] = (struct entry){ arena_strdup(&ctx->arena, name),
						     S_ISDIR(stat.st_mode),
						     (uint64_t)stat.st_size };
	return 0;
}

static int list_members(const struct reader *r, const char *path, struct listing *list)
{
	struct ctx *ctx = r->ctx;
	const char *directory = tar_path(&ctx->arena, path + r->skip), *name;
	const struct tar_member *member;
	size_t at = 0;
	int why;

	while (tar_next(ctx, r->root->tar, directory, &at, &name)) {
		member = sysroot_member(ctx, r->root, name_of(r, path, name), &why);
		list->entry = arena_grow(&ctx->arena, list->entry, list->count,
					 sizeof(*list->entry));
		list->entry[list->count++] = (struct entry){ name, member->directory,
							     member->bytes.size };
	}
	return 0;
}

static int list_directory(const struct reader *r, DIR *dir, const char *path, struct listing *list)
{
	struct ctx *ctx = r->ctx;
	struct dirent *d;
	int ret = 0, why;

	while (!ret && (errno = 0, d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		ret = add_entry(ctx, list, dirfd(dir), path, d->d_name);
	}
	why = errno;
	if (!ret && why) {
		sysroot_record_error(ctx, r->root, path + r->skip, true, why);
		ret = err_set(&ctx->err, -why, "Cannot read %s: %s", path, strerror(why));
	}
	return ret;
}

/* dir NULL: in the tar file. */
static int list_entries(const struct reader *r, DIR *dir, const char *path, struct listing *list)
{
	int ret = dir ? list_directory(r, dir, path, list) : list_members(r, path, list);

	sysroot_record_name(r->ctx, r->root, path + r->skip, true);
	if (list->count)
		qsort(list->entry, list->count, sizeof(*list->entry), compare_entries);
	return ret;
}

static int read_member(const struct reader *r, const char *path, const struct entry *e,
		       uint8_t *value)
{
	int why;
	const struct tar_member *member = sysroot_member(r->ctx, r->root, name_of(r, path, e->name),
							 &why);

	if (member->open_error || member->read_error)
		return err_set(&r->ctx->err, -(member->open_error + member->read_error),
			       "Cannot %s %s/%s: %s", member->open_error ? "open" : "read", path,
			       e->name, strerror(member->open_error + member->read_error));
	if (e->size)
		memcpy(value, member->bytes.data, (size_t)e->size);
	return 0;
}

static int read_value(const struct reader *r, int dir, const char *path, const struct entry *e,
		      uint8_t *value)
{
	struct ctx *ctx = r->ctx;
	int fd = openat(dir, e->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int error = errno, ret = 0;
	size_t used;

	if (fd < 0) {
		sysroot_record_error(ctx, r->root, name_of(r, path, e->name), false, error);
		return err_set(&ctx->err, -error, "Cannot open %s/%s: %s", path, e->name,
			       strerror(error));
	}
	used = fd_read_at(fd, value, (size_t)e->size, 0, &error);
	if (error) {
		sysroot_record_error(ctx, r->root, name_of(r, path, e->name), false, error);
		ret = err_set(&ctx->err, -error, "Cannot read %s/%s: %s", path, e->name,
			      strerror(error));
	} else if (used < e->size) {
		ret = err_set(&ctx->err, -EIO, "%s/%s: %zu bytes instead of %" PRIu64, path,
			      e->name, used, e->size);
	}
	close(fd);
	return ret;
}

static int flatten_property(const struct reader *r, void *fdt, int dir, const char *path,
			    const struct entry *e)
{
	void *value = NULL;
	int ret = -FDT_ERR_NOSPACE;

	if (e->size <= DEVICETREE_BUFFER)
		ret = fdt_property_placeholder(fdt, e->name, (int)e->size, &value);
	if (ret)
		return failed(r->ctx, arena_printf(&r->ctx->arena, "%s/%s", path, e->name), ret);
	if (r->root->tar)
		ret = read_member(r, path, e, value);
	else if (e->size) /* passwords are shown as empty files that only root can open */
		ret = read_value(r, dir, path, e, value);
	/* The value stays in the tree. */
	if (!ret)
		sysroot_record(r->ctx, r->root, name_of(r, path, e->name),
			       (struct bytes){ value, (size_t)e->size });
	return ret;
}

/* A node with the name of a property is shown as "name#1". */
static const char *node_name(struct ctx *ctx, const struct listing *list, const char *shown)
{
	const char *hash = strrchr(shown, '#');
	char *name;

	if (!hash || !hash[1] || hash[1 + strspn(hash + 1, "0123456789")])
		return shown;
	name = arena_strndup(&ctx->arena, shown, (size_t)(hash - shown));
	for (size_t i = 0; i < list->count; i++)
		if (!list->entry[i].is_node && !strcmp(list->entry[i].name, name))
			return name;
	return shown;
}

static int flatten_node(const struct reader *r, void *fdt, int parent, const char *file,
			const char *path, const char *name, unsigned int depth);

/* In the format, a node's properties come before its children. */
static int flatten_entries(const struct reader *r, void *fdt, int dir, const char *path,
			   const struct listing *list, unsigned int depth)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < list->count; i++)
		/* Linux adds the property "name", which repeats the name of the node. */
		if (!list->entry[i].is_node && strcmp(list->entry[i].name, "name"))
			ret = flatten_property(r, fdt, dir, path, &list->entry[i]);
	for (size_t i = 0; !ret && i < list->count; i++) {
		const char *file = list->entry[i].name;

		if (list->entry[i].is_node)
			ret = flatten_node(r, fdt, dir, file,
					   arena_printf(&r->ctx->arena, "%s/%s", path, file),
					   node_name(r->ctx, list, file), depth + 1);
	}
	return ret;
}

/* dir NULL: in the tar file. */
static int flatten_directory(const struct reader *r, void *fdt, DIR *dir, const char *path,
			     const char *name, unsigned int depth)
{
	struct ctx *ctx = r->ctx;
	struct listing list = { 0 };
	int ret;

	if (depth == MAX_DEPTH)
		return err_set(&ctx->err, -ELOOP, "%s: more than %d nodes deep", path, MAX_DEPTH);
	ret = list_entries(r, dir, path, &list);
	if (ret)
		return ret;
	ret = fdt_begin_node(fdt, name);
	if (ret)
		return failed(ctx, path, ret);
	ret = flatten_entries(r, fdt, dir ? dirfd(dir) : -1, path, &list, depth);
	if (ret)
		return ret;
	ret = fdt_end_node(fdt);
	return ret ? failed(ctx, path, ret) : 0;
}

/* Opens file in parent, so that a path may have any length.  path is for messages. */
static int flatten_node(const struct reader *r, void *fdt, int parent, const char *file,
			const char *path, const char *name, unsigned int depth)
{
	struct ctx *ctx = r->ctx;
	DIR *dir;
	int fd, ret;

	if (r->root->tar)
		return flatten_directory(r, fdt, NULL, path, name, depth);
	fd = openat(parent, file, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir) {
		ret = flatten_directory(r, fdt, dir, path, name, depth);
		closedir(dir);
		return ret;
	}
	ret = err_set(&ctx->err, -errno, "Cannot open %s: %s", path, strerror(errno));
	sysroot_record_error(ctx, r->root, path + r->skip, true, -ret);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int flatten_tree(const struct reader *r, const char *path, struct devicetree *out)
{
	struct ctx *ctx = r->ctx;
	void *fdt = map_anonymous(ctx, DEVICETREE_BUFFER);
	int ret;

	if (!fdt)
		return err_set(&ctx->err, -ENOMEM, "%s: no memory for %u bytes", path,
			       DEVICETREE_BUFFER);
	ret = fdt_create(fdt, DEVICETREE_BUFFER);
	if (!ret)
		ret = fdt_finish_reservemap(fdt);
	if (ret)
		return failed(ctx, path, ret);
	ret = flatten_node(r, fdt, AT_FDCWD, path, path, "", 0);
	if (ret)
		return ret;
	ret = fdt_finish(fdt);
	if (ret)
		return failed(ctx, path, ret);
	return devicetree_check(ctx, path, (struct bytes){ fdt, fdt_totalsize(fdt) }, out);
}

static bool is_directory(const struct reader *r, const char *path)
{
	const struct tar_member *member;
	struct stat stat;
	int why;

	if (!r->root->tar)
		return !lstat(path, &stat) && S_ISDIR(stat.st_mode);
	member = sysroot_member(r->ctx, r->root, path + r->skip, &why);
	return member && member->directory;
}

int devicetree_flatten(struct ctx *ctx, const struct sysroot *root, struct devicetree *out)
{
	const struct reader r = { ctx, root, strlen(root->path) };

	for (size_t i = 0; i < ARRAY_SIZE(livetree_directories); i++) {
		const char *path = sysroot_path(ctx, root, livetree_directories[i]);

		if (!is_directory(&r, path))
			continue;
		if (flatten_tree(&r, path, out))
			return err_status(&ctx->err, EXIT_STATUS_REFUSED);
		log_debug(&ctx->log, "device tree put together from %s: it has no reservations",
			  path);
		return 0;
	}
	return err_set(&ctx->err, -ENOENT, "No /proc/device-tree");
}
