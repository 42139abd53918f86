/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this stage share with each other only. */
#ifndef SUBMIT_INTERNAL_H
#define SUBMIT_INTERNAL_H

#include "submit.h"

/*
 * A sealed memfd called name that holds the bytes; the caller closes it.
 * Negative errno: status 253 where this kernel has no memfd, else 255.
 */
int memfd_with_bytes(struct ctx *ctx, const char *name, struct bytes bytes);

#endif
