/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzip2 files through libbz2. */
#include "compress.h"

static bool probe_bzip2(struct bytes in)
{
	/* Offset 3 is the block size.  The bytes from offset 4 on are the digits of pi, or of its
	   square root if there is no block. */
	return bytes_match(in, 0, "BZh", 3) && (bytes_match(in, 4, "1AY&SY", 6) ||
						bytes_match(in, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

#ifdef HAVE_BZIP2

#include <bzlib.h>
#include <errno.h>
#include <limits.h>

static unsigned int clamp(size_t size)
{
	return size < UINT_MAX ? (unsigned int)size : UINT_MAX;
}

static int out_of_memory(struct ctx *ctx)
{
	return err_set(&ctx->err, -ENOMEM, "libbz2 is out of memory");
}

/* Decompresses one stream, from *offset on, and moves *offset to its end. */
static int decode_stream(struct ctx *ctx, struct bytes in, struct sink *sink, bz_stream *bz,
			 size_t *offset)
{
	for (;;) {
		unsigned int given = clamp(in.size - *offset), room;
		int ret = sink_room(ctx, sink, 1);

		if (ret)
			return ret;
		room = clamp(sink->room - sink->used);
		bz->next_in = (char *)(uintptr_t)(in.data + *offset);
		bz->avail_in = given;
		bz->next_out = (char *)sink->data + sink->used;
		bz->avail_out = room;
		ret = BZ2_bzDecompress(bz);
		*offset += given - bz->avail_in;
		sink->used += room - bz->avail_out;
		switch (ret) {
		case BZ_STREAM_END: return 0;
		case BZ_OK:
			if (bz->avail_out && *offset == in.size)
				return compress_cut_short(ctx, &decompressor_bzip2, in, sink);
			break;
		case BZ_MEM_ERROR: return out_of_memory(ctx);
		default:
			return compress_damaged(ctx, &decompressor_bzip2, *offset,
						"wrong checksum or compressed bytes");
		}
	}
}

static int decompress_bzip2(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	size_t offset = 0;
	int ret;

	do {
		bz_stream bz = { 0 };

		if (BZ2_bzDecompressInit(&bz, 0, 0) != BZ_OK)
			return out_of_memory(ctx);
		ret = decode_stream(ctx, in, sink, &bz, &offset);
		BZ2_bzDecompressEnd(&bz);
		if (!ret)
			ret = compress_next(ctx, &decompressor_bzip2, in, &offset);
	} while (ret > 0);
	return ret;
}

#else
#define decompress_bzip2 NULL
#endif

const struct decompressor decompressor_bzip2 = {
	.name = "bzip2",
	.probe = probe_bzip2,
	.decompress = decompress_bzip2,
};
