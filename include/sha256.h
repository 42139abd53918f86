/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4).  The kexec tool and purgatory compile the same sources:
 * freestanding, without state outside the caller's struct.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_BLOCK 64

/* Updates the state with `blocks` blocks of 64 bytes at `data`. */
typedef void sha256_blocks_fn(uint32_t state[8], const uint8_t *data, size_t blocks);

#define SHA256_MAX_STREAMS 8

/* The same for several messages: updates state[i] with `blocks` blocks at data[i]. */
typedef void sha256_streams_fn(uint32_t *const state[], const uint8_t *const data[], size_t blocks);

/*
 * One way to hash.  Only code sets the members, not an initializer: its pointers would need
 * relocation in purgatory.
 */
struct sha256_engine {
	const char *name; /* for messages */
	unsigned int streams; /* messages that it hashes at once, 1 to SHA256_MAX_STREAMS */
	sha256_streams_fn *parallel; /* for exactly that number; NULL: streams is 1 */
	/* For one message.  NULL: `parallel` is as fast for one message as this would be. */
	sha256_blocks_fn *single;
};

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes hashed so far */
	uint8_t partial[SHA256_BLOCK];
};

struct sha256_message {
	const void *data;
	size_t size;
	uint8_t *digest; /* SHA256_SIZE bytes, written at the end */
};

/* Hashes any number of messages.  The caller provides the memory, and looks at no member. */
struct sha256_batch {
	const struct sha256_engine *engine;
	const struct sha256_message *next, *end;
	struct sha256_stream {
		uint32_t state[8];
		const uint8_t *data;
		size_t blocks; /* left at data */
		size_t last_blocks; /* in last[], and not yet hashed */
		uint8_t last[2 * SHA256_BLOCK]; /* the rest of the message, and the padding */
		uint8_t *digest;
	} stream[SHA256_MAX_STREAMS];
};

static inline void sha256_engine_set(struct sha256_engine *engine, const char *name,
				     unsigned int streams, sha256_streams_fn *parallel,
				     sha256_blocks_fn *single)
{
	engine->name = name;
	engine->streams = streams;
	engine->parallel = parallel;
	engine->single = single;
}

/* The 64 words K of FIPS 180-4. */
extern const uint32_t sha256_round_constant[64];

/* Portable C. */
sha256_blocks_fn sha256_blocks_generic;

#define SHA256_ACCELERATED 3 /* number of engines besides portable code that an arch may have */

/*
 * Describes the arch's engine of number `index`, 0: the fastest.  False: it does not exist, or not
 * on this CPU.  Purgatory makes the vector registers usable before this call.
 */
bool sha256_accelerated(unsigned int index, struct sha256_engine *engine);
void sha256_portable(struct sha256_engine *engine);

/* True if every stream of the engine computes the right digest of an example.  Uses *batch. */
bool sha256_is_right(const struct sha256_engine *engine, struct sha256_batch *batch);

void sha256_init(struct sha256 *ctx);
void sha256_update(struct sha256 *ctx, const struct sha256_engine *engine, const void *data,
		   size_t size);
void sha256_final(struct sha256 *ctx, const struct sha256_engine *engine,
		  uint8_t digest[SHA256_SIZE]);

/* The engine and the messages stay the caller's until sha256_batch_step() returns 0. */
void sha256_batch_begin(struct sha256_batch *batch, const struct sha256_engine *engine,
			const struct sha256_message *messages, size_t count);

/*
 * Hashes at most max_blocks blocks of each stream.  Returns the number of bytes that this was,
 * padding included; 0: all digests are written.
 */
uint64_t sha256_batch_step(struct sha256_batch *batch, size_t max_blocks);

#endif
