/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files whose contents are the firmware's: the live device tree, as each arch reads it and as it is
 * put together, and files of the kernel beside it.  The input is a byte that chooses the arch, with
 * bit 7 for a crash load, and then files as tree_write() takes them.
 */
#include "kexec/arch/arch.h"
#include "kexec/devicetree/devicetree.h"
#include "tree.h"

#define TREE "/proc/device-tree/"
#define BLOCKS TREE "ibm,dynamic-reconfiguration-memory/ibm,"
#define CHOSEN TREE "chosen/linux,"
#define FIRMWARE "Firmware" /* what stays where it is, whatever is booted */

static struct tree_file files[] = {
	{ .name = TREE "#address-cells" },
	{ .name = TREE "#size-cells" },
	{ .name = TREE "reserved-ranges" },
	{ .name = TREE "memory@0/reg" },
	{ .name = TREE "memory@0/compatible" },
	{ .name = BLOCKS "lmb-size" },
	{ .name = BLOCKS "dynamic-memory" },
	{ .name = BLOCKS "dynamic-memory-v2" },
	{ .name = TREE "rtas/linux,rtas-base" },
	{ .name = TREE "rtas/linux,rtas-entry" },
	{ .name = TREE "rtas/rtas-size" },
	{ .name = TREE "rtas/system-reboot" },
	{ .name = TREE "ibm,opal/opal-base-address" },
	{ .name = TREE "ibm,opal/opal-runtime-size" },
	{ .name = TREE "ibm,opal/opal-entry-address" },
	{ .name = TREE "pci@1/linux,tce-base" },
	{ .name = TREE "pci@1/linux,tce-size" },
	{ .name = CHOSEN "kernel-end" },
	{ .name = CHOSEN "crashkernel-base" },
	{ .name = CHOSEN "crashkernel-size" },
	{ .name = CHOSEN "htab-base" },
	{ .name = CHOSEN "htab-size" },
	{ .name = CHOSEN "initrd-start" },
	{ .name = CHOSEN "initrd-end" },
	{ .name = CHOSEN "memory-limit" },
	{ .name = TREE "chosen/stdout-path" },
	{ .name = TREE "vdevice/vty@30000000/compatible" },
	{ .name = TREE "vdevice/vty@30000000/reg" },
	{ .name = TREE "cpus/cpu@0/timebase-frequency" },
	{ .name = TREE "cpus/cpu@0/clock-frequency" },
	{ .name = TREE "reserved-memory/mmode_resv0@80000000/reg" },
	{ .name = "/sys/devices/system/cpu/possible" },
	{ .name = "/sys/devices/system/cpu/present" },
	{ .name = "/sys/devices/system/memory/block_size_bytes" },
	{ .name = "/sys/devices/system/memory/memory3/state" },
};

static void check_iomem(struct ctx *ctx, const struct arch *arch, const struct iomem *iomem)
{
	struct memory_map map;
	int ret = memory_map_from_iomem(ctx, iomem, &map);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	for (size_t i = 0; i < iomem->count; i++) {
		struct range r = iomem->entry[i].range;

		must(!range_empty(r) && iomem->entry[i].name);
		if (!strcmp(iomem->entry[i].name, FIRMWARE))
			must(!(r.start % arch->page_size) && !(r.end % arch->page_size));
	}
}

/* The look at the machine: it takes memory away and adds none. */
static void look(struct ctx *ctx, const struct arch *arch, const struct sysroot *root,
		 const struct request *req)
{
	struct load load = { .req = req, .arch = arch, .root = root, .machine.root = root };
	struct machine *machine = &load.machine;
	uint64_t ram;
	int ret = 0;

	if (arch->memory.read_iomem) {
		ret = arch->memory.read_iomem(ctx, req, machine);
		must_explain(ret, &ctx->err);
	}
	if (!ret) {
		check_iomem(ctx, arch, &machine->iomem);
		range_set_add(&ctx->arena, &machine->ram, (struct range){ 0, 1ull << 40 });
		ram = range_set_size(&machine->ram);
		ret = arch->look(ctx, &load);
		must_explain(ret, &ctx->err);
		must(range_set_size(&machine->ram) <= ram);
	}
	err_clear(&ctx->err);
	if (arch->kept_cmdline)
		arch->kept_cmdline(ctx, root);
	must(!ctx->err.code);
}

static void flatten(struct ctx *ctx, const struct sysroot *root)
{
	struct devicetree tree, again;
	int ret = devicetree_flatten(ctx, root, &tree);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	must(ret || (!devicetree_check(ctx, "result", tree.blob, &again) &&
		     again.blob.size == tree.blob.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sysroot root = { .path = tree_path };
	struct bytes in = { data, size };
	uint8_t choice = size ? data[0] : 0;
	const struct request req = { .crash = choice & 0x80, .reuse_initrd = !(choice & 0x80) };
	struct ctx ctx = { 0 };
	size_t count = 0;

	while (arches[count])
		count++;
	tree_write(files, sizeof(files) / sizeof(*files), bytes_from(in, size ? 1 : 0));
	look(&ctx, arches[(choice & 0x7f) % count], &root, &req);
	flatten(&ctx, &root);
	arena_free(&ctx.arena);
	return 0;
}
