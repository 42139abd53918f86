/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) of one message, and of several at a time.  Purgatory and the kexec tool
 * share it, so it uses no C library.
 */
#include "sha256.h"

static void set_initial(uint32_t state[8])
{
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};
	size_t i;

	for (i = 0; i < 8; i++)
		state[i] = initial[i];
}

void sha256_init(struct sha256 *ctx)
{
	set_initial(ctx->state);
	ctx->length = 0;
}

void sha256_portable(struct sha256_engine *engine)
{
	sha256_engine_set(engine, "portable code", 1, NULL, sha256_blocks_generic);
}

/* Hashes blocks of the first `count` streams, 1 to engine->streams. */
static void hash_streams(const struct sha256_engine *engine, uint32_t *state[SHA256_MAX_STREAMS],
			 const uint8_t *data[SHA256_MAX_STREAMS], unsigned int count, size_t blocks)
{
	uint32_t unused[8];

	if (count == 1 && engine->single) {
		engine->single(state[0], data[0], blocks);
		return;
	}
	set_initial(unused);
	for (; count < engine->streams; count++) {
		state[count] = unused;
		data[count] = data[0];
	}
	engine->parallel(state, data, blocks);
}

static void hash(const struct sha256_engine *engine, uint32_t state[8], const uint8_t *data,
		 size_t blocks)
{
	uint32_t *states[SHA256_MAX_STREAMS];
	const uint8_t *inputs[SHA256_MAX_STREAMS];

	states[0] = state;
	inputs[0] = data;
	hash_streams(engine, states, inputs, 1, blocks);
}

void sha256_update(struct sha256 *ctx, const struct sha256_engine *engine, const void *data,
		   size_t size)
{
	const uint8_t *p = data;
	size_t used = ctx->length % SHA256_BLOCK;

	ctx->length += size;
	while (size) {
		if (!used && size >= SHA256_BLOCK) {
			size_t whole = size / SHA256_BLOCK;

			hash(engine, ctx->state, p, whole);
			p += whole * SHA256_BLOCK;
			size %= SHA256_BLOCK;
			continue;
		}
		ctx->partial[used++] = *p++;
		size--;
		if (used == SHA256_BLOCK) {
			hash(engine, ctx->state, ctx->partial, 1);
			used = 0;
		}
	}
}

/* Writes the bytes after the last whole block and the padding.  Returns the number of blocks. */
static size_t pad(uint8_t *out, const uint8_t *rest, uint64_t length)
{
	size_t used = length % SHA256_BLOCK, size = used < 56 ? 64 : 128, i;
	uint64_t bits = length * 8;

	for (i = 0; i < size - 8; i++)
		out[i] = i < used ? rest[i] : i == used ? 0x80 : 0;
	for (i = size; i-- > size - 8; bits >>= 8)
		out[i] = (uint8_t)bits;
	return size / SHA256_BLOCK;
}

static void write_digest(const uint32_t state[8], uint8_t digest[SHA256_SIZE])
{
	size_t i;

	for (i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_final(struct sha256 *ctx, const struct sha256_engine *engine,
		  uint8_t digest[SHA256_SIZE])
{
	uint8_t last[2 * SHA256_BLOCK];

	hash(engine, ctx->state, last, pad(last, ctx->partial, ctx->length));
	write_digest(ctx->state, digest);
}

void sha256_batch_begin(struct sha256_batch *batch, const struct sha256_engine *engine,
			const struct sha256_message *messages, size_t count)
{
	unsigned int i;

	batch->engine = engine;
	batch->next = messages;
	batch->end = messages + count;
	for (i = 0; i < engine->streams; i++)
		batch->stream[i].digest = NULL;
}

static void begin_message(struct sha256_stream *stream, const struct sha256_message *message)
{
	const uint8_t *data = message->data;
	size_t rest = message->size % SHA256_BLOCK;

	set_initial(stream->state);
	stream->data = data;
	stream->blocks = message->size / SHA256_BLOCK;
	stream->last_blocks = pad(stream->last, data + message->size - rest, message->size);
	stream->digest = message->digest;
}

/* False: the message has ended. */
static bool has_blocks(struct sha256_stream *stream)
{
	if (!stream->blocks) {
		stream->data = stream->last;
		stream->blocks = stream->last_blocks;
		stream->last_blocks = 0;
	}
	return stream->blocks;
}

/* False: no message is left for the stream. */
static bool refill(struct sha256_batch *batch, struct sha256_stream *stream)
{
	for (;;) {
		if (stream->digest) {
			if (has_blocks(stream))
				return true;
			write_digest(stream->state, stream->digest);
			stream->digest = NULL;
		}
		if (batch->next == batch->end)
			return false;
		begin_message(stream, batch->next++);
	}
}

uint64_t sha256_batch_step(struct sha256_batch *batch, size_t max_blocks)
{
	struct sha256_stream *stream = batch->stream, *end = stream + batch->engine->streams;
	uint32_t *state[SHA256_MAX_STREAMS];
	const uint8_t *data[SHA256_MAX_STREAMS];
	size_t blocks = max_blocks;
	unsigned int count = 0;

	for (; stream < end; stream++) {
		if (!refill(batch, stream))
			continue;
		if (stream->blocks < blocks)
			blocks = stream->blocks;
		state[count] = stream->state;
		data[count++] = stream->data;
	}
	if (!count)
		return 0;
	hash_streams(batch->engine, state, data, count, blocks);
	for (stream = batch->stream; stream < end; stream++) {
		if (!stream->digest)
			continue;
		stream->data += blocks * SHA256_BLOCK;
		stream->blocks -= blocks;
	}
	return (uint64_t)count * blocks * SHA256_BLOCK;
}
