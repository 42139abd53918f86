/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logical memory blocks: their size as 8 bytes, then the table in either version. */
#include "fuzz.h"
#include "kexec/arch/ppc64/lmb.h"

static void read_blocks(struct bytes size, struct bytes memory, bool v2)
{
	struct err err = { 0 };
	struct lmbs lmbs;
	uint64_t blocks = 0, bytes, end;
	int ret = lmb_parse("/" LMB_NODE, size, memory, v2, &lmbs, &err);

	must_explain(ret, &err);
	for (uint32_t i = 0; !ret && i < lmbs.sets; i++) {
		struct lmb_set set = lmb_set(&lmbs, i);

		must(!__builtin_mul_overflow(lmbs.size, set.blocks, &bytes));
		must(!__builtin_add_overflow(set.start, bytes, &end));
		blocks += set.blocks;
	}
	must(ret || (lmbs.size && blocks == lmbs.blocks && blocks <= LMB_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	size_t head = size < 8 ? size : 8;

	for (int v2 = 0; v2 < 2; v2++)
		read_blocks(bytes_sub(in, 0, head), bytes_from(in, head), v2);
	return 0;
}
