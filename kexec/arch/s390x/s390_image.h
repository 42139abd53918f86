/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390's image: the contents of memory from address 0 on.  A loader writes the kernel's
 * parameters into an area of the image.  Other ways to boot use the part below
 * S390_IMAGE_START (Linux: arch/s390/boot/head.S, include/asm/setup.h).
 */
#ifndef ARCH_S390X_S390_IMAGE_H
#define ARCH_S390X_S390_IMAGE_H

#include "core/bytes.h"
#include "core/ctx.h"

struct s390_image {
	struct bytes kernel; /* from address 0 on, without a signature after it */
	struct bytes own_cmdline; /* default command line inside the image; may be empty */
	uint64_t cmdline_size; /* largest command line in characters, without the NUL */
	bool marked; /* contains S390EP; false: Linux before 3.2, or not a kernel */
	bool kdump_entry; /* has an entry at S390_IMAGE_KDUMP_ENTRY */
	struct bytes version; /* text; empty: unknown */
};

#define S390_IMAGE_START 0x10000 /* the entry */
#define S390_IMAGE_KDUMP_ENTRY 0x10010
/* Addresses of its parameters; 64-bit big-endian numbers. */
#define S390_INITRD_START 0x10408
#define S390_INITRD_SIZE 0x10410
#define S390_OLDMEM_BASE 0x10418
#define S390_OLDMEM_SIZE 0x10420
#define S390_COMMAND_LINE 0x10480

/* True for a file that contains "S390EP" in its place.  Cheap, sets no error. */
bool s390_image_probe(struct bytes bytes);
/* True for a file that may be an image without S390EP.  Nearly every file may be one. */
bool s390_image_old_probe(struct bytes bytes);
/* -ENOEXEC: truncated, or fields that contradict the file; the error contains the numbers. */
int s390_image_parse(struct bytes bytes, struct s390_image *out, struct err *err);
/* The version; NULL: unknown, or a damaged file. */
const char *s390_image_version(struct ctx *ctx, struct bytes bytes);

#endif
