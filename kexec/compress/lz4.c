/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lz4 files through liblz4: the frame format, and the older "legacy" format that the Linux build
 * writes (lz4 documentation: lz4_Frame_format.md, "Legacy frame").
 */
#include "compress.h"

#define FRAME 0x184d2204
#define LEGACY_FRAME 0x184c2102

static bool probe_lz4(struct bytes in)
{
	uint32_t magic;

	if (!bytes_has(in, 0, sizeof(magic)))
		return false;
	magic = get_le32(in.data);
	return magic == FRAME || magic == LEGACY_FRAME;
}

#ifdef HAVE_LZ4

#include <errno.h>
#include <inttypes.h>
#include <lz4.h>
#include <lz4frame.h>

#define WORD 4
#define LEGACY_BLOCK (8u << 20) /* every block but the last one has this size when unpacked */
#define LARGEST_PACKED LZ4_COMPRESSBOUND(LEGACY_BLOCK)

static int decode_block(struct ctx *ctx, struct bytes block, size_t offset, struct sink *sink)
{
	int size, ret = sink_room(ctx, sink, LEGACY_BLOCK);

	if (ret)
		return ret;
	size = LZ4_decompress_safe((const char *)block.data, (char *)sink->data + sink->used,
				   (int)block.size, LEGACY_BLOCK);
	if (size < 0)
		return compress_damaged(ctx, &decompressor_lz4, offset, "wrong compressed bytes");
	sink->used += (size_t)size;
	return 0;
}

/*
 * The packed size stands before each block.  No mark follows the last block.  It is followed by
 * the next frame, by padding, by the end of the file, or by the size of the unpacked data, which
 * the Linux build appends.
 */
static int decode_legacy(struct ctx *ctx, struct bytes in, struct sink *sink, size_t *offset)
{
	size_t first = *offset + WORD, start = sink->used;

	for (*offset = first; bytes_has(in, *offset, WORD);) {
		uint32_t size = get_le32(in.data + *offset);
		int ret;

		if (in.size - *offset == WORD && size == sink->used - start) {
			*offset += WORD;
			return 0;
		}
		if (!size || size > LARGEST_PACKED)
			break;
		*offset += WORD;
		if (!bytes_has(in, *offset, size))
			return compress_cut_short(ctx, &decompressor_lz4, in, sink);
		ret = decode_block(ctx, bytes_sub(in, *offset, size), *offset, sink);
		if (ret)
			return ret;
		*offset += size;
	}
	if (*offset == first)
		return compress_cut_short(ctx, &decompressor_lz4, in, sink);
	return 0;
}

static int decode_frame(struct ctx *ctx, struct bytes in, struct sink *sink, LZ4F_dctx *lz4,
			size_t *offset)
{
	for (;;) {
		size_t given = in.size - *offset, room, status;
		int ret = sink_room(ctx, sink, 1);

		if (ret)
			return ret;
		room = sink->room - sink->used;
		status = LZ4F_decompress(lz4, sink->data + sink->used, &room, in.data + *offset,
					 &given, NULL);
		if (LZ4F_isError(status))
			return compress_damaged(ctx, &decompressor_lz4, *offset,
						LZ4F_getErrorName(status));
		*offset += given;
		sink->used += room;
		if (!status)
			return 0;
		if (*offset == in.size && sink->used < sink->room)
			return compress_cut_short(ctx, &decompressor_lz4, in, sink);
	}
}

static int decode_frames(struct ctx *ctx, struct bytes in, struct sink *sink, LZ4F_dctx *lz4)
{
	size_t offset = 0;
	int ret;

	do {
		if (!bytes_has(in, offset, WORD) || get_le32(in.data + offset) == FRAME)
			ret = decode_frame(ctx, in, sink, lz4, &offset);
		else
			ret = decode_legacy(ctx, in, sink, &offset);
		if (!ret)
			ret = compress_next(ctx, &decompressor_lz4, in, &offset);
	} while (ret > 0);
	return ret;
}

static int decompress_lz4(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	LZ4F_dctx *lz4;
	int ret;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)))
		return err_set(&ctx->err, -ENOMEM, "liblz4 is out of memory");
	ret = decode_frames(ctx, in, sink, lz4);
	LZ4F_freeDecompressionContext(lz4);
	return ret;
}

#else
#define decompress_lz4 NULL
#endif

const struct decompressor decompressor_lz4 = {
	.name = "lz4",
	.probe = probe_lz4,
	.decompress = decompress_lz4,
};
