/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/image/image.c: compression is peeled in any order, errors name the file
 * and the way in, and files that are no kernels end with a sentence.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"
#include "make_bzimage.h"
#include "packed.h"
#include "peel.h"

#define LIMIT (UINT64_C(1) << 20)

static struct packed made_kernel(void)
{
	struct packed p = { malloc(MADE_BZIMAGE_SIZE), MADE_BZIMAGE_SIZE };

	make_bzimage(p.data);
	return p;
}

/* Compresses in place. */
static void pack_again(struct packed *p, const struct packer *packer)
{
	struct packed packed = packer->pack(packed_bytes(p));

	free(p->data);
	*p = packed;
}

static void expect_refused(const struct packed *p, uint64_t limit, int code, const char *words)
{
	struct ctx ctx = { 0 };
	struct image image;
	int ret = peel_file(&ctx, packed_bytes(p), limit, &image);

	if (ret != code || ctx.err.status != EXIT_STATUS_REFUSED ||
	    strncmp(ctx.err.what, "FILE: ", 6) || !strstr(ctx.err.what, words))
		fail_msg("wanted %d '%s', got %d '%s'", code, words, ret, ctx.err.what);
	arena_free(&ctx.arena);
}

static void leaves_a_kernel_alone(void **state)
{
	struct packed kernel = made_kernel();
	struct ctx ctx = { 0 };
	struct image image;

	(void)state;
	assert_int_equal(peel_file(&ctx, packed_bytes(&kernel), LIMIT, &image), 0);
	assert_ptr_equal(image.bytes.data, kernel.data);
	assert_int_equal(image.bytes.size, kernel.size);
	assert_int_equal(image.layers, 0);
	/* A build without this arch peels the file, but does not know its format. */
	if (arch_by_name(EXAMPLE_LE64_NAME))
		assert_string_equal(image.version, MADE_VERSION);
	else
		assert_null(image.version);
	arena_free(&ctx.arena);
	free(kernel.data);
}

static void peels_every_pair(void **state)
{
	(void)state;
	for_each_packer(inner)
	{
		for_each_packer(outer)
		{
			struct packed kernel = made_kernel(), packed = made_kernel();
			struct ctx ctx = { 0 };
			struct image image;

			pack_again(&packed, inner);
			pack_again(&packed, outer);
			if (peel_file(&ctx, packed_bytes(&packed), LIMIT, &image))
				fail_msg("%s", ctx.err.what);
			assert_int_equal(image.layers, 2);
			assert_string_equal(image.layer[0], outer->format->name);
			assert_string_equal(image.layer[1], inner->format->name);
			assert_int_equal(image.bytes.size, kernel.size);
			assert_memory_equal(image.bytes.data, kernel.data, kernel.size);
			arena_free(&ctx.arena);
			free(packed.data);
			free(kernel.data);
		}
	}
}

static void stops_somewhere(void **state)
{
	(void)state;
	for_each_packer(p)
	{
		struct packed packed = made_kernel();
		struct ctx ctx = { 0 };
		struct image image;

		for (int i = 0; i < IMAGE_MAX_LAYERS; i++)
			pack_again(&packed, p);
		assert_int_equal(peel_file(&ctx, packed_bytes(&packed), LIMIT, &image), 0);
		assert_int_equal(image.layers, IMAGE_MAX_LAYERS);
		arena_free(&ctx.arena);
		pack_again(&packed, p);
		expect_refused(&packed, LIMIT, -ELOOP, "more than 4 times");
		free(packed.data);
	}
}

/* The layers stay in memory, so the limit holds for their sum. */
static void limit_is_for_all_layers(void **state)
{
	(void)state;
	for_each_packer(p)
	{
		struct packed packed = made_kernel();
		struct ctx ctx = { 0 };
		struct image image;
		uint64_t sum = packed.size;

		pack_again(&packed, p);
		sum += packed.size;
		pack_again(&packed, p);
		assert_int_equal(peel_file(&ctx, packed_bytes(&packed), sum, &image), 0);
		arena_free(&ctx.arena);
		expect_refused(&packed, sum - 1, -EFBIG, "limit");
		free(packed.data);
	}
}

static void damage_is_an_error(void **state)
{
	(void)state;
	for_each_packer(p)
	{
		struct packed packed = made_kernel(), empty = { calloc(1, 1), 0 };
		char words[64];

		pack_again(&packed, p);
		packed.size -= 3;
		expect_refused(&packed, LIMIT, -EBADMSG, "FILE: the ");
		snprintf(words, sizeof(words), "FILE: inside its %s data: the", p->format->name);
		pack_again(&packed, p);
		expect_refused(&packed, LIMIT, -EBADMSG, words);
		free(packed.data);

		pack_again(&empty, p);
		expect_refused(&empty, LIMIT, -ENODATA, "decompresses to nothing");
		free(empty.data);
	}
}

static void version_is_safe_to_print(void **state)
{
	static const struct {
		const char *text, *version;
	} cases[] = {
		{ "\0\0Linux version 6.1.0-made (x@y) #1\n\0", "6.1.0-made (x@y) #1" },
		{ "..Linux version 5\x1b[2Jevil..............", "5" },
		{ "..Linux version 5\x7f...................", "5" },
		{ "..Linux version %s (%s)................", NULL },
		{ "......................................", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes bytes = { (const uint8_t *)cases[i].text, 38 };
		struct ctx ctx = { 0 };
		struct image image;

		assert_int_equal(peel_file(&ctx, bytes, LIMIT, &image), 0);
		if (cases[i].version)
			assert_string_equal(image.version, cases[i].version);
		else
			assert_null(image.version);
		arena_free(&ctx.arena);
	}
}

static void opens_files(void **state)
{
	char name[] = "/tmp/test_image.XXXXXX";
	int fd = mkstemp(name);
	struct packed packed = made_kernel();
	struct ctx ctx = { 0 };
	struct image_rules rules = peel_rules(&ctx, LIMIT);
	struct image image;
	struct file file;

	(void)state;
	if (packers[0].format)
		pack_again(&packed, &packers[0]);
	assert_int_equal(write(fd, packed.data, packed.size), packed.size);
	close(fd);
	assert_int_equal(image_open(&ctx, name, &rules, &file, &image), 0);
	assert_int_equal(image.bytes.size, MADE_BZIMAGE_SIZE);
	assert_true(file.fd >= 0);
	file_close(&file);
	/* One limit is below the file's size, the other above it and below what comes out. */
	rules.limit = 1;
	assert_int_equal(image_open(&ctx, name, &rules, &file, &image), -EFBIG);
	assert_int_equal(file.fd, -1);
	rules.limit = MADE_BZIMAGE_SIZE - 1;
	assert_int_equal(image_open(&ctx, name, &rules, &file, &image), -EFBIG);
	assert_int_equal(file.fd, -1);
	rules.limit = LIMIT;
	unlink(name);
	assert_int_equal(image_open(&ctx, name, &rules, &file, &image), -ENOENT);
	assert_non_null(strstr(ctx.err.what, name));
	arena_free(&ctx.arena);
	free(packed.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_a_kernel_alone), cmocka_unit_test(peels_every_pair),
		cmocka_unit_test(stops_somewhere),	 cmocka_unit_test(limit_is_for_all_layers),
		cmocka_unit_test(damage_is_an_error),	 cmocka_unit_test(version_is_safe_to_print),
		cmocka_unit_test(opens_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
