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
	bool sized; /* false: the file does not contain the next two */
	uint64_t kernel_size; /* decompressed, bytes in memory */
	uint64_t bss_size; /* after them */
	uint64_t text_offset; /* of the decompressed kernel from the start of memory */
	uint64_t work_size; /* stack and heap after the zImage while it decompresses */
};

/* The magic number: cheap, no error. */
bool zimage_probe(struct bytes bytes);
/* -ENOEXEC with the numbers: a file shorter than its header says, or a table outside it. */
int zimage_parse(struct bytes bytes, struct zimage *out, struct err *err);

#endif
