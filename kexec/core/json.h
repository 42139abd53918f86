/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes indented JSON (RFC 8259) with the keys in the order of the calls.  The writer
 * keeps track of commas and depth.  The caller pairs each begin with an end.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	int depth;
	bool first; /* nothing written yet at this depth */
};

/* key: NULL inside an array and at the top level. */
void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);

/* Bytes that are not valid UTF-8 are written as \u00XX.  value NULL is written as null. */
void json_string(struct json *json, const char *key, const char *value);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
/* Writes a string such as "0x100000".  Many readers store numbers as doubles, which lose bits. */
void json_hex(struct json *json, const char *key, uint64_t value);
/* Writes a string of two hexadecimal digits per byte. */
void json_hex_bytes(struct json *json, const char *key, const uint8_t *data, size_t size);
void json_end(struct json *json);

#endif
