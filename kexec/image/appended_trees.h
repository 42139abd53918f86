/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees after a kernel, where boot loaders without a place for them look. */
#ifndef IMAGE_APPENDED_TREES_H
#define IMAGE_APPENDED_TREES_H

#include "core/bytes.h"

/*
 * Returns the device trees that the bytes end with, by their headers alone: each begins where the
 * one before it ends, the last one ends with the bytes, and something comes before the first.
 * *count: how many.  Size 0: no trees.  A tree larger than 2 MiB, which no kernel accepts, is not found.
 */
struct bytes appended_trees(struct bytes bytes, size_t *count);

#endif
