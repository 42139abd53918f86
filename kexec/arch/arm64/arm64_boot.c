/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on arm64: MMU off, x0 points to the device tree, the entry is the image's
 * first byte (Linux: arch/arm64/booting.rst).
 */
#include "arm64.h"

#include <errno.h>

#include "machine/cpuinfo.h"

#define OLD_TREE_WINDOW (GIB / 2)

int arm64_look(struct ctx *ctx, struct load *load)
{
	struct machine_arm64 *machine = arena_alloc(&ctx->arena, sizeof(*machine));

	if (!load->req->bake) {
		machine->page_size = arm64_page_size(ctx, load->root);
		machine->acpi_psci = arm64_acpi_psci(ctx, load->root);
	}
	load->machine.arch = machine;
	return tree_look(ctx, load);
}

/*
 * Linux before 4.2 can read the tree only in the first 512 MiB that it maps.  The header does
 * not identify these kernels, only kernels before 4.6.
 */
static void limit_tree(struct boot *boot, const struct linux_image *header, uint64_t base)
{
	if (header->flags & ARM64_IMAGE_ANYWHERE)
		return;
	placement_limit(&boot->data.placement, (struct range){ base, base + OLD_TREE_WINDOW },
			"device tree within 512 MiB of the kernel (Linux before 4.6)");
	boot->data_before_initrd = true;
}

/* The tree of a machine with ACPI contains little more than /chosen. */
static unsigned int psci_of(const struct load *load, const struct devicetree *tree)
{
	const struct machine_arm64 *machine = load->machine.arch;
	unsigned int psci = devicetree_psci(tree);

	return psci == PURGATORY_PSCI_NONE ? machine->acpi_psci : psci;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	static const struct hash_method sha2 = { "SHA2 instructions, 2 streams", 2 };
	static const struct hash_method neon = { "NEON instructions, 4 streams", 6 };

	plan->params.cpu.arm64 = (struct purgatory_arm64_state){
		.x = { info->data },
		.pc = boot->entry,
		.psci = psci_of(load, boot->tree),
	};
	if (cpuinfo_has_flag(load->machine.cpuinfo, "sha2"))
		plan->purgatory.hash = &sha2;
	else if (cpuinfo_has_flag(load->machine.cpuinfo, "asimd"))
		plan->purgatory.hash = &neon;
	tree_serial(ctx, load, boot->tree, plan);
	tree_warn_of_halt(ctx, load, plan->params.cpu.arm64.psci);
}

int arm64_plan_boot(struct ctx *ctx, const struct load *load, const struct linux_image *header,
		    struct range kernel, const struct devicetree *tree, struct plan *plan)
{
	uint64_t window = align_down(kernel.start, GIB);
	struct boot boot = {
		.cmdline_size = ARM64_CMDLINE_SIZE,
		.kdump = load->arch->kdump,
		.tree = tree,
		.enter = enter,
	};

	if (load->req->bake && !(header->flags & ARM64_IMAGE_ANYWHERE)) {
		err_set(&ctx->err, -ENOTSUP,
			"%s: Linux before 4.6 uses no memory before itself, where a baked image "
			"has "
			"its initrd and device tree",
			load->image.name);
		return err_hint(&ctx->err, "Bake a later kernel, or load this one with kexec.");
	}
	tree_boot_above(load, &boot, kernel);
	limit_tree(&boot, header, kernel.start - header->text_offset);
	placement_limit(&boot.initrd, (struct range){ window, window + ARM64_INITRD_WINDOW },
			"initrd within 32 GiB of the kernel");
	return boot_plan(ctx, load, &boot, plan);
}
