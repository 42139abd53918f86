/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devicetree_check(), and all that every arch does with a tree that passed it. */
#include "blob.h"
#include "purgatory_abi.h"

static void check_chosen(const void *fdt, const struct devicetree_changes *changes)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), size;
	const void *value = fdt_getprop(fdt, chosen, "bootargs", &size);

	must(chosen > 0 && fdt_getprop(fdt, chosen, "linux,booted-from-kexec", NULL));
	if (changes->bootargs)
		must(value && (size_t)size == strlen(changes->bootargs) + 1 &&
		     !strcmp(value, changes->bootargs));
	value = fdt_getprop(fdt, chosen, "linux,initrd-start", &size);
	must(!value == range_empty(changes->initrd));
	must(!value || (size == 8 && get_be64(value) == changes->initrd.start &&
			is_reserved(fdt, changes->initrd)));
	must(!fdt_getprop(fdt, chosen, "linux,ima-kexec-buffer", NULL));
	value = fdt_getprop(fdt, chosen, "linux,elfcorehdr", NULL);
	must(!value == range_empty(changes->elfcorehdr));
	must(!value || is_reserved(fdt, changes->elfcorehdr));
	value = fdt_getprop(fdt, chosen, "linux,usable-memory-range", &size);
	must(!value == !changes->usable_count);
	must(!value || (size_t)size % (4 * changes->usable_count) == 0);
}

static void change(struct ctx *ctx, const struct devicetree *in,
		   const struct devicetree_changes *changes)
{
	struct devicetree again;
	struct bytes out;
	int ret = devicetree_change(ctx, in, changes, &out);

	must_explain(ret, &ctx->err);
	if (!ret) {
		must(!devicetree_check(ctx, "result", out, &again));
		must(again.blob.size == out.size && out.size <= DEVICETREE_MAX);
		check_chosen(out.data, changes);
	}
	err_clear(&ctx->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct range usable[] = { { 0x140000000, 0x150000000 }, { 0x40000000, 0x48000000 } };
	const struct devicetree_changes changes[] = {
		{ .dry_run = true },
		{ .bootargs = "root=/dev/vda quiet",
		  .initrd = { 0x48000000, 0x48012345 },
		  .dry_run = true },
		{ .elfcorehdr = { 0x47f00000, 0x47f00400 },
		  .usable = usable,
		  .usable_count = 2,
		  .dry_run = true },
		{ .elfcorehdr = { 0x47f00000, 0x47f00400 },
		  .usable = usable + 1,
		  .usable_count = 1 },
	};
	struct bytes bytes = guarded(data, size);
	struct ctx ctx = { 0 };
	struct range_set reserved;
	struct devicetree tree;
	struct tty tty;
	int ret = devicetree_check(&ctx, "tree", bytes, &tree);

	must_explain(ret, &ctx.err);
	if (!ret) {
		must(tree.blob.size <= size && tree.blob.size == fdt_totalsize(tree.blob.data));
		must(devicetree_psci(&tree) <= PURGATORY_PSCI_SMC);
		devicetree_same_board(&tree, &tree);

		devicetree_reserved(&ctx, &tree, &reserved);
		must_explain(devicetree_stdout(&ctx, &tree, &tty), &ctx.err);
		err_clear(&ctx.err);
		for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
			change(&ctx, &tree, &changes[i]);
	}
	arena_free(&ctx.arena);
	return 0;
}
