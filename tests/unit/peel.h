/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peeling with the formats of every arch that is compiled in. */
#ifndef TESTS_PEEL_H
#define TESTS_PEEL_H

#include "kexec/arch/arch.h"

static inline struct image_rules peel_rules(struct ctx *ctx, uint64_t limit)
{
	return (struct image_rules){ .formats = arch_image_formats(ctx), .limit = limit };
}

static inline int peel_file(struct ctx *ctx, struct bytes bytes, uint64_t limit,
			    struct image *image)
{
	const struct image_rules rules = peel_rules(ctx, limit);

	return image_peel(ctx, "FILE", bytes, &rules, image);
}

#endif
