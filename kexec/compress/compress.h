/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed files.  Each format is one entry of a table and one small file
 * around its library; a format that was left out at configure time, or that nothing
 * here reads, is still recognised, so that the error can say so.
 */
#ifndef COMPRESS_COMPRESS_H
#define COMPRESS_COMPRESS_H

#include "core/bytes.h"
#include "core/ctx.h"

struct sink;

struct decompressor {
	const char *name; /* "gzip", "xz" ..., as mkimage and the kernel's build call it */
	bool (*probe)(struct bytes in);
	/*
	 * Feeds everything to the sink.  NULL: this build cannot.
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

/*
 * For the formats: a growing area.  data[used .. room) is free; room may be one
 * byte more than limit, so that a decoder which has given exactly limit bytes
 * can still read its checksum.
 */
struct sink {
	uint8_t *data;
	size_t used;
	size_t room;
	uint64_t limit;
};

/* Makes sure that data[used .. room) is not empty.  -EFBIG beyond the limit, -ENOMEM. */
int sink_room(struct ctx *ctx, struct sink *sink);

/* The most a decoder may use for itself: the largest dictionary or window in sight is half of it. */
#define DECODER_MEMORY_LOG2 28
#define DECODER_MEMORY (UINT64_C(1) << DECODER_MEMORY_LOG2)

/* For the formats, what all of them report.  Each returns its negative errno. */
int compress_cut_short(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		       const struct sink *sink);
int compress_damaged(struct ctx *ctx, const struct decompressor *format, uint64_t offset,
		     const char *reason);

/*
 * A member ended at *offset.  1: another one begins at *offset, which was moved
 * over padding; 0: that was the last; -EBADMSG: something else follows.
 */
int compress_next(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		  size_t *offset);

extern const struct decompressor decompressor_gzip, decompressor_xz, decompressor_lzma,
	decompressor_zstd, decompressor_bzip2, decompressor_lz4, decompressor_lzo;

#endif
