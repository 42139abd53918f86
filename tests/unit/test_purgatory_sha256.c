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

#include "purgatory/known_answer.c"

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
static void hash_pieces(sha256_blocks_fn *blocks, const uint8_t *data, const size_t end[3],
			uint8_t digest[SHA256_SIZE])
{
	struct sha256 ctx;
	size_t start = 0;

	sha256_init(&ctx);
	for (size_t i = 0; i < 3; start = end[i++]) {
		uint8_t *piece = malloc(end[i] - start + 1);

		assert_non_null(piece);
		memcpy(piece + 1, data + start, end[i] - start);
		sha256_update(&ctx, blocks, piece + 1, end[i] - start);
		free(piece);
	}
	sha256_final(&ctx, blocks, digest);
}

static void check_pieces(sha256_blocks_fn *blocks)
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
				hash_pieces(blocks, data, (size_t[]){ first, second, sizes[i] },
					    found);
				assert_memory_equal(found, expected, SHA256_SIZE);
			}
		}
	}
}

static void check_lengths(sha256_blocks_fn *blocks)
{
	uint8_t data[1000], expected[SHA256_SIZE], found[SHA256_SIZE];

	memset(data, 0xa5, sizeof(data));
	for (size_t size = 0; size <= sizeof(data); size++) {
		reference(data, size, expected);
		hash_pieces(blocks, data, (size_t[]){ size, size, size }, found);
		assert_memory_equal(found, expected, SHA256_SIZE);
	}
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
	(void)state;
	check_pieces(sha256_blocks_generic);
	check_lengths(sha256_blocks_generic);
}

static void test_accelerated(void **state)
{
	sha256_blocks_fn *fast = sha256_accelerated();

	(void)state;
	if (!fast)
		skip();
	check_pieces(fast);
	check_lengths(fast);
}

/* Messages of one block and of two, with the digests that NIST publishes for them. */
static void test_nist(void **state)
{
	static const struct {
		const char *text;
		uint8_t start[8]; /* of the digest */
	} examples[] = {
		{ "", { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14 } },
		{ "abc", { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  { 0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8 } },
	};
	uint8_t found[SHA256_SIZE], expected[SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		size_t size = strlen(examples[i].text);
		const uint8_t *text = (const uint8_t *)examples[i].text;

		hash_pieces(sha256_blocks_generic, text, (size_t[]){ size / 2, size, size }, found);
		reference(text, size, expected);
		assert_memory_equal(found, examples[i].start, sizeof(examples[i].start));
		assert_memory_equal(expected, examples[i].start, sizeof(examples[i].start));
	}
}

/* One wrong bit in one block. */
static void nearly_right(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	sha256_blocks_generic(state, data, blocks);
	state[7] ^= 1;
}

static void test_known_answer(void **state)
{
	(void)state;
	assert_true(sha256_is_right(sha256_blocks_generic));
	assert_false(sha256_is_right(nearly_right));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),    cmocka_unit_test(test_portable),
		cmocka_unit_test(test_accelerated),  cmocka_unit_test(test_nist),
		cmocka_unit_test(test_known_answer),
	};

	return cmocka_run_group_tests(tests, compute_constants, NULL);
}
