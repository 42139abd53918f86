/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of 64 bytes, little endian whatever the kernel is, that arm64 and riscv put in
 * front of the kernel as it is to lie in memory (Linux: arch/arm64/booting.rst,
 * arch/riscv/boot-image-header.rst).
 */
#ifndef IMAGE_LINUX_IMAGE_H
#define IMAGE_LINUX_IMAGE_H

#include "image.h"

/* Offsets in the header. */
enum {
	LINUX_IMAGE_TEXT_OFFSET = 0x08, /* u64 */
	LINUX_IMAGE_SIZE = 0x10, /* u64 */
	LINUX_IMAGE_FLAGS = 0x18, /* u64 */
	LINUX_IMAGE_MAGIC = 0x38, /* 4 characters, per arch */
	LINUX_IMAGE_HEADER_SIZE = 0x40,
};

bool linux_image_probe(struct bytes bytes, const char *magic);

/* The fields of a file that the probe accepts, as they stand there. */
struct linux_image linux_image_read(struct bytes bytes);

/*
 * Do the fields agree with the file?  Cuts a signature off that does not fit into the
 * kernel's memory.  -ENOEXEC with the numbers.
 */
int linux_image_check(struct linux_image *image, struct err *err);

#endif
