/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receiver of warnings, the debug trace and progress.  Stages report to this struct and
 * write to no stream themselves.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct log {
	void (*line)(void *data, const char *level, const char *text);
	/* Long work: done of total bytes (total 0: unknown).  May be NULL. */
	void (*progress)(void *data, const char *work, uint64_t done, uint64_t total);
	void *data;
	bool debug;
	bool quiet; /* warnings are debug lines */
};

/* For the user: something that was asked for is left out, or something looks wrong. */
void log_warn(struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Printed with -d only.  A run prints less than 80 lines: log decisions, not every loop step. */
void log_debug(struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void log_progress(struct log *log, const char *work, uint64_t done, uint64_t total);

#endif
