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
	uint32_t caller_id; /* bit 31 set: a CPU number; clear: a thread id */
	const uint8_t *text;
	size_t text_size; /* at most RECORD_TEXT_MAX */
};

/* The kernel's text_len has 16 bits. */
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
	char *text; /* escaped text of the current record; JSON only */
};

/* output must not be used after ctx's arena is freed. */
void output_begin(struct ctx *ctx, struct output *output, FILE *out, enum output_format format);
void output_record(struct output *output, const struct record *record);
/* Writes bytes of a log without records, escaped like records.  Not for OUTPUT_JSON. */
void output_bytes(struct output *output, const uint8_t *data, size_t size);
void output_end(struct output *output);

#endif
