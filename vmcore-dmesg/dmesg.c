/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chooses the format of the log.  Functions that all formats share. */
#include "dmesg.h"

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
	err_set(&d->ctx->err, -EIO, "%s: the log has gaps: %" PRIu64 " parts could not be read",
		d->core->in.name, d->gaps);
	return err_status(&d->ctx->err, status);
}

int dmesg_symbol(struct dmesg *d, const char *name, int status, uint64_t *address)
{
	if (vmcoreinfo_symbol(&d->info, name, address))
		return 0;
	if (d->info.text.size)
		err_set(&d->ctx->err, -ENOENT,
			"%s: VMCOREINFO has no line SYMBOL(%s)=", d->core->in.name, name);
	else
		err_set(&d->ctx->err, -ENOENT,
			"%s: there is no note VMCOREINFO that says where "
			"the kernel keeps its log",
			d->core->in.name);
	return err_status(&d->ctx->err, status);
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
	r->text = d->text;
	r->text_size = got;
}

int dmesg_print(struct ctx *ctx, struct vmcore *core, struct output *output)
{
	struct dmesg *d = arena_alloc(&ctx->arena, sizeof(*d));
	uint64_t address;

	d->ctx = ctx;
	d->core = core;
	d->output = output;
	if (vmcoreinfo_read(ctx, core, &d->info))
		return ctx->err.code;
	if (vmcoreinfo_symbol(&d->info, "prb", &address))
		return dmesg_lockless(d);
	if (vmcoreinfo_symbol(&d->info, "log_first_idx", &address))
		return dmesg_records(d);
	return dmesg_bytes(d);
}
