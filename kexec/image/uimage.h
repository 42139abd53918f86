/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uImage, which mkimage makes for U-Boot: a kernel or a ramdisk after a header with checksums. */
#ifndef IMAGE_UIMAGE_H
#define IMAGE_UIMAGE_H

#include "core/bytes.h"
#include "core/err.h"

struct uimage {
	struct bytes data;
	uint8_t machine; /* number of the arch, by U-Boot's count */
	const char *compression; /* "none", "gzip", ...; NULL: an unknown number */
};

enum uimage_type { UIMAGE_KERNEL, UIMAGE_RAMDISK };

/* The magic number: cheap, no error. */
bool uimage_probe(struct bytes bytes);
/* -ENOEXEC: a wrong checksum, data that is not inside the file, content of another type. */
int uimage_parse(struct bytes bytes, enum uimage_type type, struct uimage *out, struct err *err);

#endif
