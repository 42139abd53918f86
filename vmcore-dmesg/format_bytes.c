/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log as a ring of bytes (kernel/printk.c before Linux 3.5).  log_end counts all bytes
 * that were ever written.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log_reader.h"
#include "status.h"

#define PIECE 4096u
#define LINE_MAX_SIZE 4096u

/* Collects a line for an output format with records. */
struct line {
	size_t used;
	uint8_t data[LINE_MAX_SIZE + 1];
};

/*
 * Parses "<6>[    1.234567] text".  Priority and time are optional.  A malformed priority or
 * time stays part of the text.
 */
static void parse_line(struct line *line, struct record *r)
{
	const char *s = (const char *)line->data, *text = s;
	unsigned long priority, us;
	unsigned long long seconds;
	char *end;

	line->data[line->used] = '\0';
	*r = (struct record){ .level = UNKNOWN, .facility = UNKNOWN };
	if (s[0] == '<' && isdigit((unsigned char)s[1])) {
		priority = strtoul(s + 1, &end, 10);
		if (*end == '>' && priority < 2048) {
			r->level = (int)(priority % 8);
			r->facility = (int)(priority / 8);
			text = end + 1;
		}
	}
	if (*text == '[') {
		seconds = strtoull(text + 1, &end, 10);
		us = *end == '.' && isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10)
								   : 1000000;
		if (us < 1000000 && seconds < UINT64_MAX / 1000000000 && *end == ']') {
			r->has_time = true;
			r->ts_nsec = seconds * 1000000000 + us * 1000;
			text = end[1] == ' ' ? end + 2 : end + 1;
		}
	}
	r->text = (const uint8_t *)text;
	r->text_size = line->used - (size_t)(text - s);
}

static void flush_line(struct dmesg *d, struct line *line)
{
	struct record r;

	parse_line(line, &r);
	output_record(d->output, &r);
	line->used = 0;
}

static void put(struct dmesg *d, struct line *line, const uint8_t *data, size_t size)
{
	if (d->output->format != OUTPUT_JSON) {
		output_bytes(d->output, data, size);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n')
			line->data[line->used++] = data[i];
		if (data[i] == '\n' || line->used == LINE_MAX_SIZE)
			flush_line(d, line);
	}
}

/* Prints a range of the log.  Skips from an unreadable byte to the next page. */
static void print_range(struct dmesg *d, struct line *line, uint64_t start, uint64_t size)
{
	uint8_t piece[PIECE];
	uint64_t done = 0;
	size_t want, got;

	while (done < size) {
		want = PIECE - (size_t)((start + done) % PIECE);
		if (want > size - done)
			want = (size_t)(size - done);
		got = vmcore_read(d->core, start + done, piece, want);
		if (is_left_out(piece, got))
			dmesg_gap(d, "%zu bytes of the log are not in the dump", got);
		else
			put(d, line, piece, got);
		if (got < want)
			dmesg_unread(d, "%zu bytes of the log are missing", want - got);
		done += want;
	}
}

static int find_log(struct dmesg *d, uint64_t *buf, uint64_t *end, uint64_t *size)
{
	uint64_t buf_at, end_at, size_at, chars_at;

	if (dmesg_symbol(d, "log_buf", STATUS_TEXT_LOG_BUF, &buf_at) ||
	    dmesg_symbol(d, "log_end", STATUS_TEXT_LOG_END, &end_at) ||
	    dmesg_symbol(d, "log_buf_len", STATUS_TEXT_LOG_BUF_LEN, &size_at) ||
	    dmesg_symbol(d, "logged_chars", STATUS_TEXT_LOGGED_CHARS, &chars_at) ||
	    dmesg_word(d, "log_buf", buf_at, buf) || dmesg_u32(d, "log_end", end_at, end) ||
	    dmesg_u32(d, "log_buf_len", size_at, size))
		return d->ctx->err.code;
	if (*size && *size < LOG_BUF_MAX)
		return 0;
	return vmcore_error(d->ctx, d->core, STATUS_TEXT_LOG_BUF_LEN, -EINVAL,
			    "log_buf_len is %" PRIu64, *size);
}

int dmesg_bytes(struct dmesg *d)
{
	struct line line = { 0 };
	uint64_t buf, end, size;

	if (find_log(d, &buf, &end, &size))
		return d->ctx->err.code;
	if (end > size)
		print_range(d, &line, buf + end % size, size - end % size);
	print_range(d, &line, buf, end > size ? end % size : end);
	if (line.used)
		flush_line(d, &line);
	return dmesg_gaps(d, STATUS_TEXT_LOG_BUF_LEN);
}
