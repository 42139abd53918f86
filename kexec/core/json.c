/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A JSON writer. */
#include "json.h"

#include <inttypes.h>

#include "print.h"

static void write_separator(struct json *json)
{
	if (json->depth && !json->first)
		fputc(',', json->out);
	if (json->depth)
		fprintf(json->out, "\n%*s", json->depth * 2, "");
	json->first = false;
}

static void write_quoted(FILE *out, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	fputc('"', out);
	while (*s) {
		size_t length = utf8_length(s);

		if (*s == '"' || *s == '\\') {
			fprintf(out, "\\%c", *s++);
		} else if (!length || *s < 0x20 || *s == 0x7f) {
			fprintf(out, "\\u%04x", *s++);
		} else {
			fwrite(s, 1, length, out);
			s += length;
		}
	}
	fputc('"', out);
}

static void write_key(struct json *json, const char *key)
{
	write_separator(json);
	if (key) {
		write_quoted(json->out, key);
		fputs(": ", json->out);
	}
}

static void begin(struct json *json, const char *key, char bracket)
{
	write_key(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->first = true;
}

static void end(struct json *json, char bracket)
{
	json->depth--;
	if (!json->first)
		fprintf(json->out, "\n%*s", json->depth * 2, "");
	fputc(bracket, json->out);
	json->first = false;
}

void json_begin_object(struct json *json, const char *key)
{
	begin(json, key, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json, const char *key)
{
	begin(json, key, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	write_key(json, key);
	if (value)
		write_quoted(json->out, value);
	else
		fputs("null", json->out);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	write_key(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	write_key(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
	write_key(json, key);
	fprintf(json->out, "\"0x%" PRIx64 "\"", value);
}

void json_hex_bytes(struct json *json, const char *key, const uint8_t *data, size_t size)
{
	write_key(json, key);
	fputc('"', json->out);
	for (size_t i = 0; i < size; i++)
		fprintf(json->out, "%02x", data[i]);
	fputc('"', json->out);
}

void json_end(struct json *json)
{
	fputc('\n', json->out);
}
