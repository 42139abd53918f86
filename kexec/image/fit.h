/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIT images (flattened image tree), which mkimage makes for U-Boot. */
#ifndef IMAGE_FIT_H
#define IMAGE_FIT_H

#include "core/bytes.h"

#define FIT_MAGIC 0xd00dfeedu

/* The magic number of a flattened tree: device trees have the same.  Cheap, no error. */
static inline bool fit_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, 4) && get_be32(bytes.data) == FIT_MAGIC;
}

#endif
