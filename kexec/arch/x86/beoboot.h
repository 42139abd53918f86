/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beoboot: a container with a bzImage.  Members of struct image_type (arch.h). */
#ifndef ARCH_X86_BEOBOOT_H
#define ARCH_X86_BEOBOOT_H

#include "image/image.h"

bool beoboot_probe(struct bytes bytes);
int beoboot_peel(struct ctx *ctx, struct image *image, struct bytes *inside);

#endif
