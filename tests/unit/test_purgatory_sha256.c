/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Purgatory's SHA-256 against one written straight from FIPS 180-4, with
 * constants computed from the primes, and against examples of NIST.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sha256.h"

static uint32_t constant[64], initial[8];

/* The first 32 bits of the fraction of the root (power 2 or 3) of n. */
static uint32_t root_fraction(unsigned int n, unsigned int power)
{
	unsigned __int128 target = (unsigned __int128)n << (power == 2 ? 64 : 96);
	uint64_t root = 0;

	for (uint64_t bit = 1ull << 37; bit; bit >>= 1) {
		unsigned __int128 candidate = root | bit, product = candidate * candidate;

		if (power == 3 ? product * candidate <= target : product <= target)
			root |= bit;
	}
	return (uint32_t)root;
}

static bool is_prime(unsigned int n)
{
	for (unsigned int i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return true;
}

static int compute_constants(void **state)
{
	unsigned int found = 0;

	(void)state;
	for (unsigned int n = 2; found < 64; n++) {
		if (!is_prime(n))
			continue;
		constant[found] = root_fraction(n, 3);
		if (found < 8)
			initial[found] = root_fraction(n, 2);
		found++;
	}
	return 0;
}

static uint32_t rotate(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

/* FIPS 180-4, 6.2.2 */
static void reference_block(uint32_t hash[8], const uint8_t *data)
{
	uint32_t w[64], v[8];

	for (size_t t = 0; t < 64; t++) {
		if (t < 16) {
			w[t] = 0;
			for (size_t i = 0; i < 4; i++)
				w[t] = w[t] << 8 | data[4 * t + i];
			continue;
		}
		w[t] = (rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
		       (rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
	}
	memcpy(v, hash, sizeof(v));
	for (size_t t = 0; t < 64; t++) {
		uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
			      ((v[4] & v[5]) ^ (~v[4] & v[6])) + constant[t] + w[t];
		uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
			      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (size_t i = 0; i < 8; i++)
		hash[i] += v[i];
}

/* The padded message as a whole, then all its blocks. */
static void reference(const uint8_t *data, size_t size, uint8_t digest[SHA256_SIZE])
{
	size_t padded = (size + 8) / 64 * 64 + 64;
	uint8_t *message = calloc(1, padded);
	uint32_t hash[8];

	assert_non_null(message);
	memcpy(message, data, size);
	message[size] = 0x80;
	for (size_t i = 0; i < 8; i++)
		message[padded - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
	memcpy(hash, initial, sizeof(hash));
	for (size_t at = 0; at < padded; at += 64)
		reference_block(hash, message + at);
	free(message);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(hash[i / 4] >> (24 - i % 4 * 8));
}

/* In three pieces, each in a buffer of exactly its size. */
static void hash_pieces(const struct sha256_engine *engine, const uint8_t *data,
			const size_t end[3], uint8_t digest[SHA256_SIZE])
{
	struct sha256 ctx;
	size_t start = 0;

	sha256_init(&ctx);
	for (size_t i = 0; i < 3; start = end[i++]) {
		uint8_t *piece = malloc(end[i] - start + 1);

		assert_non_null(piece);
		memcpy(piece + 1, data + start, end[i] - start);
		sha256_update(&ctx, engine, piece + 1, end[i] - start);
		free(piece);
	}
	sha256_final(&ctx, engine, digest);
}

static void check_pieces(const struct sha256_engine *engine)
{
	static const size_t sizes[] = { 0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 200 };
	uint8_t data[200], expected[SHA256_SIZE], found[SHA256_SIZE];

	srand(1);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)rand();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		reference(data, sizes[i], expected);
		for (size_t first = 0; first <= sizes[i]; first++) {
			for (size_t second = first; second <= sizes[i]; second++) {
				hash_pieces(engine, data, (size_t[]){ first, second, sizes[i] },
					    found);
				assert_memory_equal(found, expected, SHA256_SIZE);
			}
		}
	}
}

static void check_lengths(const struct sha256_engine *engine)
{
	uint8_t data[1000], expected[SHA256_SIZE], found[SHA256_SIZE];

	memset(data, 0xa5, sizeof(data));
	for (size_t size = 0; size <= sizeof(data); size++) {
		reference(data, size, expected);
		hash_pieces(engine, data, (size_t[]){ size, size, size }, found);
		assert_memory_equal(found, expected, SHA256_SIZE);
	}
}

/* A piece of `size` bytes in a buffer of exactly that size. */
static uint8_t *exact(size_t size, unsigned int seed)
{
	uint8_t *data = malloc(size ? size : 1);

	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)((i + seed) * 2654435761u >> 11);
	return data;
}

#define MANY 20

/* `count` messages of these sizes as one batch, in steps of max_blocks. */
static void check_batch(const struct sha256_engine *engine, const size_t *size, size_t count,
			size_t max_blocks)
{
	struct sha256_message message[MANY];
	uint8_t found[MANY][SHA256_SIZE], expected[SHA256_SIZE];
	uint64_t sum = 0, total = 0, step;
	struct sha256_batch batch;

	memset(&batch, 0xa5, sizeof(batch));
	for (size_t i = 0; i < count; i++) {
		message[i] = (struct sha256_message){ exact(size[i], (unsigned int)i), size[i],
						      found[i] };
		total += (size[i] + 8) / 64 * 64 + 64;
	}
	sha256_batch_begin(&batch, engine, message, count);
	while ((step = sha256_batch_step(&batch, max_blocks))) {
		assert_true(step <= max_blocks * engine->streams * 64 || max_blocks == SIZE_MAX);
		sum += step;
	}
	assert_int_equal(sum, total);
	assert_int_equal(sha256_batch_step(&batch, max_blocks), 0);
	for (size_t i = 0; i < count; i++) {
		reference(message[i].data, size[i], expected);
		assert_memory_equal(found[i], expected, SHA256_SIZE);
		free((void *)message[i].data);
	}
}

/* All numbers of messages around the number of streams, with lengths around those of a block. */
static void check_batches(const struct sha256_engine *engine)
{
	static const size_t edge[] = { 0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 1000 };
	size_t size[MANY];

	check_batch(engine, size, 0, SIZE_MAX);
	srand(2);
	for (size_t count = 1; count <= MANY; count++) {
		for (size_t first = 0; first < sizeof(edge) / sizeof(edge[0]); first++) {
			for (size_t i = 0; i < count; i++)
				size[i] = edge[(first + i * 5) % (sizeof(edge) / sizeof(edge[0]))];
			check_batch(engine, size, count, SIZE_MAX);
			check_batch(engine, size, count, 1);
		}
		for (size_t turn = 0; turn < 30; turn++) {
			for (size_t i = 0; i < count; i++)
				size[i] = (size_t)rand() % (turn % 3 ? 300 : 3000);
			check_batch(engine, size, count, turn % 2 ? 3 : SIZE_MAX);
		}
	}
	/* Every pair of lengths to three blocks. */
	for (size[0] = 0; size[0] <= 192; size[0] += 3)
		for (size[1] = 0; size[1] <= 192; size[1]++)
			check_batch(engine, size, 2, SIZE_MAX);
}

static void digest_of(const struct sha256_engine *engine, const void *data, size_t size,
		      uint8_t digest[SHA256_SIZE])
{
	struct sha256_message message = { data, size, digest };
	struct sha256_batch batch;

	sha256_batch_begin(&batch, engine, &message, 1);
	while (sha256_batch_step(&batch, SIZE_MAX))
		;
}

/* NIST's Monte Carlo test of SHA-2 (SHAVS 6.4), with the seed of its example for SHA-256. */
static void check_monte_carlo(const struct sha256_engine *engine)
{
	static const uint8_t seed[SHA256_SIZE] = {
		0x6d, 0x1e, 0x72, 0xad, 0x03, 0xdd, 0xeb, 0x5d, 0xe8, 0x91, 0xe5,
		0x72, 0xe2, 0x39, 0x6f, 0x8d, 0xa0, 0x15, 0xd8, 0x99, 0xef, 0x0e,
		0x79, 0x50, 0x31, 0x52, 0xd6, 0x01, 0x0a, 0x3f, 0xe6, 0x91,
	};
	static const uint8_t last[SHA256_SIZE] = { 0xe9, 0x3c, 0x33, 0x0a, 0xe5, 0x44, 0x77, 0x38,
						   0xc8, 0xaa, 0x85, 0xd7, 0x1a, 0x6c, 0x80, 0xf2,
						   0xa5, 0x83, 0x81, 0xd0, 0x58, 0x72, 0xd2, 0x6b,
						   0xdd, 0x39, 0xf1, 0xfc, 0xd4, 0xf2, 0xb7, 0x88 };
	uint8_t expected[SHA256_SIZE], text[3 * SHA256_SIZE], digest[SHA256_SIZE];

	for (size_t i = 0; i < 3; i++)
		memcpy(text + i * SHA256_SIZE, seed, SHA256_SIZE);
	for (size_t n = 0; n < 1000; n++) {
		digest_of(engine, text, sizeof(text), digest);
		if (n < 100) {
			reference(text, sizeof(text), expected);
			assert_memory_equal(digest, expected, SHA256_SIZE);
		}
		memmove(text, text + SHA256_SIZE, 2 * SHA256_SIZE);
		memcpy(text + 2 * SHA256_SIZE, digest, SHA256_SIZE);
	}
	assert_memory_equal(digest, last, SHA256_SIZE);
}

/* Messages of one block, of two, and a long one, with the digests that NIST publishes. */
static void check_nist(const struct sha256_engine *engine)
{
	static const struct {
		const char *text;
		size_t repeat;
		uint8_t start[8]; /* of the digest */
	} examples[] = {
		{ "", 1, { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14 } },
		{ "abc", 1, { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  1,
		  { 0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8 } },
		{ "a", 1000000, { 0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92 } },
	};
	uint8_t found[SHA256_SIZE];

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		size_t length = strlen(examples[i].text), size = length * examples[i].repeat;
		uint8_t *text = malloc(size + 1);

		assert_non_null(text);
		for (size_t n = 0; n < examples[i].repeat; n++)
			memcpy(text + n * length, examples[i].text, length);
		digest_of(engine, text, size, found);
		assert_memory_equal(found, examples[i].start, sizeof(examples[i].start));
		hash_pieces(engine, text, (size_t[]){ size / 2, size, size }, found);
		assert_memory_equal(found, examples[i].start, sizeof(examples[i].start));
		free(text);
	}
}

static void check_engine(const struct sha256_engine *engine)
{
	struct sha256_batch batch;

	assert_in_range(engine->streams, 1, SHA256_MAX_STREAMS);
	assert_true(sha256_is_right(engine, &batch));
	check_pieces(engine);
	check_lengths(engine);
	check_batches(engine);
	check_nist(engine);
	check_monte_carlo(engine);
}

static void test_constants(void **state)
{
	struct sha256 ctx;

	(void)state;
	assert_memory_equal(sha256_round_constant, constant, sizeof(constant));
	sha256_init(&ctx);
	assert_memory_equal(ctx.state, initial, sizeof(initial));
}

static void test_portable(void **state)
{
	struct sha256_engine engine;

	(void)state;
	sha256_portable(&engine);
	check_engine(&engine);
}

static void check_accelerated(unsigned int index)
{
	struct sha256_engine engine;

	if (!sha256_accelerated(index, &engine))
		skip();
	check_engine(&engine);
}

static void test_engine_0(void **state)
{
	(void)state;
	check_accelerated(0);
}

static void test_engine_1(void **state)
{
	(void)state;
	check_accelerated(1);
}

static void test_engine_2(void **state)
{
	(void)state;
	check_accelerated(2);
}

static void test_no_more_engines(void **state)
{
	struct sha256_engine engine;

	(void)state;
	assert_false(sha256_accelerated(SHA256_ACCELERATED, &engine));
}

/* One wrong bit in one block. */
static void nearly_right(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	sha256_blocks_generic(state, data, blocks);
	state[7] ^= 1;
}

/* One wrong bit in the last stream. */
static void last_is_wrong(uint32_t *const state[], const uint8_t *const data[], size_t blocks)
{
	for (size_t i = 0; i < 4; i++)
		sha256_blocks_generic(state[i], data[i], blocks);
	state[3][0] ^= 0x80000000;
}

static void test_known_answer(void **state)
{
	struct sha256_engine engine;
	struct sha256_batch batch;

	(void)state;
	sha256_portable(&engine);
	assert_true(sha256_is_right(&engine, &batch));
	sha256_engine_set(&engine, "nearly right", 1, NULL, nearly_right);
	assert_false(sha256_is_right(&engine, &batch));
	sha256_engine_set(&engine, "last is wrong", 4, last_is_wrong, sha256_blocks_generic);
	assert_false(sha256_is_right(&engine, &batch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),    cmocka_unit_test(test_portable),
		cmocka_unit_test(test_engine_0),     cmocka_unit_test(test_engine_1),
		cmocka_unit_test(test_engine_2),     cmocka_unit_test(test_no_more_engines),
		cmocka_unit_test(test_known_answer),
	};

	return cmocka_run_group_tests(tests, compute_constants, NULL);
}
