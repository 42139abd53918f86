/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed files.  Each format is one entry of a table and one small file
 * around its library; a format that was left out at configure time is still
 * recognised, so that the error can say so.
 */
#ifndef COMPRESS_COMPRESS_H
#define COMPRESS_COMPRESS_H

#include "../core/bytes.h"
#include "../core/ctx.h"

struct sink;

struct decompressor {
	const char *name;	/* "gzip", "xz", "lzma", "zstd" */
	bool (*probe)(struct bytes in);
	/*
	 * Feeds everything to the sink.  NULL: this build lacks the library.
	 * -EBADMSG with offset and reason: the stream is damaged or cut short.
	 * Members and frames that follow each other are one stream; zero bytes
	 * behind the last one are padding; anything else behind it is refused.
	 */
	int (*decompress)(struct ctx *ctx, struct bytes in, struct sink *sink);
};

/* The format of these bytes, or NULL: not compressed by any that we know. */
const struct decompressor *compress_probe(struct bytes in);

/*
 * Decompresses in to memory of ctx's arena that grows with the output, never
 * with what a header claims.  More than limit bytes: -EFBIG.
 */
int decompress(struct ctx *ctx, const struct decompressor *format, struct bytes in, uint64_t limit,
	       struct bytes *out);

/* For the formats: a growing area.  room is never 0 after sink_room() returned 0. */
struct sink {
	uint8_t *data;
	size_t used;
	size_t room;
	uint64_t limit;
};

/* Makes sure that data[used .. room) is not empty.  -EFBIG at the limit, -ENOMEM. */
int sink_room(struct ctx *ctx, struct sink *sink);

extern const struct decompressor decompressor_gzip, decompressor_xz, decompressor_lzma,
	decompressor_zstd;

#endif
