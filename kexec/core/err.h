/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error of a run.  A function that fails fills struct err and returns the
 * negative errno code of the error.  Only main.c prints the error.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/* Exit statuses that scripts rely on (kexec.8, EXIT STATUS). */
enum exit_status {
	EXIT_STATUS_USAGE = 1,
	EXIT_STATUS_NO_FILE_CALL = 253,
	EXIT_STATUS_REFUSED = 255,
};

#define ERR_WHAT_SIZE (4096 + 1024) /* a path of PATH_MAX and a sentence */

struct err {
	int code; /* negative errno; 0: no failure yet */
	int status; /* process exit status: 1, or the value that err_status() set */
	char what[ERR_WHAT_SIZE]; /* one sentence: file, place, found and expected */
	char hint[512]; /* what to do next; may be empty */
};

/*
 * Reports an error with exit status 1 and no hint.  fmt: the sentence.  Returns code.
 *
 * err_prefix(), err_hint() and err_status() return the code of the reported error.
 * err is NULL if the caller only asks whether a function fails.  These three return
 * -EINVAL then, because no code is stored.
 */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "text: " before the sentence that an inner function reported. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint, the next step for the user, of an error that is already reported. */
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the exit status of an error that is already reported. */
int err_status(struct err *err, int status);

/* Forgets the error, for a caller that goes on without the result. */
void err_clear(struct err *err);

#endif
