/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that the readers of all formats of the log share. */
#include "log_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "status.h"

#define GAPS_SHOWN 10u

static void warn_of_gap(struct dmesg *d, const char *why, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void warn_of_gap(struct dmesg *d, const char *why, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	log_warn(&d->ctx->log, "%s%s%s", text, *why ? ": " : "", why);
}

void dmesg_gap(struct dmesg *d, const char *fmt, ...)
{
	va_list ap;

	if (d->gaps++ >= GAPS_SHOWN)
		return;
	va_start(ap, fmt);
	warn_of_gap(d, "", fmt, ap);
	va_end(ap);
}

void dmesg_unread(struct dmesg *d, const char *fmt, ...)
{
	va_list ap;

	if (d->gaps++ >= GAPS_SHOWN)
		return;
	va_start(ap, fmt);
	warn_of_gap(d, vmcore_why(d->ctx, d->core), fmt, ap);
	va_end(ap);
}

int dmesg_gaps(struct dmesg *d, int status)
{
	if (!d->gaps)
		return 0;
	return vmcore_error(d->ctx, d->core, status, -EIO,
			    "the log has gaps: %" PRIu64 " parts could not be read", d->gaps);
}

int dmesg_symbol(struct dmesg *d, const char *name, int status, uint64_t *address)
{
	if (vmcoreinfo_symbol(&d->info, name, address))
		return 0;
	if (d->info.text.size)
		return vmcore_error(d->ctx, d->core, status, -ENOENT,
				    "VMCOREINFO has no line SYMBOL(%s)=", name);
	return vmcore_error(d->ctx, d->core, status, -ENOENT,
			    "there is no note VMCOREINFO that says where the kernel keeps its log");
}

int dmesg_u32(struct dmesg *d, const char *name, uint64_t address, uint64_t *value)
{
	return vmcore_number(d->core, address, 4, value)
		       ? 0
		       : vmcore_fail(d->ctx, d->core, name, STATUS_NUMBER_READ);
}

int dmesg_word(struct dmesg *d, const char *name, uint64_t address, uint64_t *value)
{
	return vmcore_number(d->core, address, d->core->word_size, value)
		       ? 0
		       : vmcore_fail(d->ctx, d->core, name, STATUS_POINTER_READ);
}

void dmesg_text(struct dmesg *d, uint64_t address, struct record *r)
{
	size_t got = vmcore_read(d->core, address, d->text, r->text_size);

	if (got < r->text_size)
		dmesg_unread(d, "%zu bytes of text are missing", r->text_size - got);
	if (is_left_out(d->text, got)) {
		dmesg_gap(d, "%zu bytes of text are not in the dump", got);
		got = 0;
	}
	r->text = d->text;
	r->text_size = got;
}
