/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text in a kernel that names its version. */
#ifndef IMAGE_BANNER_H
#define IMAGE_BANNER_H

#include "core/bytes.h"
#include "core/ctx.h"

#define LINUX_BANNER "Linux version "
#define LINUX_BANNER_MAX 512

/*
 * Finds the text that every Linux kernel contains, "Linux version 6.1.0 (...", up to its
 * newline; *text points into bytes.
 */
bool linux_banner(struct bytes bytes, const char **text, size_t *size);

/* Length of the text's part that may be printed: no control character, ASCII. */
size_t printable_size(const char *text, size_t size);
/* A copy of that part. */
const char *printable_text(struct ctx *ctx, const char *text, size_t size);

#endif
