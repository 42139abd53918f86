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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DIRECTORY "/run/kexec"
#define MAX_SIZE (1 << 20)

static const struct field {
	const char *key;
	size_t offset; /* of a const char * in struct load_record */
} fields[] = {
	{ "kernel", offsetof(struct load_record, kernel) },
	{ "kernel_version", offsetof(struct load_record, kernel_version) },
	{ "command_line", offsetof(struct load_record, command_line) },
	{ "method", offsetof(struct load_record, method) },
	{ "purgatory", offsetof(struct load_record, purgatory) },
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

/* Logs a debug line about the record.  Always returns false. */
static bool complain(struct ctx *ctx, bool crash, const char *what, const char *why)
{
	log_debug(&ctx->log, "the record " DIRECTORY "/%s %s: %s", slot_name(crash), what, why);
	return false;
}

/* Can only root or the caller have written the file? */
static bool only_ours(const struct stat *stat)
{
	return (stat->st_uid == 0 || stat->st_uid == geteuid()) &&
	       !(stat->st_mode & (S_IWGRP | S_IWOTH));
}

/* Returns a descriptor.  -1: failed, see errno; EPERM: another user can write to the directory. */
static int open_directory(struct ctx *ctx, const struct sysroot *root)
{
	int fd = open(sysroot_path(ctx, root, DIRECTORY),
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || (!fstat(fd, &stat) && only_ours(&stat)))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

/* --- writing ------------------------------------------------------------------ */

static const char *absolute(struct ctx *ctx, const char *name)
{
	char *path = strcmp(name, "-") ? realpath(name, NULL) : NULL;
	const char *copy = arena_strdup(&ctx->arena, path ? path : name);

	free(path);
	return copy;
}

static const char *file_id(struct ctx *ctx, const struct stat *stat)
{
	return arena_printf(&ctx->arena, "%ju:%ju:%jd:%jd.%09ld", (uintmax_t)stat->st_dev,
			    (uintmax_t)stat->st_ino, (intmax_t)stat->st_size,
			    (intmax_t)stat->st_mtim.tv_sec, stat->st_mtim.tv_nsec);
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

static void put_fields(struct ctx *ctx, FILE *out, struct load_record *record)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = *value_of(record, &fields[i]);

		if (value)
			fprintf(out, "%s=%s%c", fields[i].key, value, '\0');
	}
	for (size_t i = 0; i < record->initrd_count; i++)
		fprintf(out, "initrd=%s%c", absolute(ctx, record->initrds[i]), '\0');
}

/*
 * Writes the record under a temporary name and renames it, so that no reader sees a part
 * of a record.  false: failed, see errno.
 */
static bool put_file(struct ctx *ctx, int directory, bool crash, struct load_record *record)
{
	const char *name = slot_name(crash);
	const char *temporary = crash ? ".crash" : ".normal";
	FILE *out;
	int fd, why;

	unlinkat(directory, temporary, 0); /* left by a run that was killed */
	/* Mode 0600: a command line may contain secrets. */
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return false;
	out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return false;
	}
	put_fields(ctx, out, record);
	if (!fclose(out) && !renameat(directory, temporary, directory, name))
		return true;
	why = errno;
	unlinkat(directory, temporary, 0);
	errno = why;
	return false;
}

void record_write(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct load_record *given)
{
	struct load_record record = *given;
	int directory;

	record.kernel = absolute(ctx, given->kernel);
	record.file_id = loaded_file_id(ctx, record.kernel);
	record.time = utc_now(ctx);
	record.tool = "kexec-tools " PACKAGE_VERSION " (kexec-pie)";
	if (mkdir(sysroot_path(ctx, root, DIRECTORY), 0755) && errno != EEXIST) {
		complain(ctx, crash, "is not written", strerror(errno));
		return;
	}
	directory = open_directory(ctx, root);
	if (directory < 0 || !put_file(ctx, directory, crash, &record)) {
		complain(ctx, crash, "is not written", strerror(errno));
		record_remove(ctx, root, crash); /* the record of an earlier load */
	}
	if (directory >= 0)
		close(directory);
}

void record_remove(struct ctx *ctx, const struct sysroot *root, bool crash)
{
	int directory = open_directory(ctx, root);

	if ((directory < 0 || unlinkat(directory, slot_name(crash), 0)) && errno != ENOENT)
		complain(ctx, crash, "is not removed", strerror(errno));
	if (directory >= 0)
		close(directory);
}

/* --- reading ------------------------------------------------------------------ */

/* text[size] must be a NUL.  false: malformed. */
static bool parse(struct ctx *ctx, const char *text, size_t size, struct load_record *record)
{
	size_t entries = 0;

	for (size_t i = 0; i < size; i++)
		entries += text[i] == '\0';
	record->initrds = arena_array(&ctx->arena, entries + 1, sizeof(*record->initrds));
	for (const char *p = text; p < text + size; p += strlen(p) + 1) {
		const char *equals = strchr(p, '=');

		if (!equals)
			return false;
		for (size_t i = 0; i < FIELDS; i++)
			if (!strncmp(p, fields[i].key, (size_t)(equals - p)) &&
			    !fields[i].key[equals - p])
				*value_of(record, &fields[i]) = equals + 1;
		if (!strncmp(p, "initrd=", 7))
			record->initrds[record->initrd_count++] = equals + 1;
	}
	return record->kernel && record->method && record->time && record->tool;
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
	if (read(fd, text, size) != stat.st_size)
		return "cannot be read at once";
	if (text[size - 1] || !parse(ctx, text, size, record))
		return "malformed";
	return NULL;
}

bool record_read(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct load_record *record)
{
	int directory = open_directory(ctx, root), fd = -1;
	const char *why;

	*record = (struct load_record){ 0 };
	if (directory >= 0)
		fd = openat(directory, slot_name(crash),
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	why = fd >= 0 ? read_open(ctx, fd, record) : strerror(errno);
	if (directory >= 0)
		close(directory);
	if (fd >= 0)
		close(fd);
	return !why || complain(ctx, crash, "is not used", why);
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
	sha256_blocks_fn *blocks = sha256_accelerated();
	uint8_t buffer[1 << 16];
	struct sha256 sha;
	ssize_t got;

	if (!blocks)
		blocks = sha256_blocks_generic;
	sha256_init(&sha);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		sha256_update(&sha, blocks, buffer, (size_t)got);
	sha256_final(&sha, blocks, digest);
	return !got;
}

bool record_digest(struct ctx *ctx, const struct sysroot *root, const struct load_record *record,
		   uint8_t digest[SHA256_SIZE])
{
	bool good;
	int fd;

	if (!record->file_id)
		return false;
	fd = open(sysroot_path(ctx, root, record->kernel), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = is_the_file(ctx, fd, record) && hash_file(fd, digest) &&
	       is_the_file(ctx, fd, record);
	close(fd);
	return good;
}
