/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel and initrd files as bytes. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

#define READ_CHUNK (1u << 20)

void *map_anonymous(struct ctx *ctx, size_t size)
{
	void *addr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED)
		return NULL;
	arena_own_mapping(&ctx->arena, addr, size);
	return addr;
}

static int refuse_long(struct ctx *ctx, const char *name, uint64_t limit)
{
	err_set(&ctx->err, -EFBIG, "%s: longer than %" PRIu64 " bytes, all the memory there is",
		name, limit);
	return err_hint(&ctx->err, "Is this really a kernel or an initrd?");
}

/*
 * Reads a file without a size (pipe, socket, character or block device, file of /proc)
 * or one that mmap() refuses.  The area doubles when it is full.  Pages that are never
 * written use no memory.
 */
static int read_to_end(struct ctx *ctx, struct file *file, uint64_t limit)
{
	size_t room = READ_CHUNK, used = 0;
	uint8_t *area = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
	ssize_t got = 0;

	while (area != MAP_FAILED) {
		got = fd_read(file->fd, area + used, room - used);
		if (got <= 0)
			break;
		used += (size_t)got;
		if (limit && used > limit) {
			munmap(area, room);
			return refuse_long(ctx, file->name, limit);
		}
		log_progress(&ctx->log, file->name, used, 0);
		if (used == room) {
			uint8_t *bigger = mremap(area, room, room * 2, MREMAP_MAYMOVE);

			if (bigger == MAP_FAILED)
				munmap(area, room);
			area = bigger;
			room *= 2;
		}
	}
	if (area == MAP_FAILED)
		return err_set(&ctx->err, -ENOMEM, "%s: no memory for more than %zu bytes",
			       file->name, used);
	arena_own_mapping(&ctx->arena, area, room);
	if (got < 0)
		return err_set(&ctx->err, -errno, "Cannot read %s: %s after %zu bytes", file->name,
			       strerror(errno), used);
	file->bytes = (struct bytes){ area, used };
	return 0;
}

int file_check_size(struct ctx *ctx, const struct file *file, uint64_t limit)
{
	return file->bytes.size > limit ? refuse_long(ctx, file->name, limit) : 0;
}

struct watched_file {
	struct watched_file *next;
	const char *name;
	struct stat stat;
};

static void watch(struct ctx *ctx, const char *name, const struct stat *stat)
{
	struct watched_file *w = arena_alloc(&ctx->arena, sizeof(*w));

	*w = (struct watched_file){ ctx->watched, name, *stat };
	ctx->watched = w;
}

static int map_regular(struct ctx *ctx, struct file *file, const struct stat *stat, uint64_t limit)
{
	uint64_t size = (uint64_t)stat->st_size;
	void *addr;

	if (size > SIZE_MAX)
		return err_set(&ctx->err, -EFBIG,
			       "%s: %" PRIu64 " bytes do not fit in this "
			       "process's address space",
			       file->name, size);
	addr = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file->fd, 0);
	/* Some binary files of sysfs, such as a device tree, cannot be mapped. */
	if (addr == MAP_FAILED && errno == ENODEV)
		return read_to_end(ctx, file, limit);
	if (addr == MAP_FAILED && limit && size > limit)
		return refuse_long(ctx, file->name, limit);
	if (addr == MAP_FAILED)
		return err_set(&ctx->err, -errno, "Cannot map %s: %s", file->name, strerror(errno));
	arena_own_mapping(&ctx->arena, addr, (size_t)size);
	madvise(addr, (size_t)size, MADV_SEQUENTIAL);
	file->bytes = (struct bytes){ addr, (size_t)size };
	watch(ctx, file->name, stat);
	return 0;
}

/* Fails unless lseek() finds an end.  A UBI volume has one; /dev/zero and terminals have none. */
static int refuse_endless(struct ctx *ctx, const struct file *file)
{
	if (lseek(file->fd, 0, SEEK_END) > 0 && lseek(file->fd, 0, SEEK_SET) == 0)
		return 0;
	return err_set(&ctx->err, -EINVAL,
		       "Cannot read %s: it is a character device that has no "
		       "end",
		       file->name);
}

static int take_bytes(struct ctx *ctx, struct file *file, uint64_t limit)
{
	struct stat stat;
	int ret;

	if (fstat(file->fd, &stat))
		return err_set(&ctx->err, -errno, "Cannot stat %s: %s", file->name,
			       strerror(errno));
	if (S_ISDIR(stat.st_mode))
		return err_set(&ctx->err, -EISDIR, "Cannot read %s: it is a directory", file->name);
	if (S_ISCHR(stat.st_mode) && refuse_endless(ctx, file))
		return ctx->err.code;
	/* Files of /proc are regular and not empty, although they report a size of 0. */
	if (S_ISREG(stat.st_mode) && stat.st_size > 0)
		ret = map_regular(ctx, file, &stat, limit);
	else
		ret = read_to_end(ctx, file, limit);
	if (ret)
		return ret;
	if (!file->bytes.size)
		return err_set(&ctx->err, -ENODATA, "Cannot read %s: it is empty", file->name);
	return 0;
}

int file_open(struct ctx *ctx, const char *name, uint64_t limit, struct file *file)
{
	int ret;

	*file = (struct file){ .name = name, .fd = -1 };
	if (!strcmp(name, "-"))
		file->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		file->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return err_set(&ctx->err, -errno, "Cannot open `%s': %s", name, strerror(errno));
	ret = take_bytes(ctx, file, limit);
	if (ret)
		file_close(file);
	return ret;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim);
}

/*
 * The time of the last change of status shows bytes that were written before utimensat(2) set the
 * other time back.  A change of rights or links explains it as well.
 */
static bool same_status(const struct stat *a, const struct stat *b)
{
	return same_time(a->st_ctim, b->st_ctim) || a->st_mode != b->st_mode ||
	       a->st_nlink != b->st_nlink || a->st_uid != b->st_uid || a->st_gid != b->st_gid;
}

int files_unchanged(struct ctx *ctx)
{
	const struct watched_file *w;
	struct stat now;
	int ret = 0;

	for (w = ctx->watched; w; w = w->next) {
		bool is_stdin = !strcmp(w->name, "-");
		bool failed = is_stdin ? fstat(STDIN_FILENO, &now) : stat(w->name, &now);
		bool same = !failed && same_file(&now, &w->stat);

		if (failed && errno != ENOENT && errno != ENOTDIR)
			return err_set(&ctx->err, -EIO, "Cannot check whether %s has changed: %s",
				       w->name, strerror(errno));
		if (same && same_status(&now, &w->stat))
			continue;
		err_set(&ctx->err, same ? -ESTALE : -EBUSY, "%s: changed while it was being loaded",
			w->name);
		ret = err_hint(&ctx->err, "Wait until whoever writes it is done, and load again.");
		if (!same)
			break;
	}
	return ret;
}

void file_close(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

int file_read(struct ctx *ctx, const char *name, uint64_t limit, struct bytes *bytes)
{
	struct file file = { .fd = -1 };
	int ret = file_open(ctx, name, limit, &file);

	if (!ret && limit)
		ret = file_check_size(ctx, &file, limit);
	file_close(&file);
	*bytes = file.bytes;
	return ret;
}
