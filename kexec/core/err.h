/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error of a run.  A function that fails fills it and returns its
 * negative errno code; only main.c prints it.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/* Exit statuses that scripts know (kexec.8, EXIT STATUS). */
enum exit_status {
	EXIT_STATUS_USAGE = 1,
	EXIT_STATUS_NO_FILE_CALL = 253,
	EXIT_STATUS_REFUSED = 255,
};

#define ERR_WHAT_SIZE (4096 + 1024) /* a path of PATH_MAX and a sentence */

struct err {
	int code; /* negative errno; 0: no failure yet */
	int status; /* process exit status, 1 unless err_status() said otherwise */
	char what[ERR_WHAT_SIZE]; /* one sentence: file, place, found and expected */
	char hint[512]; /* what to do next; may be empty */
};

/*
 * Each returns its code, so that `return err_set(...)` reads well.
 *
 * err is NULL for a caller that only asks whether a function fails.  err_prefix(),
 * err_hint() and err_status() return -EINVAL then, as no code is kept.
 */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "text: " in front of the sentence that an inner function reported. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the next step for an error that is already reported. */
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the exit status of an error that is already reported. */
int err_status(struct err *err, int status);

/* Forgets the error.  The caller has another way to go on. */
void err_clear(struct err *err);

#endif
