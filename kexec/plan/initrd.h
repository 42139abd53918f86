/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initrds of a load as one run of bytes. */
#ifndef PLAN_INITRD_H
#define PLAN_INITRD_H

#include "load.h"

/*
 * Opens the initrd files of the request, or else takes the initrds in the image's container.
 * Where only signed code may run, those of the container take precedence.  A U-Boot wrapper
 * (uImage) is checked and removed.  A file that no kernel unpacks is worth a warning; formats: those
 * of kernels, as in struct image_rules.
 * A single file is mapped and stays open (out->file) for kexec_file_load.  Several files are
 * concatenated as boot loaders do, each at a multiple of 4.
 * limit: largest total in bytes; -EFBIG names the file that exceeds it.  No initrd:
 * out->bytes.size is 0.  The caller closes out->file.
 */
int initrd_open(struct ctx *ctx, const struct load *load, const struct image_format *formats,
		uint64_t limit, struct initrd *out);

#endif
