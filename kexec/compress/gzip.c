/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip files (RFC 1952) through zlib. */
#include "compress.h"

static bool probe_gzip(struct bytes in)
{
	return bytes_match(in, 0, "\x1f\x8b\x08", 3);
}

#ifdef HAVE_ZLIB

#define ZLIB_CONST
#include <errno.h>
#include <limits.h>
#include <zlib.h>

static uInt clamp(size_t size)
{
	return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static int inflate_members(struct ctx *ctx, struct bytes in, struct sink *sink, z_stream *z)
{
	size_t offset = 0;

	for (;;) {
		uInt given = clamp(in.size - offset);
		uInt room;
		int ret = sink_room(ctx, sink, 1);

		if (ret)
			return ret;
		room = clamp(sink->room - sink->used);
		z->next_in = in.data + offset;
		z->avail_in = given;
		z->next_out = sink->data + sink->used;
		z->avail_out = room;
		ret = inflate(z, Z_NO_FLUSH);
		offset += given - z->avail_in;
		sink->used += room - z->avail_out;
		switch (ret) {
		case Z_OK: break;
		case Z_BUF_ERROR: return compress_cut_short(ctx, &decompressor_gzip, in, sink);
		case Z_STREAM_END:
			ret = compress_next(ctx, &decompressor_gzip, in, &offset);
			if (ret <= 0)
				return ret;
			inflateReset(z);
			break;
		case Z_MEM_ERROR: return err_set(&ctx->err, -ENOMEM, "zlib is out of memory");
		default:
			return compress_damaged(ctx, &decompressor_gzip, offset,
						z->msg ? z->msg : "no reason given");
		}
	}
}

static int decompress_gzip(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	z_stream z = { 0 };
	int ret;

	/* + 16: zlib expects a gzip header and trailer, and checks CRC and length. */
	if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
		return err_set(&ctx->err, -ENOMEM, "zlib is out of memory");
	ret = inflate_members(ctx, in, sink, &z);
	inflateEnd(&z);
	return ret;
}

#else
#define decompress_gzip NULL
#endif

const struct decompressor decompressor_gzip = {
	.name = "gzip",
	.probe = probe_gzip,
	.decompress = decompress_gzip,
};
