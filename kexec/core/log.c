/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats lines and passes them to the callbacks of struct log. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "err.h"

static void log_line(struct log *log, const char *level, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void log_line(struct log *log, const char *level, const char *fmt, va_list ap)
{
	char text[ERR_WHAT_SIZE];

	if (!log->line)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	log->line(log->data, level, text);
}

void log_warn(struct log *log, const char *fmt, ...)
{
	va_list ap;

	if (log->quiet && !log->debug)
		return;
	va_start(ap, fmt);
	log_line(log, log->quiet ? "debug" : "warning", fmt, ap);
	va_end(ap);
}

void log_debug(struct log *log, const char *fmt, ...)
{
	va_list ap;

	if (!log->debug)
		return;
	va_start(ap, fmt);
	log_line(log, "debug", fmt, ap);
	va_end(ap);
}

void log_progress(struct log *log, const char *work, uint64_t done, uint64_t total)
{
	if (log->progress)
		log->progress(log->data, work, done, total);
}
