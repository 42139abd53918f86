/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LoongArch kernels: the PE image, and the vmlinux that it is made of (Linux:
 * arch/loongarch/booting.rst).
 */
#ifndef ARCH_LOONGARCH64_LOONGARCH64_IMAGE_H
#define ARCH_LOONGARCH64_LOONGARCH64_IMAGE_H

#include "core/ctx.h"
#include "image/linux_image.h"

#define LOONGARCH64_IMAGE_ALIGN 0x10000 /* of the kernel in memory: its largest page size */

struct loongarch64_kernel {
	struct linux_image image; /* text_offset: physical address that the kernel is linked for */
	uint64_t entry; /* distance of the entry from the first byte */
	bool fixed; /* it runs at image.text_offset only */
};

/* True for a PE file for LoongArch with the kernel's magic number.  Cheap, sets no error. */
bool loongarch64_image_probe(struct bytes bytes);

/* -ENOEXEC: the header contradicts the file or itself; the error contains the numbers. */
int loongarch64_image_parse(struct bytes bytes, struct loongarch64_kernel *out, struct err *err);

/*
 * Checks a vmlinux, and sets all but out->image.kernel.  The addresses in it are virtual.  -ENOEXEC:
 * it is no kernel for this machine, or its segments or entry contradict each other.
 */
int loongarch64_vmlinux_check(struct bytes bytes, struct loongarch64_kernel *out, struct err *err);

/* The same, with the bytes as memory has them.  -ENOMEM as well. */
int loongarch64_vmlinux_parse(struct ctx *ctx, struct bytes bytes, struct loongarch64_kernel *out);

#endif
