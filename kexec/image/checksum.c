/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 (ISO 3309), MD5 (RFC 1321) and SHA-1 (FIPS 180-4). */
#include "checksum.h"

#include "digest.h"
#include "core/range.h"

#define BLOCK 64

/* Four bits at a time. */
uint32_t crc32_of(uint32_t crc, struct bytes bytes)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc = ~crc;
	for (size_t i = 0; i < bytes.size; i++) {
		crc ^= bytes.data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

static void md5_block(uint32_t *state, const uint8_t *data)
{
	static const uint32_t sines[64] = {
		0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
		0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
		0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
		0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
		0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
		0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
		0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
		0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
		0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
		0xeb86d391,
	};
	static const uint8_t shifts[4][4] = {
		{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 }
	};
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned int i = 0; i < 64; i++) {
		const uint32_t f[4] = { (b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d,
					c ^ (b | ~d) };
		const unsigned int word[4] = { i, 5 * i + 1, 3 * i + 5, 7 * i };
		uint32_t sum = a + f[i / 16] + sines[i] + get_le32(data + 4 * (word[i / 16] % 16));

		a = d;
		d = c;
		c = b;
		b += rotate(sum, shifts[i / 16][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

static void sha1_block(uint32_t *state, const uint8_t *data)
{
	static const uint32_t constants[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], w[80];

	for (unsigned int i = 0; i < 16; i++)
		w[i] = get_be32(data + 4 * i);
	for (unsigned int i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned int i = 0; i < 80; i++) {
		const uint32_t f[4] = { (b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d),
					b ^ c ^ d };
		uint32_t sum = rotate(a, 5) + f[i / 20] + e + constants[i / 20] + w[i];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = sum;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/* All blocks of bytes, then the padding that both functions have: a bit, zeros, the size in bits. */
static void hash(struct bytes bytes, enum byte_order order, size_t words,
		 void (*block)(uint32_t *state, const uint8_t *data), uint8_t *out)
{
	uint32_t state[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t whole = align_down(bytes.size, BLOCK), rest = bytes.size - whole;
	size_t tail_size = rest + 9 > BLOCK ? 2 * BLOCK : BLOCK;
	uint8_t tail[2 * BLOCK] = { 0 };

	for (size_t i = 0; i < whole; i += BLOCK)
		block(state, bytes.data + i);
	if (rest)
		memcpy(tail, bytes.data + whole, rest);
	tail[rest] = 0x80;
	put_u64(order, tail + tail_size - 8, (uint64_t)bytes.size * 8);
	for (size_t i = 0; i < tail_size; i += BLOCK)
		block(state, tail + i);
	for (size_t i = 0; i < words; i++)
		put_u32(order, out + 4 * i, state[i]);
}

static size_t take_crc32(struct bytes bytes, uint8_t *out)
{
	put_u32(ORDER_BE, out, crc32_of(0, bytes));
	return 4;
}

static size_t take_md5(struct bytes bytes, uint8_t *out)
{
	hash(bytes, ORDER_LE, 4, md5_block, out);
	return 16;
}

static size_t take_sha1(struct bytes bytes, uint8_t *out)
{
	hash(bytes, ORDER_BE, 5, sha1_block, out);
	return 20;
}

static size_t take_sha256(struct bytes bytes, uint8_t *out)
{
	struct sha256_engine engine;
	struct sha256 sha256;

	sha256_fastest(&engine);
	sha256_init(&sha256);
	sha256_update(&sha256, &engine, bytes.data, bytes.size);
	sha256_final(&sha256, &engine, out);
	return SHA256_SIZE;
}

size_t checksum_of(const char *algorithm, struct bytes bytes, uint8_t out[CHECKSUM_MAX])
{
	static const struct {
		const char *name;
		size_t (*take)(struct bytes bytes, uint8_t *out);
	} algorithms[] = { { "crc32", take_crc32 },
			   { "md5", take_md5 },
			   { "sha1", take_sha1 },
			   { "sha256", take_sha256 } };

	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (!strcmp(algorithm, algorithms[i].name))
			return algorithms[i].take(bytes, out);
	return 0;
}
