/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check of a flattened tree before libfdt walks it.  libfdt up to 1.6.1 adds the length of a
 * property to a signed offset without a check, and does not come to an end if the sum is the
 * offset of the property itself.
 */
#ifndef IMAGE_FLAT_TREE_H
#define IMAGE_FLAT_TREE_H

#include "core/bytes.h"

/*
 * Checks the header, every token and the names of properties (Devicetree Specification,
 * chapter 5).  The blob lies at a multiple of 8 and is of version 16 or later.
 * Returns 0 or libfdt's error, negative.  In *damaged_at is then the offset in the blob of the
 * first token that is invalid by itself; 0: every token is valid.
 */
int flat_tree_check(struct bytes blob, size_t *damaged_at);

#endif
