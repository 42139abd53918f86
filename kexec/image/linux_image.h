/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Image of several arches: the kernel as it lies in memory, with a header of 64 bytes at
 * its start, little endian for kernels of either order.  An arch adds its magic number and
 * its own rules (Linux: booting.rst and boot-image-header.rst in Documentation/arch).
 */
#ifndef IMAGE_LINUX_IMAGE_H
#define IMAGE_LINUX_IMAGE_H

#include "core/bytes.h"
#include "core/err.h"

struct linux_image {
	struct bytes kernel; /* without a signature that does not fit into its memory */
	uint64_t text_offset; /* distance of the image from a multiple of LINUX_IMAGE_ALIGN */
	uint64_t image_size; /* bytes of memory, at least kernel.size */
	uint64_t flags; /* LINUX_IMAGE_BIG_ENDIAN; the other bits are the arch's */
	bool sized; /* false: the header has no sizes, the numbers are by rule of thumb */
};

#define LINUX_IMAGE_ALIGN (2u << 20)
#define LINUX_IMAGE_BIG_ENDIAN 0x1

/* Offsets in the header. */
enum {
	LINUX_IMAGE_TEXT_OFFSET = 0x08, /* u64 */
	LINUX_IMAGE_SIZE = 0x10, /* u64 */
	LINUX_IMAGE_FLAGS = 0x18, /* u64 */
	LINUX_IMAGE_MAGIC = 0x38, /* 4 characters, per arch */
	LINUX_IMAGE_HEADER_SIZE = 0x40,
};

/* A whole header with this magic number: cheap, no error. */
bool linux_image_probe(struct bytes bytes, const char *magic);

/* The fields of a file that the probe accepts, unchecked. */
struct linux_image linux_image_read(struct bytes bytes);

/*
 * Checks the fields against the file, and cuts off a signature that does not fit into the
 * kernel's memory.  -ENOEXEC with the numbers.
 */
int linux_image_check(struct linux_image *image, struct err *err);

#endif
