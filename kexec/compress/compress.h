/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed files.  Each format is one entry of a table and one small file
 * around its library.  Formats that this build cannot decompress are recognised
 * too, so that the error message names the format.
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
	 * Decompresses all of in into the sink.  NULL: this build cannot decompress
	 * the format.  Members or frames that follow each other are one stream.  Zero
	 * bytes after the last member or frame are padding.  -EBADMSG: the stream is
	 * damaged or cut short, or other bytes follow; the error names offset and reason.
	 */
	int (*decompress)(struct ctx *ctx, struct bytes in, struct sink *sink);
};

/* Returns the format of these bytes.  NULL: not compressed, or in an unknown format. */
const struct decompressor *compress_probe(struct bytes in);

/*
 * Decompresses in.  *out is memory of ctx's arena, which grows with the output and
 * does not depend on the sizes in a header.  -EFBIG: the output is longer than limit bytes.
 * -EOPNOTSUPP: this build cannot decompress the format.
 */
int decompress(struct ctx *ctx, const struct decompressor *format, struct bytes in, uint64_t limit,
	       struct bytes *out);

/* Returns the names of the formats that this build decompresses, separated by commas. */
const char *compress_names(struct ctx *ctx);

/*
 * The growing output area of a format's decompress().  data[used .. room) is free.
 * room may be larger than limit: a decoder that has written exactly limit bytes needs
 * one free byte to go on and check its checksum, and some write whole blocks.
 */
struct sink {
	uint8_t *data;
	size_t used;
	size_t room;
	uint64_t limit;
};

/*
 * Makes sure that data[used .. room) has size bytes or more.  -EFBIG: used is above the limit.
 * -ENOMEM.
 */
int sink_room(struct ctx *ctx, struct sink *sink, size_t size);

/*
 * Limit of the memory that a decoder allocates for itself.  The largest dictionary or
 * window of a kernel file known so far is half of it.
 */
#define DECODER_MEMORY_LOG2 28
#define DECODER_MEMORY (UINT64_C(1) << DECODER_MEMORY_LOG2)

/* Errors that all formats report.  Both functions return -EBADMSG. */
int compress_cut_short(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		       const struct sink *sink);
int compress_damaged(struct ctx *ctx, const struct decompressor *format, uint64_t offset,
		     const char *reason);

/*
 * Looks for the next member after one that ended at *offset, and moves *offset over
 * padding.  1: a member begins at *offset.  0: the end of the file.  -EBADMSG: the
 * bytes at *offset are neither a member nor padding.
 */
int compress_next(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		  size_t *offset);

extern const struct decompressor decompressor_gzip, decompressor_xz, decompressor_lzma,
	decompressor_zstd, decompressor_bzip2, decompressor_lz4, decompressor_lzo;

#endif
