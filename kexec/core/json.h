/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON (RFC 8259), indented, keys in the order given.  Keeps track of
 * commas and depth; the caller pairs begin and end.
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

/* key is NULL inside arrays and at the top. */
void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);

/* Bytes that are no valid UTF-8 are written as \u00XX. */
void json_string(struct json *json, const char *key, const char *value); /* NULL: null */
void json_u64(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
/* Addresses are strings such as "0x100000": many readers keep numbers as doubles. */
void json_hex(struct json *json, const char *key, uint64_t value);
/* Two digits a byte, as digests are written. */
void json_hex_bytes(struct json *json, const char *key, const uint8_t *data, size_t size);
void json_end(struct json *json);

#endif
