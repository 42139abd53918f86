/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a capture: what the recorder has, without secrets, as a tar file. */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "core/fd.h"
#include "core/new_file.h"
#include "image/digest.h"

/* Contents are better than an error, an error is better than the mere name of a file. */
static int value_of(const struct tar_member *m)
{
	if (m->directory)
		return m->open_error ? 1 : 0;
	if (m->open_error == ENODATA)
		return 0;
	return m->open_error || m->read_error ? 2 : 3;
}

static bool is_better(const struct tar_member *m, const struct tar_member *than)
{
	int value = value_of(m), other = value_of(than);

	return value != other ? value > other : m->bytes.size > than->bytes.size;
}

/* One member for each path: the best of what several reads gave. */
static void merge_reads(struct tar *tar)
{
	size_t count = 0;

	tar_sort(tar);
	for (size_t i = 0; i < tar->count; i++) {
		struct tar_member *m = &tar->member[i];

		if (count && !strcmp(tar->member[count - 1].path, m->path)) {
			if (is_better(m, &tar->member[count - 1]))
				tar->member[count - 1] = *m;
		} else {
			tar->member[count++] = *m;
		}
	}
	tar->count = count;
}

/* What was read as a file or only seen may be a directory: a link to it, or a read of EISDIR. */
static void mark_directories(struct ctx *ctx, struct tar *tar)
{
	for (size_t i = 0; i < tar->count; i++) {
		struct tar_member *m = &tar->member[i];
		size_t at = 0;
		const char *name;

		if (m->read_error == EISDIR ||
		    (!m->directory && tar_next(ctx, tar, m->path, &at, &name)))
			*m = (struct tar_member){ .path = m->path, .directory = true };
	}
}

static const char *clean(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

/* As a shell reads it. */
static const char *quote(struct arena *arena, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "%+,-./:=@_";
	const char *out = "'";

	if (*word && !word[strspn(word, plain)])
		return word;
	for (; strchr(word, '\''); word = strchr(word, '\'') + 1)
		out = arena_printf(arena, "%s%.*s'\\''", out, (int)strcspn(word, "'"), word);
	return arena_printf(arena, "%s%s'", out, word);
}

/* An argument, or the text of an option: both may be a command line. */
static const char *argument(struct ctx *ctx, const struct request *req, const char *word)
{
	char *copy = arena_strdup(&ctx->arena, word), *text = copy;

	if (!strncmp(copy, "--", 2) && strchr(copy, '='))
		text = strchr(copy, '=') + 1;
	if (!req->capture_secrets)
		capture_mask_line(&ctx->arena, text, strlen(text));
	return quote(&ctx->arena, clean(&ctx->arena, copy));
}

/* Size and digest, so that the replay can be made with the same file. */
static const char *describe_file(struct ctx *ctx, const char *role, const char *name)
{
	uint8_t digest[SHA256_SIZE];
	struct sha256_engine engine;
	struct sha256 sha;
	char hex[2 * SHA256_SIZE + 1];
	struct bytes bytes;

	if (!strcmp(name, "-") || file_read(ctx, name, 0, &bytes)) {
		err_clear(&ctx->err);
		return arena_printf(&ctx->arena, "%s - - %s\n", role, clean(&ctx->arena, name));
	}
	sha256_fastest(&engine);
	sha256_init(&sha);
	sha256_update(&sha, &engine, bytes.data, bytes.size);
	sha256_final(&sha, &engine, digest);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return arena_printf(&ctx->arena, "%s %zu %s %s\n", role, bytes.size, hex,
			    clean(&ctx->arena, name));
}

static struct tar_member about(struct ctx *ctx, const struct request *req, char **argv)
{
	struct arena *arena = &ctx->arena;
	const char *text = arena_printf(arena,
					"tool kexec-tools " PACKAGE_VERSION " (kexec-pie)\n"
					"arch %s\ncommand",
					req->chosen->name);

	for (; *argv; argv++)
		text = arena_printf(arena, "%s %s", text, argument(ctx, req, *argv));
	text = arena_printf(arena, "%s\n", text);
	if (req->kernel)
		text = arena_printf(arena, "%s%s", text, describe_file(ctx, "kernel", req->kernel));
	for (size_t i = 0; i < req->initrd_count; i++)
		text = arena_printf(arena, "%s%s", text,
				    describe_file(ctx, "initrd", req->initrds[i]));
	return (struct tar_member){ .path = CAPTURE_ABOUT,
				    .bytes = { (const uint8_t *)text, strlen(text) } };
}

const char *capture_arch(struct ctx *ctx, const struct sysroot *root)
{
	const struct tar_member *member = root->tar ? tar_find(ctx, root->tar, CAPTURE_ABOUT)
						    : NULL;
	const char *text;

	if (!member || !member->bytes.size)
		return NULL;
	text = arena_strndup(&ctx->arena, (const char *)member->bytes.data, member->bytes.size);
	text = strstr(text, "\narch ");
	if (!text)
		return NULL;
	return arena_strndup(&ctx->arena, text + 6, strcspn(text + 6, "\n"));
}

static void count(struct ctx *ctx, const struct tar_member *m, struct capture_report *report)
{
	int why = m->open_error ? m->open_error : m->read_error;

	report->files += !m->directory && !why;
	if (!why || why == ENODATA)
		return;
	if (!report->unreadable++)
		report->first_unreadable = arena_printf(&ctx->arena, "/%s: %s", m->path,
							strerror(why));
}

static bool write_members(struct ctx *ctx, int fd, const struct tar *tar)
{
	static const uint8_t zeros[2 * TAR_BLOCK];

	for (size_t i = 0; i < tar->count; i++) {
		const struct tar_member *m = &tar->member[i];

		if (!fd_write(fd, tar_member_header(ctx, m)) || !fd_write(fd, m->bytes) ||
		    !fd_write(fd, (struct bytes){ zeros, tar_padding(m) }))
			return false;
	}
	return fd_write(fd, (struct bytes){ zeros, sizeof(zeros) });
}

int capture_write(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		  char **argv, struct capture_report *report)
{
	struct recorder *r = root->recorder;
	struct new_file file;
	struct tar tar;
	int ret;

	*report = (struct capture_report){ 0 };
	r->member = arena_grow(&ctx->arena, r->member, r->count, sizeof(*r->member));
	r->member[r->count++] = about(ctx, req, argv);
	tar = (struct tar){ r->member, r->count };
	merge_reads(&tar);
	mark_directories(ctx, &tar);
	for (size_t i = 0; i < tar.count; i++) {
		report->masked += capture_mask(ctx, req->capture_secrets, &tar.member[i]);
		count(ctx, &tar.member[i], report);
	}
	report->files--; /* the description */
	ret = new_file_begin(ctx, req->capture, &file);
	if (ret)
		return err_prefix(&ctx->err, "--capture");
	ret = write_members(ctx, file.fd, &tar)
		      ? 0
		      : err_set(&ctx->err, -errno, "%s: %s", req->capture, strerror(errno));
	ret = new_file_end(ctx, &file, ret, 0600);
	return ret ? err_prefix(&ctx->err, "--capture") : 0;
}
