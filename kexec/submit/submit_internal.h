/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations that only the files of this stage share. */
#ifndef SUBMIT_INTERNAL_H
#define SUBMIT_INTERNAL_H

#include "submit.h"

/*
 * A sealed memfd called name that holds the bytes; the caller closes it.
 * Negative errno: status 253 where this kernel has no memfd, else 255.
 */
int memfd_with_bytes(struct ctx *ctx, const char *name, struct bytes bytes);

/* A flag that the running kernel may not know. */
struct young_flag {
	enum submit_op op; /* SUBMIT_LOAD or SUBMIT_FILE_LOAD */
	uint32_t bit;
	const char *name; /* for messages */
	const char *needs; /* version or configuration of the running kernel */
};

/* All of them; the last one has bit 0. */
extern const struct young_flag young_flags[];

#endif
