/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SHA-256 of purgatory, as compiled for this machine: examples of FIPS 180-4
 * and NIST's CAVP, then every implementation against the portable one.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sha256.h"

static const struct {
	const char *name, *text;
	size_t repeat;
	const char *digest;
} vectors[] = {
	{ "empty", "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "448 bits", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "896 bits",
	  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
	  "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "a million a", "a", 1000000,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static unsigned int failed;

static void report(bool good, const char *name, const char *method)
{
	printf("%s - sha256, %s: %s\n", good ? "ok" : "not ok", method, name);
	failed += !good;
}

static void hash_in_pieces(const struct sha256_engine *engine, const uint8_t *data, size_t size,
			   size_t piece, uint8_t digest[SHA256_SIZE])
{
	struct sha256 ctx;

	sha256_init(&ctx);
	for (; size > piece; size -= piece, data += piece)
		sha256_update(&ctx, engine, data, piece);
	sha256_update(&ctx, engine, data, size);
	sha256_final(&ctx, engine, digest);
}

static bool vector_good(const struct sha256_engine *engine, size_t i)
{
	uint8_t digest[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];
	struct sha256 ctx;
	size_t n;

	sha256_init(&ctx);
	for (n = 0; n < vectors[i].repeat; n++)
		sha256_update(&ctx, engine, vectors[i].text, strlen(vectors[i].text));
	sha256_final(&ctx, engine, digest);
	for (n = 0; n < SHA256_SIZE; n++)
		snprintf(text + 2 * n, 3, "%02x", digest[n]);
	return !strcmp(text, vectors[i].digest);
}

/* Every length to 300 at every alignment, in one piece and in pieces of 37 bytes. */
static bool agrees(const struct sha256_engine *portable, const struct sha256_engine *engine)
{
	uint8_t data[300 + 16], a[SHA256_SIZE], b[SHA256_SIZE], c[SHA256_SIZE];
	size_t size, align;

	for (size = 0; size < sizeof(data); size++)
		data[size] = (uint8_t)rand();
	for (size = 0; size <= 300; size++) {
		for (align = 0; align < 16; align++) {
			hash_in_pieces(portable, data + align, size, 37, a);
			hash_in_pieces(engine, data + align, size, size + 1, b);
			hash_in_pieces(engine, data + align, size, 37, c);
			if (memcmp(a, b, sizeof(a)) || memcmp(a, c, sizeof(a)))
				return false;
		}
	}
	return true;
}

#define MESSAGES 40

/* Batches of 0 to 40 messages of random lengths. */
static bool batches_agree(const struct sha256_engine *portable, const struct sha256_engine *engine)
{
	static uint8_t data[4096], found[MESSAGES][SHA256_SIZE], expected[SHA256_SIZE];
	struct sha256_message message[MESSAGES];
	struct sha256_batch batch;
	size_t count, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)rand();
	for (count = 0; count <= MESSAGES; count++) {
		for (i = 0; i < count; i++) {
			message[i].size = (size_t)rand() % (count % 2 ? 200 : 4000);
			message[i].data = data + (size_t)rand() % (sizeof(data) - message[i].size);
			message[i].digest = found[i];
		}
		sha256_batch_begin(&batch, engine, message, count);
		while (sha256_batch_step(&batch, count % 3 ? SIZE_MAX : 2))
			;
		for (i = 0; i < count; i++) {
			hash_in_pieces(portable, message[i].data, message[i].size, 5000, expected);
			if (memcmp(found[i], expected, sizeof(expected)))
				return false;
		}
	}
	return true;
}

static void test(const struct sha256_engine *portable, const struct sha256_engine *engine)
{
	struct sha256_batch batch;
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		report(vector_good(engine, i), vectors[i].name, engine->name);
	report(agrees(portable, engine), "lengths, alignments, pieces", engine->name);
	report(batches_agree(portable, engine), "several messages at a time", engine->name);
	report(sha256_is_right(engine, &batch), "the known answer", engine->name);
}

int main(void)
{
	struct sha256_engine portable, engine;
	unsigned int i, accelerated = 0;

	sha256_portable(&portable);
	test(&portable, &portable);
	for (i = 0; i < SHA256_ACCELERATED; i++) {
		if (!sha256_accelerated(i, &engine))
			continue;
		test(&portable, &engine);
		accelerated++;
	}
	if (!accelerated)
		printf("ok - sha256, accelerated # SKIP this CPU has no instructions for it\n");
	return failed != 0;
}
