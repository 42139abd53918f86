/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * .xz files (The .xz File Format 1.1.0) and the older .lzma files (LZMA_Alone).
 * liblzma decompresses both.
 */
#include "compress.h"

static bool probe_xz(struct bytes in)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	return bytes_match(in, 0, magic, sizeof(magic));
}

#define LZMA_HEADER_SIZE 13

/*
 * A .lzma file has no magic number.  Its header contains the properties, the dictionary
 * size and the unpacked size.  The probe accepts only dictionary sizes that encoders
 * write.  The first compressed byte is always zero.
 */
static bool probe_lzma(struct bytes in)
{
	uint32_t dict;
	uint64_t size;

	if (!bytes_has(in, 0, LZMA_HEADER_SIZE + 1) || in.data[0] >= 9 * 5 * 5)
		return false;
	dict = get_le32(in.data + 1);
	size = get_le64(in.data + 5);
	if (dict != UINT32_MAX) {
		uint32_t low = dict & -dict;

		if (dict < 4096 || !(dict == low || dict == (low | low << 1)))
			return false;
	}
	return (size == UINT64_MAX || size < UINT64_C(1) << 38) && !in.data[LZMA_HEADER_SIZE];
}

#ifdef HAVE_LZMA

#include <errno.h>
#include <inttypes.h>
#include <lzma.h>

static lzma_ret start_xz(lzma_stream *s)
{
	return lzma_stream_decoder(s, DECODER_MEMORY, LZMA_TELL_UNSUPPORTED_CHECK);
}

static lzma_ret start_lzma(lzma_stream *s)
{
	return lzma_alone_decoder(s, DECODER_MEMORY);
}

static int failed(struct ctx *ctx, const struct decompressor *format, lzma_stream *s,
		  struct bytes in, const struct sink *sink, lzma_ret ret)
{
	uint64_t offset = (uint64_t)(s->next_in - in.data);

	switch (ret) {
	case LZMA_BUF_ERROR: return compress_cut_short(ctx, format, in, sink);
	case LZMA_MEM_ERROR: return err_set(&ctx->err, -ENOMEM, "liblzma is out of memory");
	case LZMA_MEMLIMIT_ERROR:
		err_set(&ctx->err, -ENOMEM,
			"decompressing this %s file takes %" PRIu64
			" bytes of memory, at most %" PRIu64 " are allowed",
			format->name, lzma_memusage(s), DECODER_MEMORY);
		return err_hint(&ctx->err, "Compress it with a smaller dictionary.");
	case LZMA_UNSUPPORTED_CHECK:
		return compress_damaged(ctx, format, offset,
					"this liblzma does not know its kind of checksum");
	case LZMA_OPTIONS_ERROR:
		return compress_damaged(ctx, format, offset,
					"it requires a filter or option that this liblzma lacks");
	case LZMA_FORMAT_ERROR:
		return compress_damaged(ctx, format, offset, "its header makes no sense");
	default:
		return compress_damaged(ctx, format, offset,
					"wrong checksum, length or compressed bytes");
	}
}

static int decode_streams(struct ctx *ctx, const struct decompressor *format, struct bytes in,
			  struct sink *sink, lzma_stream *s, lzma_ret (*start)(lzma_stream *s))
{
	size_t offset = 0;
	lzma_ret status = start(s);

	while (status == LZMA_OK) {
		int ret = sink_room(ctx, sink, 1);

		if (ret)
			return ret;
		s->next_in = in.data + offset;
		s->avail_in = in.size - offset;
		s->next_out = sink->data + sink->used;
		s->avail_out = sink->room - sink->used;
		status = lzma_code(s, LZMA_RUN);
		offset = in.size - s->avail_in;
		sink->used = sink->room - s->avail_out;
		if (status == LZMA_STREAM_END) {
			ret = compress_next(ctx, format, in, &offset);
			if (ret <= 0)
				return ret;
			status = start(s);
		}
	}
	return failed(ctx, format, s, in, sink, status);
}

static int decode(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		  struct sink *sink, lzma_ret (*start)(lzma_stream *s))
{
	lzma_stream s = LZMA_STREAM_INIT;
	int ret;

	s.next_in = in.data;
	ret = decode_streams(ctx, format, in, sink, &s, start);
	lzma_end(&s);
	return ret;
}

static int decompress_xz(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	return decode(ctx, &decompressor_xz, in, sink, start_xz);
}

static int decompress_lzma(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	return decode(ctx, &decompressor_lzma, in, sink, start_lzma);
}

#else
#define decompress_xz NULL
#define decompress_lzma NULL
#endif

const struct decompressor decompressor_xz = {
	.name = "xz",
	.probe = probe_xz,
	.decompress = decompress_xz,
};

const struct decompressor decompressor_lzma = {
	.name = "lzma",
	.probe = probe_lzma,
	.decompress = decompress_lzma,
};
