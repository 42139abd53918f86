/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux through its 64-bit entry (long mode, all segments identity mapped) or its 32-bit
 * entry (protected mode without paging): rsi points to boot_params (kernel: arch/x86/boot.rst,
 * "32-bit Boot Protocol", "64-bit Boot Protocol").
 */
#include "x86.h"

#include <errno.h>

#include "core/kexec_flags.h"
#include "core/units.h"

#define LOWEST_INITRD 0x1000000 /* leaves DMA memory alone */
#define JUMP_BACK_WORD 41 /* characters of " kexec_jump_back_entry=0x" and 16 digits */

/* State of the hooks below. */
struct x86_boot {
	const struct linux_kernel *kernel;
	struct boot_params bp;
};

static void set_purgatory(const struct load *load, struct plan *plan)
{
	const struct machine_x86 *x86 = load->machine.arch;
	const struct request *req = load->req;
	struct purgatory_params *params = &plan->params;

	params->flags |= (req->console_vga ? PURGATORY_CONSOLE_VGA : 0) |
			 (req->reset_vga ? PURGATORY_RESET_VGA : 0);
	params->ticks_per_ms = load->machine.ticks_per_ms;
	plan->purgatory.cycles_per_ms = load->machine.ticks_per_ms;
	plan->purgatory.hash = x86->hash;
	if (!req->console_serial)
		return;
	params->serial_kind = PURGATORY_SERIAL_8250_IO;
	params->serial_base = req->serial_base;
	params->serial_baud = req->serial_baud;
}

int x86_refuse_fixed(struct ctx *ctx, const char *what_helps)
{
	ctx->err.code = -EADDRINUSE;
	return err_hint(&ctx->err,
			"This kernel cannot be moved into the crash kernel's memory: %s, or "
			"reserve the memory at its address with crashkernel=SIZE@ADDRESS.",
			what_helps);
}

struct purgatory_x86_state *x86_enter(const struct load *load, const struct boot *boot,
				      unsigned int mode, struct plan *plan)
{
	struct purgatory_x86_state *state = &plan->params.cpu.x86;

	set_purgatory(load, plan);
	*state = (struct purgatory_x86_state){ .ip = boot->entry, .mode = mode };
	return state;
}

void x86_reach_4g(struct plan *plan)
{
	plan->reach = (struct limit){ { 0, 4 * GIB }, "memory below 4 GiB" };
}

void x86_write_cpu(uint8_t *out, const struct purgatory_params *params)
{
	const struct purgatory_x86_state *state = &params->cpu.x86;

	for (size_t i = 0; i < ARRAY_SIZE(state->reg); i++)
		put_le64(out + offsetof(struct purgatory_x86_state, reg) + 8 * i, state->reg[i]);
	put_le64(out + offsetof(struct purgatory_x86_state, ip), state->ip);
	put_le32(out + offsetof(struct purgatory_x86_state, mode), state->mode);
	for (size_t i = 0; i < ARRAY_SIZE(state->segment); i++)
		put_le16(out + offsetof(struct purgatory_x86_state, segment) + 2 * i,
			 state->segment[i]);
}

void x86_limit_places(struct boot *boot, const char *why_data)
{
	const struct range above = { X86_LOWEST, UINT64_MAX };

	placement_limit(&boot->data.placement, above, why_data);
	boot->purgatory.direction = HIGHEST_FIRST;
	placement_limit(&boot->purgatory, above, "purgatory above 0x3000");
}

void x86_limit_low(struct placement *placement, const char *why)
{
	placement_limit(placement, (struct range){ 0, LOW_640K }, why);
}

void x86_limit_initrd(struct boot *boot, uint64_t end)
{
	boot->initrd.direction = HIGHEST_FIRST;
	placement_limit(&boot->initrd, (struct range){ LOWEST_INITRD, UINT64_MAX },
			"initrd above 16 MiB");
	if (end != UINT64_MAX)
		placement_limit(&boot->initrd, (struct range){ 0, end }, "initrd_addr_max");
}

/* True if the crash kernel gets no EFI.  With EFI it finds the RSDP by itself. */
static bool needs_rsdp_word(const struct load *load, const struct linux_kernel *kernel)
{
	const struct machine_x86 *x86 = load->machine.arch;

	return !kernel->takes_efi || !x86->efi_present || load->req->noefi;
}

static void crash_words(const struct load *load, const struct boot *boot, const struct kdump *kdump,
			struct kdump_words *words)
{
	const struct x86_boot *state = boot->kernel;
	const struct machine_x86 *x86 = load->machine.arch;

	words->elfcorehdr = kdump->elfcorehdr;
	if (needs_rsdp_word(load, state->kernel))
		words->acpi_rsdp = x86->acpi_rsdp;
	if (load->req->pass_memmap)
		words->memmap = &kdump->map;
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	struct x86_boot *state = boot->kernel;
	bool own_map = info->kdump && !load->req->pass_memmap;

	if (load->req->bake) { /* the start code makes boot_params */
		*out = x86_bake_room(ctx);
		return 0;
	}
	if (info->data) {
		boot_params_set_addresses(&state->bp, info->data, info->initrd);
		return 0;
	}
	boot_params_build(ctx, load, state->kernel,
			  own_map ? &info->kdump->map : &load->machine.map, info->cmdline,
			  &state->bp);
	*out = (struct bytes){ state->bp.data, state->bp.size };
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	const struct x86_boot *state = boot->kernel;

	(void)ctx;
	x86_enter(load, boot, state->kernel->mode, plan)->reg[PURGATORY_X86_RSI] = info->data;
	if (load->req->bake)
		return;
	plan->params.cmdline_end = info->data + state->bp.cmdline_end;
}

int x86_check_way_back(struct ctx *ctx, const struct load *load, unsigned int bits)
{
	if (!load->req->preserve_context || bits == load->arch->bits)
		return 0;
	return err_set(&ctx->err, -ENOTSUP,
		       "%s: it has %u bits and cannot return to a kernel of %u bits",
		       load->image.name, bits, load->arch->bits);
}

/* Purgatory adds a word to the command line of a kernel that has to return. */
static uint64_t cmdline_room(const struct load *load, const struct linux_kernel *kernel)
{
	uint64_t word = load->req->preserve_context ? JUMP_BACK_WORD : 0;

	return kernel->cmdline_size > word ? kernel->cmdline_size - word : 0;
}

int x86_plan_boot(struct ctx *ctx, const struct load *load, const struct linux_kernel *kernel,
		  struct plan *plan)
{
	struct x86_boot state = { .kernel = kernel };
	struct boot boot = {
		.entry = kernel->entry,
		.cmdline_size = cmdline_room(load, kernel),
		.kdump = load->arch->kdump,
		.crash_words = crash_words,
		.data = {
			.name = "boot_params",
			.placement.direction = HIGHEST_FIRST,
			.sealed = true,
		},
		.describe = describe,
		.enter = enter,
		.kernel = &state,
	};
	int ret = x86_check_way_back(ctx, load, kernel->has_64bit ? 64 : 32);

	if (ret)
		return ret;
	if (load->req->bake) {
		boot.kept_cmdline = "";
		boot.data.name = "handover";
		boot.data.sealed = false;
		return boot_plan(ctx, load, &boot, plan);
	}
	x86_limit_initrd(&boot, kernel->initrd_end);
	x86_limit_places(&boot, "boot_params above 0x3000");
	/* Old 32-bit kernels map little memory before they copy boot_params. */
	if (!kernel->has_64bit && !load->req->crash) {
		boot.data.placement.direction = LOWEST_FIRST;
		x86_limit_low(&boot.data.placement, "boot_params below 640 KiB");
		/* The kernel unpacks itself to memory that no field describes. */
		if (kernel->fixed)
			x86_limit_low(&boot.purgatory, "purgatory below 640 KiB");
	}
	return boot_plan(ctx, load, &boot, plan);
}
