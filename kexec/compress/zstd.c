/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zstandard files (RFC 8878) through libzstd. */
#include "compress.h"

#define ZSTD_FRAME 0xfd2fb528
#define ZSTD_SKIPPABLE_FRAME 0x184d2a50

static bool probe_zstd(struct bytes in)
{
	uint32_t magic;

	if (!bytes_has(in, 0, sizeof(magic)))
		return false;
	magic = get_le32(in.data);
	return magic == ZSTD_FRAME || (magic & ~0xfu) == ZSTD_SKIPPABLE_FRAME;
}

#ifdef HAVE_ZSTD

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

static int failed(struct ctx *ctx, size_t offset, size_t status)
{
	switch (ZSTD_getErrorCode(status)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		err_set(&ctx->err, -ENOMEM,
			"decompressing this zstd file takes a window of more than %llu bytes",
			(unsigned long long)DECODER_MEMORY);
		return err_hint(&ctx->err, "Compress it with --long=%d or less.",
				DECODER_MEMORY_LOG2);
	case ZSTD_error_memory_allocation:
		return err_set(&ctx->err, -ENOMEM, "libzstd is out of memory");
	default:
		return compress_damaged(ctx, &decompressor_zstd, offset, ZSTD_getErrorName(status));
	}
}

static int decode_frames(struct ctx *ctx, struct bytes in, struct sink *sink, ZSTD_DCtx *zstd)
{
	ZSTD_inBuffer from = { in.data, in.size, 0 };

	for (;;) {
		ZSTD_outBuffer to;
		size_t status;
		int ret = sink_room(ctx, sink, 1);

		if (ret)
			return ret;
		to = (ZSTD_outBuffer){ sink->data, sink->room, sink->used };
		status = ZSTD_decompressStream(zstd, &to, &from);
		sink->used = to.pos;
		if (ZSTD_isError(status))
			return failed(ctx, from.pos, status);
		if (status == 0) {
			ret = compress_next(ctx, &decompressor_zstd, in, &from.pos);
			if (ret <= 0)
				return ret;
		} else if (from.pos == in.size && to.pos < to.size) {
			return compress_cut_short(ctx, &decompressor_zstd, in, sink);
		}
	}
}

static int decompress_zstd(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	int ret;

	if (!zstd)
		return err_set(&ctx->err, -ENOMEM, "libzstd is out of memory");
	ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, DECODER_MEMORY_LOG2);
	ret = decode_frames(ctx, in, sink, zstd);
	ZSTD_freeDCtx(zstd);
	return ret;
}

#else
#define decompress_zstd NULL
#endif

const struct decompressor decompressor_zstd = {
	.name = "zstd",
	.probe = probe_zstd,
	.decompress = decompress_zstd,
};
