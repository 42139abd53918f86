/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/compress/: what the libraries write is read back; streams that are cut
 * short, damaged, followed by rubbish or far larger than they look are refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "packed.h"

#define NO_LIMIT UINT64_MAX

/* Text that compresses, but not to nothing. */
static struct packed plain(size_t size)
{
	struct packed p = { malloc(size + 1), size };
	uint32_t x = 1;

	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		p.data[i] = i % 7 ? (uint8_t)('a' + (x >> 30)) : '\n';
	}
	return p;
}

/* Runs the format on a copy that ends where the page ends, so that reading on faults. */
static int unpack(struct ctx *ctx, const struct decompressor *format, struct bytes in,
		  uint64_t limit, struct bytes *out)
{
	size_t room = (in.size + 4095) / 4096 * 4096 + 4096;
	uint8_t *area = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
	uint8_t *copy = area + room - 4096 - in.size;
	int ret;

	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + room - 4096, 4096, PROT_NONE), 0);
	memcpy(copy, in.data, in.size);
	*ctx = (struct ctx){ 0 };
	ret = decompress(ctx, format, (struct bytes){ copy, in.size }, limit, out);
	munmap(area, room);
	assert_int_equal(ret, ctx->err.code);
	return ret;
}

static void expect_plain(const struct packer *packer, struct bytes in, struct bytes wanted)
{
	struct ctx ctx;
	struct bytes out;

	assert_ptr_equal(compress_probe(in), packer->format);
	if (unpack(&ctx, packer->format, in, NO_LIMIT, &out))
		fail_msg("%s: %s", packer->format->name, ctx.err.what);
	assert_int_equal(out.size, wanted.size);
	assert_memory_equal(out.data, wanted.data, wanted.size);
	arena_free(&ctx.arena);
}

static void expect_refused(const struct packer *packer, struct bytes in, uint64_t limit, int code,
			   const char *words)
{
	struct ctx ctx;
	struct bytes out;
	int ret = unpack(&ctx, packer->format, in, limit, &out);

	if (ret != code || !strstr(ctx.err.what, words))
		print_message("%s: %d, %s\n", packer->format->name, ret, ctx.err.what);
	assert_int_equal(ret, code);
	assert_non_null(strstr(ctx.err.what, words));
	arena_free(&ctx.arena);
}

static void reads_what_was_written(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 100000, 3u << 20 };

	(void)state;
	for_each_packer(p)
	{
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct packed text = plain(sizes[i]);
			struct packed packed = p->pack(packed_bytes(&text));

			expect_plain(p, packed_bytes(&packed), packed_bytes(&text));
			free(packed.data);
			free(text.data);
		}
	}
}

/* Much more comes out than the first guess has room for. */
static void grows(void **state)
{
	struct packed zeros = { calloc(1, 12u << 20), 12u << 20 };

	(void)state;
	for_each_packer(p)
	{
		struct packed packed = p->pack(packed_bytes(&zeros));

		expect_plain(p, packed_bytes(&packed), packed_bytes(&zeros));
		free(packed.data);
	}
	free(zeros.data);
}

static void joins_members(void **state)
{
	struct packed text = plain(5000), twice = plain(5000);

	(void)state;
	packed_append(&twice, text.data, text.size);
	for_each_packer(p)
	{
		struct packed packed = p->pack(packed_bytes(&text));
		struct packed both = { NULL, 0 };

		packed_append(&both, packed.data, packed.size);
		packed_append(&both, packed.data, packed.size);
		expect_plain(p, packed_bytes(&both), packed_bytes(&twice));
		both.size--;
		expect_refused(p, packed_bytes(&both), NO_LIMIT, -EBADMSG, "cut short");
		free(both.data);
		free(packed.data);
	}
	free(text.data);
	free(twice.data);
}

static void takes_zeros_after_the_end_but_nothing_else(void **state)
{
	struct packed text = plain(5000);

	(void)state;
	for_each_packer(p)
	{
		struct packed packed = p->pack(packed_bytes(&text));
		char words[64];

		snprintf(words, sizeof(words), "at offset %#zx,", packed.size);
		packed_append(&packed, "\0\0\0\0\0\0", 6);
		expect_plain(p, packed_bytes(&packed), packed_bytes(&text));
		packed_append(&packed, "x", 1);
		expect_refused(p, packed_bytes(&packed), NO_LIMIT, -EBADMSG, words);
		expect_refused(p, packed_bytes(&packed), NO_LIMIT, -EBADMSG, "7 bytes after");
		free(packed.data);
	}
	free(text.data);
}

static void refuses_every_truncation(void **state)
{
	struct packed text = plain(700);

	(void)state;
	for_each_packer(p)
	{
		struct packed packed = p->pack(packed_bytes(&text));

		for (size_t size = 0; size < packed.size; size++) {
			struct bytes cut = { packed.data, size };

			/* Below the magic number it is not compressed, but unknown. */
			if (!compress_probe(cut))
				assert_true(size < 14);
			expect_refused(p, cut, NO_LIMIT, -EBADMSG, "cut short");
		}
		free(packed.data);
	}
	free(text.data);
}

/*
 * A flipped bit is seen, or was in a field that changes nothing: a time stamp, or the distance of
 * bytes to repeat, which are the same elsewhere.
 */
static void damage_is_never_data(void **state)
{
	struct packed text = plain(300);

	(void)state;
	for_each_packer(p)
	{
		struct packed packed = p->pack(packed_bytes(&text));
		size_t harmless = 0;

		for (size_t bit = 0; bit < packed.size * 8; bit++) {
			struct ctx ctx;
			struct bytes out;

			packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (!unpack(&ctx, p->format, packed_bytes(&packed), 1 << 20, &out)) {
				harmless++;
				if (p->checksum) {
					assert_int_equal(out.size, text.size);
					assert_memory_equal(out.data, text.data, text.size);
				}
			}
			arena_free(&ctx.arena);
			packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		if (p->checksum)
			if (harmless > 10 * 8)
				fail_msg("%s: %zu", p->format->name, harmless);
		free(packed.data);
	}
	free(text.data);
}

static void stops_at_the_limit(void **state)
{
	static const size_t sizes[] = { 1, 4096, 100000, 12u << 20 };

	(void)state;
	for_each_packer(p)
	{
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct packed zeros = { calloc(1, sizes[i]), sizes[i] };
			struct packed packed = p->pack(packed_bytes(&zeros));
			struct ctx ctx;
			struct bytes out;

			assert_int_equal(unpack(&ctx, p->format, packed_bytes(&packed), sizes[i],
						&out),
					 0);
			assert_int_equal(out.size, sizes[i]);
			arena_free(&ctx.arena);
			expect_refused(p, packed_bytes(&packed), sizes[i] - 1, -EFBIG, "limit of");
			expect_refused(p, packed_bytes(&packed), 0, -EFBIG, "limit of 0 bytes");
			free(packed.data);
			free(zeros.data);
		}
	}
}

#ifdef HAVE_ZSTD
static const struct packer zstd_packer = { &decompressor_zstd, pack_zstd, true };

/* A frame header (RFC 8878, 3.1.1.1) before two bytes that are kept as they are. */
static void zstd_claims_are_not_believed(void **state)
{
	/* 8-byte content size of 2^60; window 2^10; raw last block of 2 bytes. */
	static const uint8_t huge[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x00, 0, 0,   0,	0,
					0,    0,    0,	  0x10, 0x11, 0,    0, 'h', 'i' };
	/* No content size; window 2^29. */
	static const uint8_t window[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x98, 0x11, 0, 0, 'h', 'i'
	};
	/* The same with 2^10, and 2 bytes come out. */
	static const uint8_t good[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x11, 0, 0, 'h', 'i' };

	(void)state;
	expect_refused(&zstd_packer, (struct bytes){ huge, sizeof(huge) }, NO_LIMIT, -EBADMSG,
		       "damaged");
	expect_refused(&zstd_packer, (struct bytes){ window, sizeof(window) }, NO_LIMIT, -ENOMEM,
		       "window");
	expect_plain(&zstd_packer, (struct bytes){ good, sizeof(good) },
		     (struct bytes){ (const uint8_t *)"hi", 2 });
}

static void zstd_skips_frames(void **state)
{
	static const char skippable[] = "\x5f\x2a\x4d\x18\x03\0\0\0abc";
	struct packed text = plain(3000), all = { NULL, 0 };
	struct packed packed = pack_zstd(packed_bytes(&text));

	(void)state;
	packed_append(&all, skippable, sizeof(skippable) - 1);
	packed_append(&all, packed.data, packed.size);
	packed_append(&all, skippable, sizeof(skippable) - 1);
	expect_plain(&zstd_packer, packed_bytes(&all), packed_bytes(&text));
	free(all.data);
	free(packed.data);
	free(text.data);
}
#endif

#ifdef HAVE_LZMA
static void lzma_dictionary_is_limited(void **state)
{
	static const struct packer xz = { &decompressor_xz, pack_xz, true };
	static const struct packer lzma = { &decompressor_lzma, pack_lzma, false };
	struct packed text = plain(100), packed = pack_lzma(packed_bytes(&text));
	uint8_t *header;
	size_t size;

	(void)state;
	put_le32(packed.data + 1, UINT32_C(1) << 30);
	expect_refused(&lzma, packed_bytes(&packed), NO_LIMIT, -ENOMEM, "bytes of memory");
	free(packed.data);

	packed = pack_xz(packed_bytes(&text));
	/* Block header: size, flags, filter LZMA2, 1 byte of properties, 2^30, CRC32. */
	header = packed.data + 12;
	size = (header[0] + 1u) * 4;
	assert_int_equal(header[2], 0x21);
	header[4] = 36;
	put_le32(header + size - 4, lzma_crc32(header, size - 4, 0));
	expect_refused(&xz, packed_bytes(&packed), NO_LIMIT, -ENOMEM, "bytes of memory");
	free(packed.data);
	free(text.data);
}
#endif

#ifdef HAVE_LZ4
/* No end mark and no checksum: what comes after the last block tells. */
static void lz4_legacy(void **state)
{
	static const struct packer legacy = { &decompressor_lz4, pack_lz4_legacy, false };
	static const size_t sizes[] = { 1, 511, 100000, (8u << 20) - 1, 8u << 20, 17u << 20 };
	uint8_t word[4];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct packed text = plain(sizes[i]), twice = plain(sizes[i]);
		struct packed packed = legacy.pack(packed_bytes(&text));
		struct packed both = { NULL, 0 };
		size_t size = packed.size;

		packed_append(&twice, text.data, text.size);
		expect_plain(&legacy, packed_bytes(&packed), packed_bytes(&text));
		expect_refused(&legacy, packed_bytes(&packed), text.size - 1, -EFBIG, "limit of");
		expect_refused(&legacy, packed_bytes(&packed), 0, -EFBIG, "limit of");
		packed_append(&packed, "\0\0\0\0\0", 5);
		expect_plain(&legacy, packed_bytes(&packed), packed_bytes(&text));
		packed_append(&packed, "x", 1);
		expect_refused(&legacy, packed_bytes(&packed), NO_LIMIT, -EBADMSG, "6 bytes after");
		packed.size = size;
		/* The Linux build appends the size of all that was unpacked. */
		put_le32(word, (uint32_t)text.size);
		packed_append(&packed, word, 4);
		expect_plain(&legacy, packed_bytes(&packed), packed_bytes(&text));
		packed_append(&both, packed.data, size);
		packed_append(&both, packed.data, size);
		expect_plain(&legacy, packed_bytes(&both), packed_bytes(&twice));
		both.size--;
		expect_refused(&legacy, packed_bytes(&both), NO_LIMIT, -EBADMSG, "cut short");
		free(both.data);
		free(packed.data);
		free(twice.data);
		free(text.data);
	}
}

static void lz4_legacy_damage(void **state)
{
	static const struct packer legacy = { &decompressor_lz4, pack_lz4_legacy, false };
	struct packed text = plain(700), packed = legacy.pack(packed_bytes(&text));

	(void)state;
	for (size_t size = 4; size < packed.size; size++)
		expect_refused(&legacy, (struct bytes){ packed.data, size }, NO_LIMIT, -EBADMSG,
			       "cut short");
	for (size_t at = 8; at < packed.size; at++) {
		struct ctx ctx;
		struct bytes out;

		packed.data[at] ^= 0xff;
		unpack(&ctx, &decompressor_lz4, packed_bytes(&packed), 1 << 20, &out);
		arena_free(&ctx.arena);
		packed.data[at] ^= 0xff;
	}
	packed.data[8] = 0xff; /* more literals than there are */
	packed.data[9] = 0xff;
	packed.data[10] = 0xff;
	packed.data[11] = 0xff;
	expect_refused(&legacy, packed_bytes(&packed), NO_LIMIT, -EBADMSG, "damaged");
	put_le32(packed.data + 4, 0xffffffff);
	expect_refused(&legacy, packed_bytes(&packed), NO_LIMIT, -EBADMSG, "cut short");
	free(packed.data);
	free(text.data);
}
#endif

#ifdef HAVE_LZO
static void lzo_claims_are_not_believed(void **state)
{
	static const struct packer lzo = { &decompressor_lzo, pack_lzo, true };
	const size_t header = 17 + 4 + 12 + 1 + 4;
	static const struct {
		uint32_t size, packed_size;
		const char *words;
	} cases[] = {
		{ 0xffffffff, 10, "impossible size" }, { (64u << 20) + 1, 10, "impossible size" },
		{ 100, 0, "impossible size" },	       { 100, 101, "impossible size" },
		{ 64u << 20, 10, "damaged" },	       { 64u << 20, 64u << 20, "cut short" },
	};
	struct packed text = plain(700), packed = pack_lzo(packed_bytes(&text));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		put_u32(ORDER_BE, packed.data + header, cases[i].size);
		put_u32(ORDER_BE, packed.data + header + 4, cases[i].packed_size);
		expect_refused(&lzo, packed_bytes(&packed), NO_LIMIT, -EBADMSG, cases[i].words);
	}
	free(packed.data);
	free(text.data);
}
#endif

static void library_may_be_missing(void **state)
{
	static const struct decompressor none = { .name = "gzip" };
	static const struct packer packer = { &none, NULL, false };

	(void)state;
	expect_refused(&packer, (struct bytes){ (const uint8_t *)"", 1 }, NO_LIMIT, -EOPNOTSUPP,
		       "built without support for gzip");
}

/* Also those that this build cannot decompress. */
static void formats_have_a_name(void **state)
{
	static const struct {
		const char *name;
		const char *start;
		size_t size;
	} others[] = {
		{ "bzip2", "BZh91AY&SY", 10 },
		{ "lz4", "\x04\x22\x4d\x18", 4 },
		{ "lz4", "\x02\x21\x4c\x18", 4 },
		{ "lzo", "\x89LZO\0\r\n\x1a\n", 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct bytes bytes = { (const uint8_t *)others[i].start, others[i].size };
		struct packer packer = { compress_probe(bytes), NULL, false };

		assert_non_null(packer.format);
		assert_string_equal(packer.format->name, others[i].name);
		if (packer.format->decompress)
			expect_refused(&packer, bytes, NO_LIMIT, -EBADMSG, "cut short");
		else
			expect_refused(&packer, bytes, NO_LIMIT, -EOPNOTSUPP,
				       "built without support for ");
		bytes.size--;
		assert_null(compress_probe(bytes));
	}
}

static void kernels_are_not_taken_for_compressed(void **state)
{
	static const struct {
		const char *what;
		uint8_t start[16];
	} kernels[] = {
		{ "PE with a far jump at its start",
		  { 'M', 'Z', 0xea, 0x07, 0x00, 0xc0, 0x07, 0x8c } },
		{ "ELF", { 0x7f, 'E', 'L', 'F', 2, 1, 1 } },
		{ "zImage", { 0x00, 0x00, 0xa0, 0xe1, 0x00, 0x00, 0xa0, 0xe1 } },
		{ "s390 image", { 0x00, 0x08, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00 } },
		{ "zeros", { 0 } },
		{ "lzma with properties beyond 224", { 225, 0, 0, 0x80 } },
		{ "lzma with an odd dictionary", { 0x5d, 1, 0, 0x80 } },
		{ "lzma of 2^38 bytes", { 0x5d, 0, 0, 0x80, 0, 0, 0, 0, 0, 0x40 } },
		{ "lzma that does not start with 0",
		  { 0x5d, 0, 0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		struct bytes bytes = { kernels[i].start, sizeof(kernels[i].start) };

		if (compress_probe(bytes))
			fail_msg("%s: taken for %s", kernels[i].what, compress_probe(bytes)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(grows),
		cmocka_unit_test(joins_members),
		cmocka_unit_test(takes_zeros_after_the_end_but_nothing_else),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(damage_is_never_data),
		cmocka_unit_test(stops_at_the_limit),
#ifdef HAVE_ZSTD
		cmocka_unit_test(zstd_claims_are_not_believed),
		cmocka_unit_test(zstd_skips_frames),
#endif
#ifdef HAVE_LZMA
		cmocka_unit_test(lzma_dictionary_is_limited),
#endif
#ifdef HAVE_LZ4
		cmocka_unit_test(lz4_legacy),
		cmocka_unit_test(lz4_legacy_damage),
#endif
#ifdef HAVE_LZO
		cmocka_unit_test(lzo_claims_are_not_believed),
#endif
		cmocka_unit_test(library_may_be_missing),
		cmocka_unit_test(formats_have_a_name),
		cmocka_unit_test(kernels_are_not_taken_for_compressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
