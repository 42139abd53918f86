/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a baked image. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bake.h"
#include "core/array.h"
#include "core/fd.h"

/* Signals that end kexec; SIGBUS: a mapped input file was truncated. */
static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGBUS };

/* The temporary file, for the handler of the signals. */
static const char *unfinished;
static struct sigaction earlier[ARRAY_SIZE(signals)];

/* Then the earlier handler runs, or the signal ends kexec. */
static void on_signal(int number)
{
	unlink(unfinished);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i] == number)
			sigaction(number, &earlier[i], NULL);
	raise(number);
}

/* Makes the temporary file name, which ends with XXXXXX.  Returns as mkstemp(3). */
static int open_unfinished(char *name)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set, mask;
	int fd, error;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	action.sa_mask = set;
	sigprocmask(SIG_BLOCK, &set, &mask);
	fd = mkstemp(name);
	error = errno;
	unfinished = name;
	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &earlier[i]);
		if (earlier[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	errno = error;
	return fd;
}

static void restore_signals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &earlier[i], NULL);
}

static bool put_zeros(int fd, uint64_t size)
{
	static const uint8_t zeros[65536];
	bool done = true;

	for (uint64_t part; done && size; size -= part) {
		part = size < sizeof(zeros) ? size : sizeof(zeros);
		done = fd_write(fd, (struct bytes){ zeros, (size_t)part });
	}
	return done;
}

static int write_to(struct ctx *ctx, int fd, const char *name, const struct baked *baked)
{
	uint64_t end = BAKE_PURGATORY + baked->purgatory.size;
	bool done = fd_write(fd, baked->front) && fd_write(fd, baked->purgatory);

	for (size_t i = 0; done && i < baked->parts; i++) {
		uint64_t offset = bake_part_offset(baked, i);

		if (!baked->part[i].size)
			continue;
		done = put_zeros(fd, offset - end) && fd_write(fd, baked->part[i]);
		end = offset + baked->part[i].size;
	}
	return done ? 0 : err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
}

/* Writes the temporary file and gives it its name. */
static int finish(struct ctx *ctx, int fd, const char *temporary, mode_t mode,
		  const struct baked *baked)
{
	const char *name = baked->file;
	int ret = write_to(ctx, fd, name, baked);

	if (!ret && (fchmod(fd, mode) || fsync(fd)))
		ret = err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
	if (close(fd) && !ret)
		ret = err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
	if (!ret && rename(temporary, name))
		ret = err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
	if (ret)
		unlink(temporary);
	return ret;
}

/* A temporary file beside the final name, so that rename() replaces the file at once. */
int bake_write(struct ctx *ctx, const struct load *load, const struct baked *baked)
{
	char *temporary = arena_printf(&ctx->arena, "%s.XXXXXX", baked->file);
	mode_t mask = umask(0);
	struct stat st;
	int fd, ret;

	umask(mask);
	if (!strcmp(baked->file, "-"))
		return write_to(ctx, STDOUT_FILENO, "standard output", baked);
	if (!stat(baked->file, &st) && !S_ISREG(st.st_mode))
		return err_set(&ctx->err, -EINVAL, "%s exists and is no regular file", baked->file);
	fd = open_unfinished(temporary);
	if (fd < 0)
		return err_set(&ctx->err, -errno, "%s: cannot make a file beside it: %s",
			       baked->file, strerror(errno));
	ret = finish(ctx, fd, temporary, (load->initrd.bytes.size ? 0600 : 0644) & ~mask, baked);
	restore_signals();
	return ret;
}
