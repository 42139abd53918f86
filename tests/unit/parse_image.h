/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing an Image that the test has spoiled. */
#ifndef TESTS_PARSE_IMAGE_H
#define TESTS_PARSE_IMAGE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kexec/core/ctx.h"
#include "kexec/image/linux_image.h"
#include "make_image.h"

/* Offsets in the header. */
#define TEXT_OFFSET 0x08
#define IMAGE_SIZE 0x10
#define FLAGS 0x18

struct fixture {
	int (*parse)(struct bytes bytes, struct linux_image *out, struct err *err);
	uint8_t image[MADE_IMAGE_SIZE];
	uint8_t uimage[MADE_UIMAGE_SIZE];
	struct linux_image parsed;
	struct ctx ctx;
};

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

/* Parses a copy on the heap, so that a read after its end is caught. */
static inline int parse(struct fixture *f, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, f->image, size);
	err_clear(&f->ctx.err);
	ret = f->parse((struct bytes){ copy, size }, &f->parsed, &f->ctx.err);
	if (!ret)
		assert_true(f->parsed.kernel.data == copy);
	free(copy);
	return ret;
}

static inline void expect_refused(struct fixture *f, size_t size, const char *words)
{
	assert_int_equal(parse(f, size), -ENOEXEC);
	if (!strstr(f->ctx.err.what, words))
		fail_msg("'%s' does not contain '%s'", f->ctx.err.what, words);
}

/* Turns the image into a PE file whose last bytes are a signature. */
static inline void sign(struct fixture *f, uint32_t offset, uint32_t size)
{
	uint8_t *pe = f->image + 0x40;

	put_le32(f->image + 0x3c, 0x40);
	memset(pe, 0, 24 + 240);
	memcpy(pe, "PE\0", 4);
	put_le16(pe + 20, 240);
	put_le16(pe + 24, 0x20b);
	put_le32(pe + 24 + 56, MADE_IMAGE_MEMORY); /* SizeOfImage */
	put_le32(pe + 24 + 108, 16);
	put_le32(pe + 24 + 144, offset);
	put_le32(pe + 24 + 148, size);
}

#endif
