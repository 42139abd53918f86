/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log as a ring of records (kernel/printk/printk.c, Linux 3.5 to 5.9).  A record is a
 * header and its text, and is never split.  A length of 0 means that the next record is at
 * the start of the buffer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "log_reader.h"
#include "status.h"

/* A time of 8 bytes, and three lengths of 2 bytes each. */
#define SMALLEST_HEADER 14u

struct layout {
	uint64_t size, ts_nsec, len, text_len;
	uint64_t facility; /* the level is in the next byte; 0: unknown */
	uint64_t caller_id; /* 0: not recorded */
};

struct ring {
	struct layout layout;
	uint64_t buf, size, first, next;
};

/* Looks up SIZE(log) or OFFSET(log.field).  Linux from 3.11 on calls the struct printk_log. */
static bool layout_number(struct dmesg *d, const char *kind, const char *field, uint64_t *value)
{
	static const char *const structs[] = { "printk_log", "log" };
	char key[64];

	for (size_t i = 0; i < ARRAY_SIZE(structs); i++) {
		snprintf(key, sizeof(key), "%s(%s%s%s)", kind, structs[i], *field ? "." : "",
			 field);
		if (vmcoreinfo_number(&d->info, key, value))
			return true;
	}
	return false;
}

static int no_layout(struct dmesg *d, const char *what, int status)
{
	return vmcore_error(d->ctx, d->core, status, -ENOENT,
			    "VMCOREINFO does not contain the %s of a log record", what);
}

static int read_layout(struct dmesg *d, struct layout *layout)
{
	uint64_t dict_len;

	if (!layout_number(d, "SIZE", "", &layout->size) || !layout->size)
		return no_layout(d, "size", STATUS_LAYOUT_SIZE);
	if (!layout_number(d, "OFFSET", "ts_nsec", &layout->ts_nsec))
		return no_layout(d, "time", STATUS_LAYOUT_TIME);
	if (!layout_number(d, "OFFSET", "len", &layout->len))
		return no_layout(d, "length", STATUS_LAYOUT_LENGTH);
	if (!layout_number(d, "OFFSET", "text_len", &layout->text_len))
		return no_layout(d, "text length", STATUS_LAYOUT_TEXT_LENGTH);
	if (layout->size < SMALLEST_HEADER) {
		err_set(&d->ctx->err, -EINVAL,
			"%s: VMCOREINFO says that the header of a log record has %" PRIu64
			" bytes, expected at least %u",
			d->core->in.name, layout->size, SMALLEST_HEADER);
		return err_status(&d->ctx->err, STATUS_LAYOUT_SIZE);
	}
	if (!layout_number(d, "OFFSET", "dict_len", &dict_len))
		dict_len = layout->text_len + 2;
	/*
	 * VMCOREINFO has no lines for facility and level.  In all kernels with this format,
	 * they follow the three lengths.
	 */
	if (layout->len + 2 == layout->text_len && layout->text_len + 2 == dict_len &&
	    layout->size >= 4 && dict_len + 2 <= layout->size - 2)
		layout->facility = dict_len + 2;
	if (!layout_number(d, "OFFSET", "caller_id", &layout->caller_id))
		layout->caller_id = 0;
	return 0;
}

static int read_ring(struct dmesg *d, struct ring *ring)
{
	uint64_t buf_at, size_at, first_at, next_at;

	if (dmesg_symbol(d, "log_buf", STATUS_RECORD_LOG_BUF, &buf_at) ||
	    dmesg_symbol(d, "log_buf_len", STATUS_RECORD_LOG_BUF_LEN, &size_at) ||
	    dmesg_symbol(d, "log_first_idx", STATUS_RECORD_FIRST, &first_at) ||
	    dmesg_symbol(d, "log_next_idx", STATUS_RECORD_NEXT, &next_at) ||
	    read_layout(d, &ring->layout) || dmesg_word(d, "log_buf", buf_at, &ring->buf) ||
	    dmesg_u32(d, "log_buf_len", size_at, &ring->size) ||
	    dmesg_u32(d, "log_first_idx", first_at, &ring->first) ||
	    dmesg_u32(d, "log_next_idx", next_at, &ring->next))
		return d->ctx->err.code;
	if (ring->size && ring->size <= LOG_BUF_MAX)
		return 0;
	return vmcore_error(d->ctx, d->core, STATUS_RECORD_LOG_BUF_LEN, -EINVAL,
			    "log_buf_len is %" PRIu64, ring->size);
}

static int outside(struct dmesg *d, const struct ring *ring, uint64_t index)
{
	return vmcore_error(d->ctx, d->core, STATUS_OUTSIDE, -EINVAL,
			    "the record at index 0x%" PRIx64
			    " of the log leaves the buffer of 0x%" PRIx64 " bytes",
			    index, ring->size);
}

static int cycle(struct dmesg *d)
{
	return vmcore_error(d->ctx, d->core, STATUS_CYCLE, -ELOOP,
			    "the records of the log go round without an end");
}

static void read_level(struct dmesg *d, uint64_t at, struct record *r)
{
	uint64_t value;

	if (!vmcore_number(d->core, at, 1, &value))
		return;
	r->facility = (int)value;
	if (vmcore_number(d->core, at + 1, 1, &value))
		r->level = record_level(d->core, (uint8_t)value);
}

static bool read_header(struct dmesg *d, const struct layout *layout, uint64_t at, struct record *r,
			uint64_t *len)
{
	uint64_t text_len, caller;

	*r = (struct record){ .has_time = true, .level = UNKNOWN, .facility = UNKNOWN };
	if (!vmcore_number(d->core, at + layout->len, 2, len))
		return false;
	if (!*len)
		return true;
	if (!vmcore_number(d->core, at + layout->ts_nsec, 8, &r->ts_nsec) ||
	    !vmcore_number(d->core, at + layout->text_len, 2, &text_len))
		return false;
	r->text_size = (size_t)text_len;
	if (layout->facility)
		read_level(d, at + layout->facility, r);
	if (layout->caller_id && vmcore_number(d->core, at + layout->caller_id, 4, &caller)) {
		r->has_caller = true;
		r->caller_id = (uint32_t)caller;
	}
	return true;
}

/*
 * Prints the record at *index and moves *index to the next record.  -EAGAIN: the next record
 * is at the start of the buffer, or the record's header cannot be read.
 */
static int print_one(struct dmesg *d, const struct ring *ring, uint64_t *index)
{
	const struct layout *layout = &ring->layout;
	struct record r;
	uint64_t len;

	if (*index >= ring->size || layout->size > ring->size - *index)
		return outside(d, ring, *index);
	if (!read_header(d, layout, ring->buf + *index, &r, &len)) {
		dmesg_unread(d, "the record at index 0x%" PRIx64 " of the log is missing", *index);
		return -EAGAIN;
	}
	if (!len)
		return -EAGAIN;
	if (len > ring->size - *index || len < layout->size || r.text_size > len - layout->size)
		return outside(d, ring, *index);
	dmesg_text(d, ring->buf + *index + layout->size, &r);
	output_record(d->output, &r);
	*index += len;
	return 0;
}

int dmesg_records(struct dmesg *d)
{
	struct ring ring;
	uint64_t index;
	bool wrapped;
	int ret;

	if (read_ring(d, &ring))
		return d->ctx->err.code;
	index = ring.first;
	wrapped = ring.first <= ring.next;
	while (index != ring.next) {
		if (wrapped && index > ring.next)
			return cycle(d);
		ret = print_one(d, &ring, &index);
		if (ret == -EAGAIN && wrapped)
			return d->gaps ? dmesg_gaps(d, STATUS_GAP) : cycle(d);
		if (ret == -EAGAIN) {
			wrapped = true;
			index = 0;
		} else if (ret) {
			return ret;
		}
	}
	return dmesg_gaps(d, STATUS_GAP);
}
