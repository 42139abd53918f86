/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64's Image (Linux: arch/arm64/booting.rst). */
#ifndef ARCH_ARM64_ARM64_IMAGE_H
#define ARCH_ARM64_ARM64_IMAGE_H

#include "image/linux_image.h"

/* Flags of arm64 alone.  LINUX_IMAGE_BIG_ENDIAN is shared. */
#define ARM64_IMAGE_ANYWHERE 0x8 /* the kernel also uses memory below itself */
/* 0: unspecified, 1: 4 KiB, 2: 16 KiB, 3: 64 KiB */
#define ARM64_IMAGE_PAGE_SIZE(flags) ((unsigned int)((flags) >> 1 & 3))

/* True if "ARM\x64" is at its offset.  Cheap, sets no error. */
bool arm64_image_probe(struct bytes bytes);
/* -ENOEXEC: the header contradicts the file or itself; the error contains the numbers. */
int arm64_image_parse(struct bytes bytes, struct linux_image *out, struct err *err);

#endif
