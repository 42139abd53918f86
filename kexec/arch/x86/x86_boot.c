/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux through its 64-bit entry: long mode, rsi at boot_params, all of
 * it identity mapped (kernel: arch/x86/boot.rst, "64-bit Boot Protocol").
 */
#include "x86.h"

#include <errno.h>

#include "core/kexec_flags.h"
#include "kdump/kdump.h"

#define LOWEST_INITRD 0x1000000 /* leaves DMA memory alone */

static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, struct plan *plan, struct range *initrd)
{
	struct placement placement = { .align = X86_PAGE_SIZE, .direction = HIGHEST_FIRST };

	placement_limit(&placement, (struct range){ LOWEST_INITRD, UINT64_MAX },
			"initrd above 16 MiB");
	return arch_place_initrd(ctx, req, machine, image, &placement, plan, initrd);
}

static int place_boot_params(struct ctx *ctx, const struct request *req,
			     const struct boot_params *bp, struct plan *plan, uint64_t *address)
{
	struct segment segment = {
		.name = "boot_params",
		.bytes = { bp->data, bp->size },
		.placement = { .align = X86_PAGE_SIZE, .direction = HIGHEST_FIRST },
		.sealed = true,
	};
	int index;

	placement_limit(&segment.placement, (struct range){ X86_LOWEST, UINT64_MAX },
			"boot_params above 0x3000");
	arch_limit_placement(req, &segment.placement);
	index = plan_place(ctx, plan, &segment, bp->size);
	if (index < 0)
		return index;
	*address = plan->segment[index].range.start;
	return 0;
}

static void want_purgatory(const struct request *req, const struct machine *machine,
			   struct plan *plan)
{
	struct purgatory_params *params = &plan->params;

	plan->wants_purgatory = true;
	plan->purgatory_placement = (struct placement){
		.align = X86_PAGE_SIZE,
		.direction = HIGHEST_FIRST,
	};
	placement_limit(&plan->purgatory_placement, (struct range){ X86_LOWEST, UINT64_MAX },
			"purgatory above 0x3000");
	arch_limit_placement(req, &plan->purgatory_placement);

	params->flags = arch_purgatory_flags(req) | (req->console_vga ? PURGATORY_CONSOLE_VGA : 0) |
			(req->reset_vga ? PURGATORY_RESET_VGA : 0);
	params->ticks_per_ms = machine->ticks_per_ms;
	plan->purgatory.cycles_per_ms = machine->ticks_per_ms;
	plan->purgatory.accelerated = machine->x86->sha_instructions;
	if (!req->console_serial)
		return;
	params->serial_kind = PURGATORY_SERIAL_8250_IO;
	params->serial_base = req->serial_base;
	params->serial_baud = req->serial_baud;
}

void x86_start_64(const struct request *req, const struct machine *machine, uint64_t entry,
		  unsigned int argument_reg, uint64_t argument, struct plan *plan)
{
	struct purgatory_x86_state *state = &plan->params.cpu.x86;

	want_purgatory(req, machine, plan);
	plan->kernel_entry = entry;
	*state = (struct purgatory_x86_state){ .ip = entry, .mode = PURGATORY_X86_LONG_MODE };
	state->reg[argument_reg] = argument;
}

/* The RSDP is found through EFI, where that is handed on. */
static bool needs_rsdp_word(const struct request *req, const struct machine_x86 *x86,
			    const struct linux_kernel *kernel)
{
	return !kernel->takes_efi || !x86->efi_present || req->noefi;
}

/*
 * A crash kernel's own segments, and its command line.  told: the machine as it is
 * to see it.
 */
static int plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct linux_kernel *kernel, struct plan *plan, struct machine *told)
{
	const struct kdump_options options = {
		.backup = true,
		.vmcoreinfo = true,
		.hotplug = req->hotplug,
	};
	struct kdump_words words = { 0 };
	struct machine_crash crash;
	struct kdump kdump;
	int ret = machine_read_crash(ctx, machine, &crash);

	if (!ret)
		ret = kdump_place(ctx, machine, &crash, arch_x86_64.kdump, &options, plan, &kdump);
	if (ret)
		return ret;
	words.elfcorehdr = kdump.elfcorehdr;
	if (needs_rsdp_word(req, machine->x86, kernel))
		words.acpi_rsdp = machine->x86->acpi_rsdp;
	if (req->pass_memmap)
		words.memmap = &kdump.map;
	else
		told->map = kdump.map;
	if (req->hotplug)
		plan->kexec_flags |= KEXEC_UPDATE_ELFCOREHDR;
	return kdump_command_line(ctx, plan->cmdline, kernel->cmdline_size, &words, &plan->cmdline);
}

int x86_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		   const struct image *image, const struct linux_kernel *kernel, struct plan *plan)
{
	struct machine told = *machine;
	struct boot_params bp;
	struct range initrd;
	uint64_t address;
	int ret;

	ret = arch_command_line(ctx, req, machine, image, kernel->cmdline_size, &plan->cmdline);
	if (!ret && req->crash)
		ret = plan_crash(ctx, req, machine, kernel, plan, &told);
	if (ret < 0)
		return ret;
	ret = place_initrd(ctx, req, machine, image, plan, &initrd);
	if (ret < 0)
		return ret;
	boot_params_build(ctx, req, &told, kernel, plan->cmdline, &bp);
	ret = place_boot_params(ctx, req, &bp, plan, &address);
	if (ret < 0)
		return ret;
	boot_params_set_addresses(&bp, address, initrd);

	x86_start_64(req, machine, kernel->entry, PURGATORY_X86_RSI, address, plan);
	plan->params.cmdline_end = address + bp.cmdline_end;
	return 0;
}
