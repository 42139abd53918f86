/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes records of the log as text or JSON (vmcore-dmesg.8). */
#ifndef VMCORE_OUTPUT_H
#define VMCORE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/ctx.h"
#include "core/json.h"

#define UNKNOWN (-1)

struct record {
	bool has_seq, has_time, has_caller;
	uint64_t seq;
	uint64_t ts_nsec; /* since boot */
	int level; /* 0 to 7, or UNKNOWN */
	int facility; /* 0 to 255, or UNKNOWN */
	uint32_t caller_id; /* a CPU with bit 31 set, else a thread */
	const uint8_t *text;
	size_t text_size; /* at most RECORD_TEXT_MAX */
};

/* text_len has 16 bits. */
#define RECORD_TEXT_MAX 65535u

enum output_format {
	OUTPUT_TEXT,
	OUTPUT_RAW, /* every line begins with <facility * 8 + level> and the time */
	OUTPUT_JSON,
};

struct output {
	FILE *out;
	enum output_format format;
	struct json json;
	char *text; /* of the record at hand, escaped; for JSON only */
};

/* output lives as long as ctx's arena. */
void output_begin(struct ctx *ctx, struct output *output, FILE *out, enum output_format format);
void output_record(struct output *output, const struct record *record);
/* Bytes of a log that has no records, unchanged.  Not for OUTPUT_JSON. */
void output_bytes(struct output *output, const uint8_t *data, size_t size);
void output_end(struct output *output);

#endif
