/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv's Image (Linux: arch/riscv/boot-image-header.rst). */
#ifndef ARCH_RISCV64_RISCV_IMAGE_H
#define ARCH_RISCV64_RISCV_IMAGE_H

#include "image/linux_image.h"

/* True if "RSC\x05" is at its offset.  Cheap, sets no error. */
bool riscv_image_probe(struct bytes bytes);
/* -ENOEXEC: the header contradicts the file or itself; the error contains the numbers. */
int riscv_image_parse(struct bytes bytes, struct linux_image *out, struct err *err);

#endif
