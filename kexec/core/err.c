/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the one error of a run. */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Returned if the caller passed no struct err, which would contain the real code. */
#define NO_ERR_CODE (-EINVAL)

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->status = EXIT_STATUS_USAGE;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char inner[sizeof(err->what)];
	va_list ap;
	size_t used;

	if (!err)
		return NO_ERR_CODE;
	memcpy(inner, err->what, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	used = strlen(err->what);
	snprintf(err->what + used, sizeof(err->what) - used, ": %s", inner);
	return err->code;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return NO_ERR_CODE;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return err->code;
}

int err_status(struct err *err, int status)
{
	if (!err)
		return NO_ERR_CODE;
	err->status = status;
	return err->code;
}

void err_clear(struct err *err)
{
	memset(err, 0, sizeof(*err));
}
