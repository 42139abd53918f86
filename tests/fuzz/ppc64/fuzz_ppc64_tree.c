/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of the next kernel on ppc64, made of any tree that passed devicetree_check(). */
#include "blob.h"
#include "kexec/arch/ppc64/ppc64_tree.h"

static void change(struct ctx *ctx, const struct devicetree *in, const struct range_set *usable)
{
	const struct range reserved[] = { { 0x2fff0000, 0x30000000 }, { 0x10000, 0x20000000 } };
	const struct devicetree_ppc64 changes = {
		.bootargs = "quiet",
		.reserved = reserved,
		.reserved_count = 2,
		.tree = { 0x3ffe0000, 0x3ffe1000 },
		.usable = usable,
		.spare = devicetree_room_for_cpus(in, 3),
		.dry_run = true,
	};
	struct devicetree again;
	struct bytes out;
	int ret = devicetree_change_ppc64(ctx, in, &changes, &out);

	must_explain(ret, &ctx->err);
	if (!ret) {
		must(!devicetree_check(ctx, "result", out, &again));
		must(again.blob.size == out.size && out.size <= DEVICETREE_BUFFER);
		must(!strcmp(devicetree_bootargs(&again), "quiet"));
		must(is_reserved(out.data, reserved[0]) && is_reserved(out.data, reserved[1]));
		must(is_reserved(out.data, changes.tree));
	}
	err_clear(&ctx->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct range_set usable = { 0 };
	struct devicetree tree;
	struct ctx ctx = { 0 };
	int ret = devicetree_check(&ctx, "tree", guarded(data, size), &tree);

	must_explain(ret, &ctx.err);
	if (!ret) {
		range_set_add(&ctx.arena, &usable, (struct range){ 0, 0x40000000 });
		change(&ctx, &tree, NULL);
		change(&ctx, &tree, &usable);
	}
	arena_free(&ctx.arena);
	return 0;
}
