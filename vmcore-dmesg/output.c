/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes records as text or JSON. */
#include "output.h"

#include <inttypes.h>
#include <string.h>

#define ESCAPED_SIZE 4u /* \xHH */
#define CALLER_CPU 0x80000000u

static bool is_plain(uint8_t c)
{
	return (c >= ' ' && c <= '~') || (c >= '\t' && c <= '\r');
}

/*
 * Writes c, or \xHH if c is not printable in the C locale, and returns the length.  The
 * user's locale does not matter.
 */
static size_t escape(uint8_t c, char out[ESCAPED_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	if (is_plain(c)) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[c >> 4];
	out[3] = digits[c & 15];
	return ESCAPED_SIZE;
}

static void write_prefix(struct output *output, const struct record *r)
{
	if (output->format == OUTPUT_RAW && r->level != UNKNOWN)
		fprintf(output->out, "<%d>",
			(r->facility == UNKNOWN ? 0 : r->facility * 8) + r->level);
	fprintf(output->out, "[%5" PRIu64 ".%06" PRIu64 "] ", r->ts_nsec / 1000000000,
		r->ts_nsec / 1000 % 1000000);
}

void output_bytes(struct output *output, const uint8_t *data, size_t size)
{
	char escaped[ESCAPED_SIZE];

	for (size_t i = 0; i < size; i++) {
		size_t length = escape(data[i], escaped);

		fwrite(escaped, 1, length, output->out);
	}
}

static void write_text(struct output *output, const struct record *r)
{
	write_prefix(output, r);
	for (size_t i = 0; i < r->text_size; i++) {
		output_bytes(output, r->text + i, 1);
		if (output->format == OUTPUT_RAW && r->text[i] == '\n' && i + 1 < r->text_size)
			write_prefix(output, r);
	}
	putc('\n', output->out);
}

static void write_number(struct json *json, const char *key, bool known, uint64_t value)
{
	if (known)
		json_u64(json, key, value);
	else
		json_string(json, key, NULL);
}

static void write_json(struct output *output, const struct record *r)
{
	struct json *json = &output->json;
	char *text = output->text;
	char caller[16];
	size_t i, used = 0;

	for (i = 0; i < r->text_size; i++)
		used += escape(r->text[i], text + used);
	text[used] = '\0';
	snprintf(caller, sizeof(caller), "%c%" PRIu32, r->caller_id & CALLER_CPU ? 'C' : 'T',
		 r->caller_id & ~CALLER_CPU);
	json_begin_object(json, NULL);
	write_number(json, "seq", r->has_seq, r->seq);
	write_number(json, "ts_nsec", r->has_time, r->ts_nsec);
	write_number(json, "level", r->level != UNKNOWN, (uint64_t)r->level);
	write_number(json, "facility", r->facility != UNKNOWN, (uint64_t)r->facility);
	json_string(json, "caller_id", r->has_caller ? caller : NULL);
	json_string(json, "text", text);
	json_end_object(json);
}

void output_begin(struct ctx *ctx, struct output *output, FILE *out, enum output_format format)
{
	*output = (struct output){ .out = out, .format = format, .json = { .out = out } };
	if (format != OUTPUT_JSON)
		return;
	output->text = arena_alloc(&ctx->arena, RECORD_TEXT_MAX * ESCAPED_SIZE + 1);
	json_begin_array(&output->json, NULL);
}

void output_record(struct output *output, const struct record *record)
{
	if (output->format == OUTPUT_JSON)
		write_json(output, record);
	else
		write_text(output, record);
}

void output_end(struct output *output)
{
	if (output->format != OUTPUT_JSON)
		return;
	json_end_array(&output->json);
	json_end(&output->json);
}
