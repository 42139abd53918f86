/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/image/checksum.c: the examples of the specifications, and every length of the last block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "kexec/image/checksum.h"

static void expect(const char *algorithm, struct bytes bytes, const char *wanted)
{
	uint8_t digest[CHECKSUM_MAX];
	char text[2 * CHECKSUM_MAX + 1] = "";
	size_t size = checksum_of(algorithm, bytes, digest);

	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	assert_string_equal(text, wanted);
}

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void examples(void **state)
{
	(void)state;
	expect("crc32", text_bytes("123456789"), "cbf43926");
	expect("crc32", text_bytes(""), "00000000");
	expect("md5", text_bytes(""), "d41d8cd98f00b204e9800998ecf8427e");
	expect("md5", text_bytes("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
	expect("sha1", text_bytes("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
	expect("sha1", text_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	       "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	expect("sha256", text_bytes("abc"),
	       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("sha512", text_bytes("abc"), "");
	expect("", text_bytes("abc"), "");
}

/* 0 to 129 bytes, and the MD5 and SHA-1 of all these digests after each other. */
static void every_length(void **state)
{
	uint8_t data[130], md5[130 * 16], sha1[130 * 20], digest[CHECKSUM_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(data); i++) {
		assert_int_equal(checksum_of("md5", (struct bytes){ data, i }, digest), 16);
		memcpy(md5 + 16 * i, digest, 16);
		assert_int_equal(checksum_of("sha1", (struct bytes){ data, i }, digest), 20);
		memcpy(sha1 + 20 * i, digest, 20);
	}
	expect("md5", (struct bytes){ md5, sizeof(md5) }, "3bd6fc76c984cc0a4a363e5f4e4505c0");
	expect("sha1", (struct bytes){ sha1, sizeof(sha1) },
	       "e4ad4ab1a796af7013a3364077658c2e6a6c9a65");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
