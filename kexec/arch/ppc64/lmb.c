/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads both tables of logical memory blocks: one entry per block, or (v2) per run of blocks. */
#include "lmb.h"

#include <errno.h>
#include <inttypes.h>

#define COUNT_SIZE 4
#define ENTRY_SIZE 24
#define FLAGS 20 /* offset in the entry, in both tables */
#define ASSIGNED 0x8u
#define RESERVED 0x80u

struct lmb_set lmb_set(const struct lmbs *lmbs, uint32_t index)
{
	const uint8_t *entry = lmbs->table.data + COUNT_SIZE + (size_t)index * ENTRY_SIZE;
	uint32_t flags = get_be32(entry + FLAGS);

	return (struct lmb_set){
		.start = get_be64(lmbs->v2 ? entry + 4 : entry),
		.blocks = lmbs->v2 ? get_be32(entry) : 1,
		.usable = (flags & (ASSIGNED | RESERVED)) == ASSIGNED,
	};
}

static int check_sets(struct lmbs *lmbs, struct err *err)
{
	for (uint32_t i = 0; i < lmbs->sets; i++) {
		struct lmb_set set = lmb_set(lmbs, i);
		uint64_t size, end;

		if (__builtin_mul_overflow(lmbs->size, set.blocks, &size) ||
		    __builtin_add_overflow(set.start, size, &end))
			return err_set(err, -ENOEXEC,
				       "entry %u, %u blocks of 0x%" PRIx64 " at 0x%" PRIx64
				       ", goes past the end of the address space",
				       i, set.blocks, lmbs->size, set.start);
		if (set.blocks > LMB_MAX - lmbs->blocks)
			return err_set(err, -ENOEXEC, "more than %u blocks, up to entry %u",
				       LMB_MAX, i);
		lmbs->blocks += set.blocks;
	}
	return 0;
}

int lmb_parse(const char *name, struct bytes size, struct bytes memory, bool v2, struct lmbs *out,
	      struct err *err)
{
	int ret;

	*out = (struct lmbs){ .table = memory, .v2 = v2 };
	if (size.size != sizeof(uint64_t) || !get_be64(size.data))
		return err_set(err, -ENOEXEC,
			       "%s/" LMB_SIZE ": expected a size of 8 bytes, found %s", name,
			       size.size == sizeof(uint64_t) ? "zero" : "another length");
	out->size = get_be64(size.data);
	if (memory.size >= COUNT_SIZE)
		out->sets = get_be32(memory.data);
	if (memory.size < COUNT_SIZE || (memory.size - COUNT_SIZE) / ENTRY_SIZE < out->sets)
		ret = err_set(err, -ENOEXEC, "%u entries do not fit into its %zu bytes", out->sets,
			      memory.size);
	else
		ret = check_sets(out, err);
	return ret ? err_prefix(err, "%s/%s", name, v2 ? LMB_MEMORY_V2 : LMB_MEMORY) : 0;
}
