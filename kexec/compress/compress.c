/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the compression format of a file and decompresses the file into memory that
 * grows with the output.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "compress.h"

#define FIRST_ROOM (UINT64_C(1) << 20)
#define USUAL_RATIO 4

/* lzma comes last.  It has no magic number, so its probe could match files of other formats. */
static const struct decompressor *const formats[] = {
	&decompressor_gzip, &decompressor_xz,  &decompressor_zstd, &decompressor_bzip2,
	&decompressor_lz4,  &decompressor_lzo, &decompressor_lzma,
};

const struct decompressor *compress_probe(struct bytes in)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i]->probe(in))
			return formats[i];
	return NULL;
}

static int too_big(struct ctx *ctx, const struct sink *sink)
{
	err_set(&ctx->err, -EFBIG, "it decompresses to more than the limit of %" PRIu64 " bytes",
		sink->limit);
	return err_hint(&ctx->err, "A kernel must fit into memory: is this the right file?");
}

/* size: number of bytes that the decoder needs for one write. */
static int sink_grow(struct ctx *ctx, struct sink *sink, uint64_t room, size_t size)
{
	void *data;

	if (room < sink->used + size)
		room = sink->used + size;
	if (room > sink->limit + size)
		room = sink->limit + size;
	if (sink->data)
		data = mremap(sink->data, sink->room, (size_t)room, MREMAP_MAYMOVE);
	else
		data = mmap(NULL, (size_t)room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	if (data == MAP_FAILED)
		return err_set(&ctx->err, -ENOMEM, "out of memory after %zu decompressed bytes",
			       sink->used);
	/* Page faults take a seventh of the time of a zstd decompression.  Huge pages save most. */
	madvise(data, (size_t)room, MADV_HUGEPAGE);
	sink->data = data;
	sink->room = (size_t)room;
	return 0;
}

int sink_room(struct ctx *ctx, struct sink *sink, size_t size)
{
	if (sink->used > sink->limit)
		return too_big(ctx, sink);
	if (sink->room - sink->used >= size)
		return 0;
	return sink_grow(ctx, sink, (uint64_t)sink->room * 2, size);
}

int compress_cut_short(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		       const struct sink *sink)
{
	err_set(&ctx->err, -EBADMSG,
		"the %s data is cut short: all %zu bytes were read, %zu bytes came out, more "
		"are expected",
		format->name, in.size, sink->used);
	return err_hint(&ctx->err, "Copy or build the file again.");
}

int compress_damaged(struct ctx *ctx, const struct decompressor *format, uint64_t offset,
		     const char *reason)
{
	err_set(&ctx->err, -EBADMSG, "the %s data is damaged at or after offset 0x%" PRIx64 ": %s",
		format->name, offset, reason);
	return err_hint(&ctx->err, "Copy or build the file again.");
}

int compress_next(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		  size_t *offset)
{
	size_t end = *offset;

	while (*offset < in.size && !in.data[*offset])
		++*offset;
	if (*offset == in.size)
		return 0;
	if (format->probe(bytes_from(in, *offset)))
		return 1;
	err_set(&ctx->err, -EBADMSG,
		"%zu bytes after the end of the %s data, at offset 0x%zx, are neither more %s data "
		"nor zeros",
		in.size - end, format->name, end, format->name);
	return err_hint(&ctx->err, "Copy or build the file again, or cut it at offset %zu.", end);
}

static int run(struct ctx *ctx, const struct decompressor *format, struct bytes in,
	       struct sink *sink)
{
	uint64_t guess = (uint64_t)in.size * USUAL_RATIO;
	int ret = sink_grow(ctx, sink, guess > FIRST_ROOM ? guess : FIRST_ROOM, 1);

	if (!ret)
		ret = format->decompress(ctx, in, sink);
	if (!ret && sink->used > sink->limit)
		ret = too_big(ctx, sink);
	return ret;
}

const char *compress_names(struct ctx *ctx)
{
	const char *names = "not compressed";

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i]->decompress)
			names = arena_printf(&ctx->arena, "%s, %s", names, formats[i]->name);
	return names;
}

int decompress(struct ctx *ctx, const struct decompressor *format, struct bytes in, uint64_t limit,
	       struct bytes *out)
{
	struct sink sink = { .limit = limit < PTRDIFF_MAX ? limit : PTRDIFF_MAX };
	size_t kept;
	int ret;

	if (!format->decompress) {
		err_set(&ctx->err, -EOPNOTSUPP,
			"compressed with %s, and this kexec was built without support for %s",
			format->name, format->name);
		return err_hint(&ctx->err, "Decompress it first, or take one of these: %s.",
				compress_names(ctx));
	}
	ret = run(ctx, format, in, &sink);
	if (ret) {
		if (sink.data)
			munmap(sink.data, sink.room);
		return ret;
	}
	kept = sink.used ? sink.used : 1;
	mremap(sink.data, sink.room, kept, 0);
	arena_own_mapping(&ctx->arena, sink.data, kept);
	*out = (struct bytes){ sink.data, sink.used };
	return 0;
}
