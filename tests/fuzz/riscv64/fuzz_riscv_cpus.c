/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extensions and clock of the CPUs, in any tree that passed devicetree_check(). */
#include "blob.h"
#include "kexec/arch/riscv64/riscv64_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hashes[] = { "zknh", "zkn", "zk", NULL };
	struct devicetree tree;
	struct ctx ctx = { 0 };

	if (!devicetree_check(&ctx, "tree", guarded(data, size), &tree)) {
		devicetree_riscv_cpus_have(&tree, hashes);
		devicetree_timebase(&tree);
	}
	arena_free(&ctx.arena);
	return 0;
}
