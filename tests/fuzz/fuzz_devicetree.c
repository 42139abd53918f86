/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devicetree_check(), and all that is done with a tree that passed it.  libfdt is not
 * compiled with checks: the input lies at the end of accessible memory instead.
 */
#include "fuzz.h"

#include <libfdt.h>
#include <sys/mman.h>

#include "kexec/arch/ppc64/ppc64_tree.h"
#include "kexec/arch/riscv64/riscv64_tree.h"
#include "purgatory_abi.h"

#define ROOM (1u << 20)
#define PAGE 4096u

/* Ends, but for alignment, where the guard begins. */
static struct bytes guarded(const uint8_t *data, size_t size)
{
	static uint8_t *area;

	if (!area) {
		area = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		must(area != MAP_FAILED && !mprotect(area + ROOM, PAGE, PROT_NONE));
	}
	must(size <= ROOM);
	uint8_t *copy = area + ((ROOM - size) & ~7u);

	if (size)
		memcpy(copy, data, size);
	return (struct bytes){ copy, size };
}

static bool is_reserved(const void *fdt, struct range r)
{
	uint64_t address, size;

	for (int i = fdt_num_mem_rsv(fdt) - 1; i >= 0; i--)
		if (!fdt_get_mem_rsv(fdt, i, &address, &size) && address == r.start &&
		    size == range_size(r))
			return true;
	return false;
}

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

static void change_ppc64(struct ctx *ctx, const struct devicetree *in,
			 const struct range_set *usable)
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
	static const char *const hashes[] = { "zknh", "zkn", "zk", NULL };
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
	struct range_set ppc64 = { 0 }, reserved;
	struct devicetree tree;
	struct tty tty;
	int ret = devicetree_check(&ctx, "tree", bytes, &tree);

	must_explain(ret, &ctx.err);
	if (!ret) {
		must(tree.blob.size <= size && tree.blob.size == fdt_totalsize(tree.blob.data));
		must(devicetree_psci(&tree) <= PURGATORY_PSCI_SMC);
		devicetree_same_board(&tree, &tree);
		devicetree_timebase(&tree);
		devicetree_reserved(&ctx, &tree, &reserved);
		devicetree_riscv_cpus_have(&tree, hashes);
		must_explain(devicetree_stdout(&ctx, &tree, &tty), &ctx.err);
		err_clear(&ctx.err);
		for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
			change(&ctx, &tree, &changes[i]);
		range_set_add(&ctx.arena, &ppc64, (struct range){ 0, 0x40000000 });
		change_ppc64(&ctx, &tree, NULL);
		change_ppc64(&ctx, &tree, &ppc64);
	}
	arena_free(&ctx.arena);
	return 0;
}
