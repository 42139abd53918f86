/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load, unload, status and start by the hypervisor, in Xen's control domain. */
#include "submit_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"

static const struct {
	int error;
	const char *why;
	const char *next;
} causes[] = {
	{ EPERM, "Xen does not allow this domain to use kexec",
	  "Run kexec in the control domain." },
	{ ENOSYS, "this Xen was built without kexec, or is too old for this call",
	  "Boot a newer Xen, built with kexec." },
	{ EINVAL, "Xen does not take such an image", "Xen's log may have the reason: xl dmesg" },
	{ ENOMEM, "neither Xen nor this domain has memory for a copy of the image",
	  "Leave more memory to Xen: dom0_mem= on its command line." },
	{ EADDRNOTAVAIL, "Xen does not accept the place of a segment",
	  "Xen's log may have the reason: xl dmesg" },
	{ EBUSY, "Xen is busy with another kexec", "Try again." },
};

/* Status 255: "WHAT failed: strerror: why". */
static int failed(struct ctx *ctx, const char *what, int ret)
{
	const char *why = NULL, *next = "";

	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].error == -ret) {
			why = causes[i].why;
			next = causes[i].next;
		}
	}
	err_set(&ctx->err, ret, "%s failed: %s%s%s", what, strerror(-ret), why ? ": " : "",
		why ? why : "");
	err_hint(&ctx->err, "%s", next);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* -EINVAL for a live update: Xen up to 4.17 has no live updates. */
static int failed_slot(struct ctx *ctx, const char *what, enum xen_slot slot, int ret)
{
	if (slot != XEN_SLOT_LIVE_UPDATE || ret != -EINVAL)
		return failed(ctx, what, ret);
	err_set(&ctx->err, ret, "%s failed: %s: this Xen has no live update", what, strerror(-ret));
	err_hint(&ctx->err, "Load the new Xen with -l, and start it with -e.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static int by_start(const void *a, const void *b)
{
	uint64_t x = ((const struct xen_segment *)a)->range.start;
	uint64_t y = ((const struct xen_segment *)b)->range.start;

	return x < y ? -1 : x > y;
}

/*
 * Makes the scratch memory of a segment a segment of its own.  Xen writes zeros only into segments
 * with bytes.
 */
static size_t split(const struct segment *s, uint64_t page_size, struct xen_segment *out)
{
	static const uint8_t zero;
	struct range data = s->range;

	if (s->scratch && s->bytes.size)
		data.end = data.start + round_up(s->bytes.size, page_size);
	out[0] = (struct xen_segment){ s->bytes, data };
	if (!s->bytes.size)
		out[0].bytes = (struct bytes){ &zero, 1 };
	out[1] = (struct xen_segment){ .range = { data.end, s->range.end } };
	return range_empty(out[1].range) ? 1 : 2;
}

/*
 * Xen maps only segments for the next kernel.  The gaps of the first MiB become segments without
 * bytes, because purgatory copies low memory and writes to the screen.
 */
size_t xen_segments(const struct plan *plan, struct xen_segment out[XEN_SEGMENTS_ROOM])
{
	size_t parts = 0, count;
	uint64_t at = 0;

	for (size_t i = 0; i < plan->segments; i++)
		parts += split(&plan->segment[i], plan->page_size, &out[parts]);
	qsort(out, parts, sizeof(*out), by_start);
	count = parts;
	for (size_t i = 0; i <= parts && at < MIB; i++) {
		uint64_t next = i < parts ? out[i].range.start : MIB;
		struct range gap = { at, next < MIB ? next : MIB };

		if (!range_empty(gap))
			out[count++] = (struct xen_segment){ .range = gap };
		if (i < parts)
			at = out[i].range.end;
	}
	qsort(out, count, sizeof(*out), by_start);
	return count;
}

/*
 * The state that Xen reports for a slot is a bit that every load and every unload inverts (Xen
 * 4.17), so it is right only if loads and unloads alternate.  If it is wrong after a call, the call
 * is made once more.
 */
int xen_unload_slot(struct ctx *ctx, struct xen *xen, enum xen_slot slot)
{
	int ret = xen_unload(xen, slot);

	if (!ret && xen_status(xen, slot) == 1)
		ret = xen_unload(xen, slot);
	return ret ? failed(ctx, "kexec unload", ret) : 0;
}

int xen_load_plan(struct ctx *ctx, struct xen *xen, enum xen_slot slot, const struct plan *plan)
{
	struct xen_segment segment[XEN_SEGMENTS_ROOM] = { 0 };
	size_t count = xen_segments(plan, segment);
	uint16_t machine = (uint16_t)(plan->kexec_flags >> 16);
	int ret;

	if (count > XEN_MAX_SEGMENTS)
		return err_set(&ctx->err, -E2BIG,
			       "the load has %zu segments, %zu of them for memory that is only "
			       "mapped; Xen takes %d",
			       count, count - plan->segments, XEN_MAX_SEGMENTS);
	for (size_t i = 0; i < count; i++)
		log_debug(&ctx->log, "xen: segment 0x%" PRIx64 "-0x%" PRIx64 ", %zu bytes",
			  segment[i].range.start, segment[i].range.end - 1, segment[i].bytes.size);
	ret = xen_load(xen, slot, machine, plan->entry, segment, count);
	if (!ret && !xen_status(xen, slot))
		ret = xen_load(xen, slot, machine, plan->entry, segment, count);
	return ret ? failed_slot(ctx, "kexec_load", slot, ret) : 0;
}

int submit_xen_load(struct ctx *ctx, const struct plan *plan, enum xen_slot slot)
{
	struct xen xen;
	int ret = xen_open(ctx, &xen);

	if (ret)
		return ret;
	ret = xen_load_plan(ctx, &xen, slot, plan);
	xen_close(&xen);
	return ret;
}

int submit_xen_unload(struct ctx *ctx, enum xen_slot slot)
{
	struct xen xen;
	int ret = xen_open(ctx, &xen);

	if (ret)
		return ret;
	ret = xen_unload_slot(ctx, &xen, slot);
	xen_close(&xen);
	return ret;
}

int submit_xen_status(struct ctx *ctx, enum xen_slot slot, bool *loaded)
{
	struct xen xen;
	int ret = xen_open(ctx, &xen);

	if (ret)
		return ret;
	ret = xen_status(&xen, slot);
	xen_close(&xen);
	*loaded = ret > 0;
	return ret < 0 ? failed(ctx, "kexec status", ret) : 0;
}

int submit_xen_exec(struct ctx *ctx, enum xen_slot slot)
{
	struct xen xen;
	int ret = xen_open(ctx, &xen);

	if (ret)
		return ret;
	ret = xen_exec(&xen, slot);
	xen_close(&xen);
	if (!ret && slot == XEN_SLOT_LIVE_UPDATE)
		return 0;
	return failed_slot(ctx, "kexec", slot, ret ? ret : -EIO);
}
