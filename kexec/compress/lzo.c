/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzop files through liblzo2: a header, then blocks.  Sizes and checksums stand before each
 * block.  All numbers are big endian (Linux: lib/decompress_unlzo.c).
 */
#include "compress.h"

#define MAGIC_SIZE 9

static bool probe_lzo(struct bytes in)
{
	return bytes_match(in, 0, "\x89LZO\0\r\n\x1a\n", MAGIC_SIZE);
}

#ifdef HAVE_LZO

#include <errno.h>
#include <inttypes.h>
#include <lzo/lzo1x.h>

#define LEVEL_SINCE 0x0940 /* first version with a level, a needed version and a longer time */
#define LARGEST_BLOCK (64u << 20)

/* Bits of the header's flags. */
enum {
	ADLER32_UNPACKED = 0x1,
	ADLER32_PACKED = 0x2,
	EXTRA_FIELD = 0x40,
	CRC32_UNPACKED = 0x100,
	CRC32_PACKED = 0x200,
	MULTIPART = 0x400,
	FILTER = 0x800,
	HEADER_CRC32 = 0x1000,
};

struct reader {
	struct ctx *ctx;
	struct bytes in;
	struct sink *sink;
	size_t offset;
	uint32_t flags;
};

static int damaged(const struct reader *r, const char *reason)
{
	return compress_damaged(r->ctx, &decompressor_lzo, r->offset, reason);
}

/* Reads size bytes.  number: NULL, or where a number of 1 to 4 bytes goes. */
static int take(struct reader *r, size_t size, uint32_t *number)
{
	const uint8_t *p = r->in.data + r->offset;

	if (!bytes_has(r->in, r->offset, size))
		return compress_cut_short(r->ctx, &decompressor_lzo, r->in, r->sink);
	r->offset += size;
	if (!number)
		return 0;
	for (*number = 0; size; size--)
		*number = *number << 8 | *p++;
	return 0;
}

static uint32_t checksum_of(bool crc, struct bytes bytes)
{
	return crc ? lzo_crc32(0, bytes.data, bytes.size) : lzo_adler32(1, bytes.data, bytes.size);
}

static int read_header(struct reader *r)
{
	size_t start = r->offset += MAGIC_SIZE;
	uint32_t version = 0, method = 0, name = 0, sum = 0, extra = 0;
	int ret = take(r, 2, &version);
	bool level = version >= LEVEL_SINCE;

	if (!ret)
		ret = take(r, level ? 4u : 2u, NULL); /* library's version, needed version */
	if (!ret)
		ret = take(r, 1, &method);
	if (!ret)
		ret = take(r, level, NULL);
	if (!ret)
		ret = take(r, 4, &r->flags);
	if (!ret)
		ret = take(r, (r->flags & FILTER ? 4u : 0u) + (level ? 12u : 8u),
			   NULL); /* mode, time */
	if (!ret)
		ret = take(r, 1, &name);
	if (!ret)
		ret = take(r, name, NULL);
	if (ret)
		return ret;
	sum = checksum_of(r->flags & HEADER_CRC32, bytes_sub(r->in, start, r->offset - start));
	ret = take(r, 4, &name);
	if (!ret && name != sum)
		return damaged(r, "wrong checksum of its header");
	if (!ret && (method < 1 || method > 3 || r->flags & (FILTER | MULTIPART)))
		return damaged(r, "its header requires a method, filter or part that kexec lacks");
	if (!ret && r->flags & EXTRA_FIELD) {
		ret = take(r, 4, &extra);
		if (!ret)
			ret = take(r, (size_t)extra + 4, NULL);
	}
	return ret;
}

/* The checksums that the flags name, in the order of the file. */
struct sums {
	uint32_t adler32, crc32;
};

static int read_sums(struct reader *r, uint32_t adler32, uint32_t crc32, struct sums *sums)
{
	int ret = r->flags & adler32 ? take(r, 4, &sums->adler32) : 0;

	return !ret && r->flags & crc32 ? take(r, 4, &sums->crc32) : ret;
}

static int check_sums(const struct reader *r, uint32_t adler32, uint32_t crc32,
		      const struct sums *sums, struct bytes bytes)
{
	if ((r->flags & adler32 && checksum_of(false, bytes) != sums->adler32) ||
	    (r->flags & crc32 && checksum_of(true, bytes) != sums->crc32))
		return damaged(r, "wrong checksum of a block");
	return 0;
}

/* A block is stored unpacked if packing does not make it smaller. */
static int unpack(struct reader *r, struct bytes packed, uint32_t size)
{
	uint8_t *to = r->sink->data + r->sink->used;
	lzo_uint unpacked = size;

	if (packed.size == size)
		memcpy(to, packed.data, size);
	else if (lzo1x_decompress_safe(packed.data, packed.size, to, &unpacked, NULL) != LZO_E_OK ||
		 unpacked != size)
		return damaged(r, "wrong compressed bytes");
	r->sink->used += size;
	return 0;
}

/* Reads one block.  Returns 1: a block; 0: the end of the blocks. */
static int read_block(struct reader *r)
{
	struct sums unpacked = { 0 }, packed = { 0 };
	uint32_t size = 0, packed_size = 0;
	struct bytes block;
	int ret = take(r, 4, &size);

	if (ret || !size)
		return ret;
	ret = take(r, 4, &packed_size);
	if (!ret && (size > LARGEST_BLOCK || !packed_size || packed_size > size))
		return damaged(r, "impossible size of a block");
	if (!ret)
		ret = read_sums(r, ADLER32_UNPACKED, CRC32_UNPACKED, &unpacked);
	if (!ret && packed_size < size)
		ret = read_sums(r, ADLER32_PACKED, CRC32_PACKED, &packed);
	block = bytes_from(r->in, r->offset);
	if (!ret)
		ret = take(r, packed_size, NULL);
	if (ret)
		return ret;
	block.size = packed_size;
	if (packed_size < size)
		ret = check_sums(r, ADLER32_PACKED, CRC32_PACKED, &packed, block);
	if (!ret)
		ret = sink_room(r->ctx, r->sink, size);
	if (!ret)
		ret = unpack(r, block, size);
	if (ret)
		return ret;
	block = (struct bytes){ r->sink->data + r->sink->used - size, size };
	ret = check_sums(r, ADLER32_UNPACKED, CRC32_UNPACKED, &unpacked, block);
	return ret ? ret : 1;
}

static int decompress_lzo(struct ctx *ctx, struct bytes in, struct sink *sink)
{
	struct reader r = { .ctx = ctx, .in = in, .sink = sink };
	int ret;

	if (lzo_init() != LZO_E_OK)
		return err_set(&ctx->err, -ENOTSUP, "liblzo2 does not fit this program");
	do {
		ret = read_header(&r);
		if (!ret)
			do
				ret = read_block(&r);
			while (ret > 0);
		if (!ret)
			ret = compress_next(ctx, &decompressor_lzo, in, &r.offset);
	} while (ret > 0);
	return ret;
}

#else
#define decompress_lzo NULL
#endif

const struct decompressor decompressor_lzo = {
	.name = "lzo",
	.probe = probe_lzo,
	.decompress = decompress_lzo,
};
