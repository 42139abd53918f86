/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390's image: memory from address 0 on, with an area in it that a loader writes the next
 * kernel's parameters to.  The part below S390_IMAGE_START is for other ways to boot (Linux:
 * arch/s390/boot/head.S, include/asm/setup.h).
 */
#ifndef ARCH_S390X_S390_IMAGE_H
#define ARCH_S390X_S390_IMAGE_H

#include "core/bytes.h"
#include "core/ctx.h"

struct s390_image {
	struct bytes kernel; /* from address 0 on, without a signature after it */
	struct bytes own_cmdline; /* text that it uses without another command line; may be empty */
	uint64_t cmdline_size; /* characters that it has room for, without the NUL */
	bool marked; /* false: no S390EP, Linux before 3.2 or no kernel at all */
	bool kdump_entry; /* at S390_IMAGE_KDUMP_ENTRY */
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

/* "S390EP" in its place: cheap, no error. */
bool s390_image_probe(struct bytes bytes);
/* Could it be an image older than that mark?  Nearly any file could. */
bool s390_image_old_probe(struct bytes bytes);
/* -ENOEXEC with the numbers: cut short, or fields that the file contradicts. */
int s390_image_parse(struct bytes bytes, struct s390_image *out, struct err *err);
/* The version; NULL: unknown, or a damaged file. */
const char *s390_image_version(struct ctx *ctx, struct bytes bytes);

#endif
