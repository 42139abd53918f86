/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Android boot images. */
#ifndef IMAGE_ANDROID_H
#define IMAGE_ANDROID_H

#include "core/bytes.h"
#include "core/err.h"

/* The parts that the header describes; size 0: no such part. */
struct android_image {
	struct bytes kernel;
	struct bytes ramdisk;
	struct bytes dtb;
	struct bytes cmdline[2]; /* one text in two fields, each up to a NUL or its end */
};

/* ANDROID!: cheap, no error. */
bool android_probe(struct bytes bytes);
/* -ENOEXEC: no kernel, an impossible page size, a part that is not inside the file. */
int android_parse(struct bytes bytes, struct android_image *out, struct err *err);

#endif
