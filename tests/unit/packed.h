/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compresses with the same libraries that are tested, for tests of what reads it. */
#ifndef TESTS_PACKED_H
#define TESTS_PACKED_H

#include <stdlib.h>

#include "kexec/compress/compress.h"

struct packed {
	uint8_t *data;
	size_t size;
};

static inline struct bytes packed_bytes(const struct packed *p)
{
	return (struct bytes){ p->data, p->size };
}

static inline void packed_append(struct packed *p, const void *data, size_t size)
{
	p->data = realloc(p->data, p->size + size + 1);
	if (size)
		memcpy(p->data + p->size, data, size);
	p->size += size;
}

static inline void packed_must(bool done)
{
	if (!done)
		abort();
}

#define PACKED_SLACK (1u << 16)

#ifdef HAVE_ZLIB
#include <zlib.h>

static inline struct packed pack_gzip(struct bytes in)
{
	struct packed p = { malloc(in.size + PACKED_SLACK), 0 };
	z_stream z = { 0 };

	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (Bytef *)(uintptr_t)in.data;
	z.avail_in = (uInt)in.size;
	z.next_out = p.data;
	z.avail_out = (uInt)(in.size + PACKED_SLACK);
	packed_must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	p.size = z.total_out;
	deflateEnd(&z);
	return p;
}
#endif

#ifdef HAVE_LZMA
#include <lzma.h>

static inline struct packed pack_lzma_stream(struct bytes in, lzma_stream *s)
{
	struct packed p = { malloc(in.size + PACKED_SLACK), 0 };

	s->next_in = in.data;
	s->avail_in = in.size;
	s->next_out = p.data;
	s->avail_out = in.size + PACKED_SLACK;
	packed_must(lzma_code(s, LZMA_FINISH) == LZMA_STREAM_END);
	p.size = s->total_out;
	lzma_end(s);
	return p;
}

static inline struct packed pack_xz(struct bytes in)
{
	lzma_stream s = LZMA_STREAM_INIT;

	packed_must(lzma_easy_encoder(&s, 1, LZMA_CHECK_CRC32) == LZMA_OK);
	return pack_lzma_stream(in, &s);
}

static inline struct packed pack_lzma(struct bytes in)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	packed_must(!lzma_lzma_preset(&options, 1));
	packed_must(lzma_alone_encoder(&s, &options) == LZMA_OK);
	return pack_lzma_stream(in, &s);
}
#endif

#ifdef HAVE_ZSTD
#include <zstd.h>

static inline struct packed pack_zstd(struct bytes in)
{
	struct packed p = { malloc(in.size + PACKED_SLACK), 0 };
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	p.size = ZSTD_compress2(zstd, p.data, in.size + PACKED_SLACK, in.data, in.size);
	packed_must(!ZSTD_isError(p.size));
	ZSTD_freeCCtx(zstd);
	return p;
}
#endif

#ifdef HAVE_BZIP2
#include <bzlib.h>

static inline struct packed pack_bzip2(struct bytes in)
{
	unsigned int size = (unsigned int)(in.size + PACKED_SLACK);
	struct packed p = { malloc(size), 0 };

	packed_must(BZ2_bzBuffToBuffCompress((char *)p.data, &size, (char *)(uintptr_t)in.data,
					     (unsigned int)in.size, 1, 0, 0) == BZ_OK);
	p.size = size;
	return p;
}
#endif

#ifdef HAVE_LZ4
#include <lz4.h>
#include <lz4frame.h>

static inline struct packed pack_lz4(struct bytes in)
{
	const LZ4F_preferences_t preferences = {
		.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled,
	};
	struct packed p = { malloc(in.size + PACKED_SLACK), 0 };

	p.size = LZ4F_compressFrame(p.data, in.size + PACKED_SLACK, in.data, in.size, &preferences);
	packed_must(!LZ4F_isError(p.size));
	return p;
}

/* The format that the Linux build writes: blocks of 8 MiB, no checksum, no end mark. */
static inline struct packed pack_lz4_legacy(struct bytes in)
{
	const size_t block = 8u << 20;
	struct packed p = { malloc(in.size + PACKED_SLACK), 4 };

	put_le32(p.data, 0x184c2102);
	for (size_t at = 0; at < in.size; at += block) {
		size_t size = in.size - at < block ? in.size - at : block;
		int packed = LZ4_compress_default((const char *)in.data + at,
						  (char *)p.data + p.size + 4, (int)size,
						  LZ4_compressBound((int)size));

		packed_must(packed > 0);
		put_le32(p.data + p.size, (uint32_t)packed);
		p.size += 4 + (size_t)packed;
	}
	return p;
}
#endif

#ifdef HAVE_LZO
#include <lzo/lzo1x.h>

/* As lzop -1 writes it, with the checksums of lzop and no name. */
static inline struct packed pack_lzo(struct bytes in)
{
	static const uint8_t start[] = { 0x89, 'L',  'Z',  'O',	 0,    '\r', '\n', 0x1a, '\n',
					 0x10, 0x30, 0x20, 0xa0, 0x09, 0x40, 1,	   5 };
	const size_t block = 256u << 10;
	struct packed p = { calloc(1, in.size + PACKED_SLACK), sizeof(start) + 4 + 12 + 1 };
	void *work = malloc(LZO1X_1_MEM_COMPRESS);

	packed_must(lzo_init() == LZO_E_OK);
	memcpy(p.data, start, sizeof(start));
	put_u32(ORDER_BE, p.data + sizeof(start), 1 | 2); /* adler32 of both */
	put_u32(ORDER_BE, p.data + p.size, lzo_adler32(1, p.data + 9, p.size - 9));
	p.size += 4;
	for (size_t at = 0; at < in.size; at += block) {
		size_t size = in.size - at < block ? in.size - at : block, sums = 16;
		uint8_t *packed = malloc(size + size / 16 + 67), *to = p.data + p.size;
		lzo_uint packed_size;

		packed_must(!lzo1x_1_compress(in.data + at, size, packed, &packed_size, work));
		put_u32(ORDER_BE, to, (uint32_t)size);
		put_u32(ORDER_BE, to + 4, (uint32_t)packed_size);
		put_u32(ORDER_BE, to + 8, lzo_adler32(1, in.data + at, size));
		put_u32(ORDER_BE, to + 12, lzo_adler32(1, packed, packed_size));
		if (packed_size >= size) {
			put_u32(ORDER_BE, to + 4, (uint32_t)size);
			memset(to + 12, 0, 4);
			memcpy(packed, in.data + at, size);
			packed_size = size;
			sums = 12;
		}
		memcpy(to + sums, packed, packed_size);
		p.size += sums + packed_size;
		free(packed);
	}
	free(work);
	p.size += 4; /* a size of 0 */
	return p;
}
#endif

struct packer {
	const struct decompressor *format;
	struct packed (*pack)(struct bytes in);
	bool checksum; /* damage cannot go unseen */
};

static const struct packer packers[] = {
#ifdef HAVE_ZLIB
	{ &decompressor_gzip, pack_gzip, true },
#endif
#ifdef HAVE_LZMA
	{ &decompressor_xz, pack_xz, true },
	{ &decompressor_lzma, pack_lzma, false },
#endif
#ifdef HAVE_ZSTD
	{ &decompressor_zstd, pack_zstd, true },
#endif
#ifdef HAVE_BZIP2
	{ &decompressor_bzip2, pack_bzip2, true },
#endif
#ifdef HAVE_LZ4
	{ &decompressor_lz4, pack_lz4, true },
#endif
#ifdef HAVE_LZO
	{ &decompressor_lzo, pack_lzo, true },
#endif
	{ NULL, NULL, false }, /* an array of none is no C */
};

#define for_each_packer(p) for (const struct packer *p = packers; p->format; p++)

#endif
