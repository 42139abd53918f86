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
	{ NULL, NULL, false }, /* an array of none is no C */
};

#define for_each_packer(p) for (const struct packer *p = packers; p->format; p++)

#endif
