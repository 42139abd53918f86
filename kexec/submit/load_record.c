/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of loads.  A file contains "key=value" strings.  A NUL ends each string, so
 * values need no escapes.
 */
#include "load_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/digest.h"
#include "core/fd.h"
#include "submit_internal.h"

#define DIRECTORY "/run/kexec"
#define MAX_SIZE (1 << 20)
#define END_MARK "end=" /* last line: the record is whole */
#define LOCK_WAIT_MS 30000
#define LOCK_PAUSE_MS 50

static const struct field {
	const char *key;
	size_t offset; /* of a const char * in struct load_record */
} fields[] = {
	{ "kernel", offsetof(struct load_record, kernel) },
	{ "kernel_version", offsetof(struct load_record, kernel_version) },
	{ "command_line", offsetof(struct load_record, command_line) },
	{ "method", offsetof(struct load_record, method) },
	{ "purgatory", offsetof(struct load_record, purgatory) },
	{ "digests", offsetof(struct load_record, digests) },
	{ "reboot_cpu", offsetof(struct load_record, reboot_cpu) },
	{ "time", offsetof(struct load_record, time) },
	{ "tool", offsetof(struct load_record, tool) },
	{ "file_id", offsetof(struct load_record, file_id) },
};

#define FIELDS ARRAY_SIZE(fields)

static const char **value_of(struct load_record *record, const struct field *field)
{
	return (const char **)(void *)((char *)record + field->offset);
}

static const char *slot_name(bool crash)
{
	return crash ? "crash" : "normal";
}

static void complain(struct ctx *ctx, bool crash, const char *what, const char *why)
{
	log_debug(&ctx->log, "the record " DIRECTORY "/%s %s: %s", slot_name(crash), what, why);
}

/* Can only root or the caller have written the file? */
static bool only_ours(const struct stat *stat)
{
	return (stat->st_uid == 0 || stat->st_uid == geteuid()) &&
	       !(stat->st_mode & (S_IWGRP | S_IWOTH));
}

/*
 * Errors: those of lstat(2); -ENOTDIR; *foreign is true with -ELOOP and -EPERM: a link, or others
 * can write to the directory.
 */
static int check_directory(const char *path, bool *foreign)
{
	struct stat stat;

	*foreign = false;
	if (lstat(path, &stat))
		return -errno;
	*foreign = S_ISLNK(stat.st_mode) || (S_ISDIR(stat.st_mode) && !only_ours(&stat));
	if (*foreign)
		return S_ISLNK(stat.st_mode) ? -ELOOP : -EPERM;
	return S_ISDIR(stat.st_mode) ? 0 : -ENOTDIR;
}

/* --- reading ------------------------------------------------------------------ */

/* text[size] must be a NUL.  false: malformed. */
static bool parse(struct ctx *ctx, const char *text, size_t size, struct load_record *record)
{
	const char *last = "";
	size_t entries = 0;

	for (size_t i = 0; i < size; i++)
		entries += text[i] == '\0';
	record->initrds = arena_array(&ctx->arena, entries + 1, sizeof(*record->initrds));
	for (const char *p = text; p < text + size; p += strlen(p) + 1) {
		const char *equals = strchr(p, '=');

		last = p;
		if (!equals)
			return false;
		for (size_t i = 0; i < FIELDS; i++)
			if (!strncmp(p, fields[i].key, (size_t)(equals - p)) &&
			    !fields[i].key[equals - p])
				*value_of(record, &fields[i]) = equals + 1;
		if (!strncmp(p, "initrd=", 7))
			record->initrds[record->initrd_count++] = equals + 1;
	}
	return record->kernel && record->method && record->time && record->tool &&
	       !strcmp(last, END_MARK);
}

/* Returns NULL for a good record, or the reason why the open file is no record. */
static const char *read_open(struct ctx *ctx, int fd, struct load_record *record)
{
	struct stat stat;
	size_t size;
	char *text;

	if (fstat(fd, &stat))
		return strerror(errno);
	if (!S_ISREG(stat.st_mode))
		return "no regular file";
	if (!only_ours(&stat))
		return "not root's alone";
	if (stat.st_size <= 0 || stat.st_size > MAX_SIZE)
		return "empty or too long";
	size = (size_t)stat.st_size;
	text = arena_alloc(&ctx->arena, size + 1);
	if (fd_read(fd, text, size) != stat.st_size)
		return "cannot be read at once";
	if (text[size - 1] || !parse(ctx, text, size, record))
		return "malformed";
	return NULL;
}

/* Returns NULL, or the reason why no record was read; *record is all zeros then. */
static const char *read_record(struct ctx *ctx, const struct sysroot *root, bool crash,
			       struct load_record *record)
{
	const char *directory = sysroot_path(ctx, root, DIRECTORY), *why;
	bool foreign;
	int ret = check_directory(directory, &foreign), fd;

	*record = (struct load_record){ 0 };
	if (ret)
		return strerror(-ret);
	fd = open(arena_printf(&ctx->arena, "%s/%s", directory, slot_name(crash)),
		  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	why = read_open(ctx, fd, record);
	close(fd);
	if (why)
		*record = (struct load_record){ 0 };
	return why;
}

bool record_read(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct load_record *record)
{
	const char *why = read_record(ctx, root, crash, record);

	if (why && strcmp(why, strerror(ENOENT)))
		log_warn(&ctx->log, "the record " DIRECTORY "/%s is not used: %s", slot_name(crash),
			 why);
	return !why;
}

/* --- writing ------------------------------------------------------------------ */

/* *failed: set to true if it is not known which file the name means. */
static const char *absolute(struct ctx *ctx, const char *name, bool *failed)
{
	char *path = strcmp(name, "-") ? realpath(name, NULL) : NULL;
	const char *copy;

	if (!path && strcmp(name, "-") && errno != ENOENT && errno != ENOTDIR)
		*failed = true;
	copy = arena_strdup(&ctx->arena, path ? path : name);
	free(path);
	return copy;
}

static const char *file_id(struct ctx *ctx, const struct stat *stat)
{
	return arena_printf(&ctx->arena, "%ju:%ju:%jd:%jd.%09ld:%jd.%09ld", (uintmax_t)stat->st_dev,
			    (uintmax_t)stat->st_ino, (intmax_t)stat->st_size,
			    (intmax_t)stat->st_mtim.tv_sec, stat->st_mtim.tv_nsec,
			    (intmax_t)stat->st_ctim.tv_sec, stat->st_ctim.tv_nsec);
}

/* NULL: not a regular file, or a file was changed since it was loaded. */
static const char *loaded_file_id(struct ctx *ctx, const char *path)
{
	struct stat stat_now;
	bool is_file = path[0] == '/' && !stat(path, &stat_now) && S_ISREG(stat_now.st_mode);

	if (is_file && !files_unchanged(ctx))
		return file_id(ctx, &stat_now);
	err_clear(&ctx->err);
	return NULL;
}

static const char *utc_now(struct ctx *ctx)
{
	char text[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_strdup(&ctx->arena, text);
}

/* Joins the lines of the record.  A NUL ends each line. */
static struct bytes compose(struct ctx *ctx, struct load_record *record, bool *failed)
{
	struct arena *arena = &ctx->arena;
	const char **line = arena_array(arena, FIELDS + record->initrd_count + 1, sizeof(*line));
	size_t lines = 0, size = 0;
	char *text;

	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = *value_of(record, &fields[i]);

		if (value)
			line[lines++] = arena_printf(arena, "%s=%s", fields[i].key, value);
	}
	for (size_t i = 0; i < record->initrd_count; i++)
		line[lines++] = arena_printf(arena, "initrd=%s",
					     absolute(ctx, record->initrds[i], failed));
	line[lines++] = END_MARK;
	for (size_t i = 0; i < lines; i++)
		size += strlen(line[i]) + 1;
	text = arena_alloc(arena, size);
	for (size_t i = 0, used = 0; i < lines; used += strlen(line[i++]) + 1)
		strcpy(text + used, line[i]);
	return (struct bytes){ (const uint8_t *)text, size };
}

/*
 * Writes the record under another name and renames it, so that no reader sees a part of a
 * record.  false: failed, see errno.
 */
static bool put_file(const struct record_change *change)
{
	/* Mode 0600: a command line may contain secrets. */
	int fd = open(change->unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0600);
	bool good;
	int why;

	if (fd < 0)
		return false;
	good = fd_write(fd, change->text);
	why = errno;
	if (close(fd) && good) {
		why = errno;
		good = false;
	}
	if (good && !rename(change->unfinished, change->name))
		return true;
	why = good ? errno : why;
	unlink(change->unfinished);
	errno = why;
	return false;
}

/*
 * Waits for other kexecs that change a slot.  -EBUSY: in vain.  Without the lock (another error),
 * no record is written after the call.
 */
static int lock(struct ctx *ctx, struct record_change *change, const char *path)
{
	struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000 };

	change->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (change->lock < 0) {
		complain(ctx, change->crash, "will not be written", strerror(errno));
		return 0;
	}
	for (int waited = 0; flock(change->lock, LOCK_EX | LOCK_NB);) {
		if (errno == EINTR)
			continue;
		if (errno == EWOULDBLOCK && waited < LOCK_WAIT_MS) {
			nanosleep(&pause, NULL);
			waited += LOCK_PAUSE_MS;
			continue;
		}
		if (errno == EWOULDBLOCK) {
			err_set(&ctx->err, -EBUSY,
				"Another kexec has been loading or unloading for %d seconds",
				LOCK_WAIT_MS / 1000);
			err_hint(&ctx->err, "It holds the lock %s (fuser); nothing was done.",
				 path);
			return err_status(&ctx->err, EXIT_STATUS_REFUSED);
		}
		complain(ctx, change->crash, "will not be written", strerror(errno));
		close(change->lock);
		change->lock = -1;
		break;
	}
	return 0;
}

static void unlock(struct record_change *change)
{
	if (change->lock >= 0)
		close(change->lock);
	change->lock = -1;
}

/* The old record would be wrong after the call. */
static int take_away(struct ctx *ctx, struct record_change *change)
{
	struct stat stat;
	int why;

	if (!rename(change->name, change->aside)) {
		change->taken = true;
		return 0;
	}
	why = errno;
	/* A read-only file system refuses this call for a missing file as well. */
	if (why == EROFS && lstat(change->name, &stat))
		why = errno;
	if (why == ENOENT || why == ENOTDIR) {
		unlink(change->aside); /* left by a run that was killed */
		return 0;
	}
	err_set(&ctx->err, -why, "Cannot take away %s, the record of an earlier load: %s",
		change->name, strerror(why));
	err_hint(&ctx->err, "Remove that file; nothing was loaded or unloaded.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

int record_begin(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct record_change *change)
{
	const char *directory = sysroot_path(ctx, root, DIRECTORY);
	const char *slot = slot_name(crash);
	int ret;

	*change = (struct record_change){
		.crash = crash,
		.lock = -1,
		.name = arena_printf(&ctx->arena, "%s/%s", directory, slot),
		.aside = arena_printf(&ctx->arena, "%s/.%s", directory, slot),
		.unfinished = arena_printf(&ctx->arena, "%s/.%s.new", directory, slot),
	};
	if (lacks_boot_right(ctx, root)) /* the call will be refused */
		return 0;
	if (mkdir(directory, 0755) && errno != EEXIST)
		complain(ctx, crash, "has no directory", strerror(errno));
	ret = check_directory(directory, &change->foreign);
	if (ret == -ENOENT || ret == -ENOTDIR || change->foreign) {
		complain(ctx, crash, "will not be written", strerror(-ret));
		/* No reader uses a directory of others, and none is touched. */
		return change->foreign ? 0 : take_away(ctx, change);
	}
	if (ret) {
		err_set(&ctx->err, ret, "Cannot look at %s: %s", directory, strerror(-ret));
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	ret = lock(ctx, change, arena_printf(&ctx->arena, "%s/lock", directory));
	if (ret) {
		unlock(change);
		return ret;
	}
	read_record(ctx, root, crash, &change->earlier);
	ret = take_away(ctx, change);
	if (ret)
		unlock(change);
	return ret;
}

void record_prepare(struct ctx *ctx, const struct load_record *given, struct record_change *change)
{
	struct load_record record = *given;
	bool failed = false;

	record.kernel = absolute(ctx, given->kernel, &failed);
	record.file_id = loaded_file_id(ctx, record.kernel);
	record.time = utc_now(ctx);
	record.tool = "kexec-tools " PACKAGE_VERSION " (kexec-pie)";
	change->text = compose(ctx, &record, &failed);
	if (failed) {
		complain(ctx, change->crash, "will not be written", "a file name is not known");
		change->text.size = 0;
	}
}

void record_none(struct record_change *change)
{
	*change = (struct record_change){ .lock = -1, .foreign = true };
}

void record_end(struct ctx *ctx, struct record_change *change, enum record_outcome outcome)
{
	bool written = false;

	if (outcome == RECORD_NEW && change->lock >= 0 && change->text.size) {
		written = put_file(change);
		if (!written)
			complain(ctx, change->crash, "is not written", strerror(errno));
	}
	if (outcome == RECORD_OLD && change->taken && rename(change->aside, change->name))
		complain(ctx, change->crash, "is not put back", strerror(errno));
	if (outcome != RECORD_OLD && change->taken)
		unlink(change->aside);
	/* An old record that was not taken away, because the call should have failed. */
	if (outcome != RECORD_OLD && !written && !change->foreign)
		unlink(change->name);
	unlock(change);
}

void record_remove(struct ctx *ctx, const struct sysroot *root, bool crash)
{
	const char *name = arena_printf(&ctx->arena, DIRECTORY "/%s", slot_name(crash));

	if (unlink(sysroot_path(ctx, root, name)) && errno != ENOENT && errno != ENOTDIR)
		complain(ctx, crash, "is not removed", strerror(errno));
}

/* --- the kernel's file -------------------------------------------------------- */

static bool is_the_file(struct ctx *ctx, int fd, const struct load_record *record)
{
	struct stat stat;

	return !fstat(fd, &stat) && S_ISREG(stat.st_mode) &&
	       !strcmp(file_id(ctx, &stat), record->file_id);
}

/* Reads the file.  A mapping would fault if the file gets truncated. */
static bool hash_file(int fd, uint8_t digest[SHA256_SIZE])
{
	struct sha256_engine engine;
	uint8_t buffer[1 << 16];
	struct sha256 sha;
	ssize_t got;

	sha256_fastest(&engine);
	sha256_init(&sha);
	while ((got = fd_read(fd, buffer, sizeof(buffer))) > 0)
		sha256_update(&sha, &engine, buffer, (size_t)got);
	sha256_final(&sha, &engine, digest);
	return !got;
}

bool record_digest(struct ctx *ctx, const struct sysroot *root, const struct load_record *record,
		   uint8_t digest[SHA256_SIZE])
{
	bool good;
	int fd;

	if (!record->file_id)
		return false;
	errno = 0;
	fd = open(sysroot_path(ctx, root, record->kernel), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	good = fd >= 0 && is_the_file(ctx, fd, record) && hash_file(fd, digest) &&
	       is_the_file(ctx, fd, record);
	/* A file that was changed or removed is no error. */
	if (!good && errno && errno != ENOENT && errno != ENOTDIR)
		log_warn(&ctx->log, "Cannot read %s: %s", record->kernel, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}
