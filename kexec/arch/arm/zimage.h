/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm's zImage: the header, checked against the file (Linux: arch/arm/booting.rst). */
#ifndef ARCH_ARM_ZIMAGE_H
#define ARCH_ARM_ZIMAGE_H

#include "core/bytes.h"
#include "core/err.h"

struct zimage {
	struct bytes kernel; /* the program that decompresses itself */
	struct bytes appended; /* the rest of the file: a device tree, or anything */
	bool big_endian;
	bool sized; /* false: the file contains neither kernel_size nor bss_size */
	uint64_t kernel_size; /* decompressed, bytes in memory */
	uint64_t bss_size; /* bytes in memory after the kernel_size bytes */
	uint64_t text_offset; /* of the decompressed kernel from the start of memory */
	uint64_t work_size; /* stack and heap after the zImage while it decompresses */
};

/* True for a file with the magic number.  Cheap, sets no error. */
bool zimage_probe(struct bytes bytes);
/* -ENOEXEC: truncated, or a table outside the file; the error contains the numbers. */
int zimage_parse(struct bytes bytes, struct zimage *out, struct err *err);

#endif
