/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "new_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"

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

int new_file_begin(struct ctx *ctx, const char *name, struct new_file *file)
{
	struct stat st;

	*file = (struct new_file){ .name = name, .fd = STDOUT_FILENO };
	if (!strcmp(name, "-"))
		return 0;
	if (!stat(name, &st) && !S_ISREG(st.st_mode))
		return err_set(&ctx->err, -EINVAL, "%s exists and is no regular file", name);
	file->unfinished = arena_printf(&ctx->arena, "%s.XXXXXX", name);
	file->fd = open_unfinished(file->unfinished);
	if (file->fd < 0)
		return err_set(&ctx->err, -errno, "%s: cannot make a file beside it: %s", name,
			       strerror(errno));
	return 0;
}

int new_file_end(struct ctx *ctx, struct new_file *file, int ret, mode_t mode)
{
	mode_t mask = umask(0);

	umask(mask);
	if (!file->unfinished)
		return ret;
	if (!ret && (fchmod(file->fd, mode & ~mask) || fsync(file->fd)))
		ret = err_set(&ctx->err, -errno, "%s: %s", file->name, strerror(errno));
	if (close(file->fd) && !ret)
		ret = err_set(&ctx->err, -errno, "%s: %s", file->name, strerror(errno));
	if (!ret && rename(file->unfinished, file->name))
		ret = err_set(&ctx->err, -errno, "%s: %s", file->name, strerror(errno));
	if (ret)
		unlink(file->unfinished);
	restore_signals();
	return ret;
}
