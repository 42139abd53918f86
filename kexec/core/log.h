/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where warnings, the debug trace and progress go.  Stages talk to this
 * struct, never to a stream.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct log {
	void (*line)(void *data, const char *level, const char *text);
	/* Long work: done of total bytes.  May be NULL. */
	void (*progress)(void *data, const char *work, uint64_t done, uint64_t total);
	void *data;
	bool debug;
};

/* A person should know: something asked for was left out, or looks wrong. */
void log_warn(struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Only with -d.  Under 80 lines a run: say decisions, not loops. */
void log_debug(struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void log_progress(struct log *log, const char *work, uint64_t done, uint64_t total);

#endif
