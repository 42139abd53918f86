/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nbi-x86: a "tagged" image of Etherboot and Netboot (Draft Net Boot Image Proposal 0.3).  Its first
 * 512 bytes are a header and the records of segments.  The segments follow in the file.
 */
#ifndef ARCH_X86_NBI_H
#define ARCH_X86_NBI_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/range.h"

struct load;
struct plan;

#define NBI_HEADER_SIZE 512
#define NBI_MAX_PARTS 32 /* the header itself, and the records that fit into it */

struct nbi_part {
	struct range range; /* memory; zeros follow the bytes */
	uint32_t offset; /* in the file */
	uint32_t size;
};

struct nbi {
	bool is_32bit; /* entered in protected mode, else in real mode */
	uint16_t bx, ds; /* far address of the header */
	uint32_t entry; /* physical */
	uint16_t ip, cs; /* only for the 16-bit entry */
	struct nbi_part part[NBI_MAX_PARTS]; /* the first is the header */
	size_t parts;
};

bool nbi_probe(struct bytes bytes);

/*
 * -ENOEXEC: a record that is incomplete, exceeds the file or 4 GiB, or overlaps another record;
 * an entry outside the records.  -ENOTSUP: an image that returns to its loader, or an address that
 * counts from the end of memory.
 */
int nbi_parse(struct bytes bytes, struct nbi *out, struct err *err);

/* plan() of struct image_type. */
int nbi_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

#endif
