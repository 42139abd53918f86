/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files whose contents are the firmware's: the live device tree, as ppc64 and riscv64 read
 * it and as it is put together, and what stands beside it.  The input is, for each file
 * below, a byte with its length and so many bytes; without length there is no such file.
 */
#include "kexec/devicetree/devicetree.h"
#include "kexec/arch/arm/arm.h"
#include "kexec/arch/arm64/arm64.h"
#include "kexec/arch/ppc64/ppc64_machine.h"
#include "kexec/arch/riscv64/riscv64_machine.h"
#include "kexec/arch/s390x/s390x.h"
#include "purgatory_abi.h"
#include "tree.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TREE "/proc/device-tree/"
#define BLOCKS TREE "ibm,dynamic-reconfiguration-memory/ibm,"
#define CHOSEN TREE "chosen/linux,"

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
	{ .name = "/sys/firmware/acpi/tables/FACP" },
	{ .name = "/proc/self/auxv" },
	{ .name = "/proc/atags" },
};

static void write_tree(struct bytes in)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		size_t size = in.size ? in.data[0] : 0;

		in = bytes_from(in, in.size ? 1 : 0);
		size = size < in.size ? size : in.size;
		tree_put(&files[i], size ? in.data : NULL, size);
		in = bytes_from(in, size);
	}
}

static void read_ppc64(struct ctx *ctx, struct machine *machine)
{
	const struct request req = { .reuse_initrd = true };
	const struct machine_ppc64 *ppc64;
	struct memory_map map;
	int ret = machine_read_ppc64(ctx, &req, machine);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	if (ret)
		return;
	for (size_t i = 0; i < machine->iomem.count; i++)
		must(!range_empty(machine->iomem.entry[i].range) && machine->iomem.entry[i].name);
	ppc64 = machine->arch;
	for (size_t i = 0; i < ppc64->firmware_count; i++) {
		struct range r = ppc64->firmware[i];

		must(!range_empty(r) && !(r.start % PPC64_PAGE_SIZE) && !(r.end % PPC64_PAGE_SIZE));
	}
	ret = memory_map_from_iomem(ctx, &machine->iomem, &map);
	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
}

static void read_others(struct ctx *ctx, struct machine *machine)
{
	int ret = machine_read_riscv64(ctx, machine);
	uint64_t ram;

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	range_set_add(&ctx->arena, &machine->ram, (struct range){ 0, 1ull << 40 });
	ram = range_set_size(&machine->ram);
	ret = s390x_remove_offline(ctx, machine);
	must_explain(ret, &ctx->err);
	must(range_set_size(&machine->ram) <= ram);
	err_clear(&ctx->err);
	must(arm64_acpi_psci(ctx, machine->root) <= PURGATORY_PSCI_SMC);
	arm64_page_size(ctx, machine->root);
	must(!ctx->err.code);
}

static void put_together(struct ctx *ctx, const struct sysroot *root)
{
	struct devicetree tree, again;
	int ret = devicetree_flatten(ctx, root, &tree);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	must(ret || (!devicetree_check(ctx, "result", tree.blob, &again) &&
		     again.blob.size == tree.blob.size));
}

static void read_atags(struct ctx *ctx, const struct machine *machine)
{
	struct machine_arm arm = { .atags_name = "/proc/atags" };
	struct load load = { .machine = *machine };
	struct bytes list;
	int ret;

	load.machine.arch = &arm;
	arm.atags = sysroot_read_optional(ctx, machine->root, "/proc/atags");
	ret = arm_atags(ctx, &load, "quiet", (struct range){ 0x1000, 0x2000 }, &list);

	must_explain(ret, &ctx->err);
	err_clear(&ctx->err);
	if (ret)
		return;
	/* The core tag is the first, nothing is the last. */
	must(list.size >= 16 && list.size % 4 == 0);
	must(get_le32(list.data + 4) == 0x54410001);
	must(!get_le64(list.data + list.size - 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sysroot root = { tree_path };
	struct machine machine = { .root = &root };
	struct ctx ctx = { 0 };

	tree_make();
	write_tree((struct bytes){ data, size });
	read_ppc64(&ctx, &machine);
	read_others(&ctx, &machine);
	put_together(&ctx, &root);
	read_atags(&ctx, &machine);
	arena_free(&ctx.arena);
	return 0;
}
