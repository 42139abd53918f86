/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on arm64: MMU off, x0 at the device tree, the entry at the image's first
 * byte (Linux: arch/arm64/booting.rst).
 */
#include "arm64.h"

#include "machine/cpuinfo.h"

#define OLD_TREE_WINDOW (ARM64_GIB / 2)

/* Machines with ACPI have a tree as well, of little more than /chosen. */
static unsigned int psci_of(struct ctx *ctx, const struct machine *machine,
			    const struct devicetree *tree)
{
	unsigned int psci = devicetree_psci(tree);

	return psci == PURGATORY_PSCI_NONE ? machine_acpi_psci(ctx, machine->root) : psci;
}

/*
 * Linux before 4.2 reads the tree through the first 512 MiB that it maps.  The header tells
 * apart what is older than 4.6.
 */
static struct limit tree_limit(const struct linux_image *header, uint64_t base)
{
	if (header->flags & ARM64_IMAGE_ANYWHERE)
		return (struct limit){ 0 };
	return (struct limit){ { base, base + OLD_TREE_WINDOW },
			       "device tree within 512 MiB of the kernel (Linux before 4.6)" };
}

int arm64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct linux_image *header,
		     struct range kernel, const struct devicetree *tree, struct plan *plan)
{
	uint64_t window = align_down(kernel.start, ARM64_GIB);
	const struct tree_boot boot = {
		.kernel = kernel,
		.initrd = { { window, window + ARM64_INITRD_WINDOW },
			    "initrd within 32 GiB of the kernel" },
		.tree = tree_limit(header, kernel.start - header->text_offset),
		.cmdline_size = ARM64_CMDLINE_SIZE,
		.kdump = arch_arm64.kdump,
	};
	int index = arch_plan_linux(ctx, req, machine, image, &boot, tree, plan);

	if (index < 0)
		return index;
	plan->params.cpu.arm64 = (struct purgatory_arm64_state){
		.x = { plan->segment[index].range.start },
		.pc = plan->kernel_entry,
		.psci = psci_of(ctx, machine, tree),
	};
	plan->purgatory.accelerated = cpuinfo_has_flag(machine->cpuinfo, "sha2");
	arch_serial(ctx, req, machine, plan->cmdline, tree, &plan->params);
	arch_warn_of_halt(ctx, req, plan->params.cpu.arm64.psci);
	return 0;
}
