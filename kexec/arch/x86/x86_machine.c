/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the parts of the running system that only x86 needs. */
#include "x86_machine.h"

#include <errno.h>
#include <inttypes.h>

#include "arch/arch.h"
#include "machine/cpuinfo.h"
#include "multiboot.h"
#include "x86.h"

/* Turns the error into a warning. */
static void warn_and_clear(struct ctx *ctx)
{
	log_warn(&ctx->log, "%s", ctx->err.what);
	err_clear(&ctx->err);
}

static int read_boot_params_file(struct ctx *ctx, const struct sysroot *root, const char *file,
				 struct bytes *out)
{
	int ret = sysroot_read(ctx, root, file, out);

	if (!ret && out->size != ZERO_PAGE_SIZE)
		ret = err_set(&ctx->err, -EINVAL,
			      "%s%s: found %zu bytes, expected %d: treated as missing", root->path,
			      file, out->size, ZERO_PAGE_SIZE);
	if (ret)
		*out = (struct bytes){ 0 };
	return ret;
}

static void read_boot_params(struct ctx *ctx, const struct sysroot *root, struct bytes *out)
{
	static const char *const files[] = {
		"/sys/kernel/boot_params/data",
		"/sys/kernel/debug/boot_params/data",
	};

	for (size_t i = 0; i < 2; i++) {
		int ret = read_boot_params_file(ctx, root, files[i], out);

		if (!ret)
			return;
		if (ret != -ENOENT)
			warn_and_clear(ctx);
		err_clear(&ctx->err);
	}
	log_warn(&ctx->log,
		 "The boot parameters of the running kernel cannot be read from "
		 "%s%s: the next kernel gets no EFI and no screen settings",
		 root->path, files[0]);
}

static uint64_t find_rsdp(struct ctx *ctx, const struct sysroot *root, struct bytes boot_params)
{
	uint64_t address = 0;

	if (boot_params.size)
		address = get_le64(boot_params.data + BP_ACPI_RSDP);
	if (address)
		return address;
	if (x86_systab_address(ctx, root, "ACPI20", &address) &&
	    x86_systab_address(ctx, root, "ACPI", &address)) {
		err_prefix(&ctx->err, "address of the ACPI RSDP unknown");
		address = 0;
		sysroot_go_without(ctx);
	}
	err_clear(&ctx->err);
	return address;
}

/*
 * Guesses whether the running kernel uses 5-level paging, because user space cannot read
 * CR4.LA57.  Most kernels hide the CPU flag if they do not use it.  Some kernels show it
 * nevertheless, so no5lvl on the command line counts, too.
 */
static bool uses_la57(struct ctx *ctx, const struct machine *machine)
{
	bool used = (machine->cpuinfo_unknown || cpuinfo_has_flag(machine->cpuinfo, "la57")) &&
		    !cmdline_has_param(machine->cmdline, "no5lvl");

	if (used)
		log_debug(&ctx->log,
			  "%s and no no5lvl on the command line: 5-level paging is assumed",
			  machine->cpuinfo_unknown ? "CPU flags unknown" : "CPU flag la57");
	return used;
}

/* The same choice as in purgatory. */
static const struct hash_method *choose_hash(const struct load *load)
{
	static const struct hash_method sha = { "SHA instructions, 2 streams", 1 };
	static const struct hash_method avx2 = { "AVX2 instructions, 8 streams", 2 };
	static const struct hash_method ssse3 = { "SSSE3 instructions, 4 streams", 4 };
	struct bytes cpuinfo = load->machine.cpuinfo;

	if (cpuinfo_has_flag(cpuinfo, "sha_ni") && cpuinfo_has_flag(cpuinfo, "ssse3") &&
	    cpuinfo_has_flag(cpuinfo, "sse4_1"))
		return &sha;
	if (load->arch->bits == 64 && cpuinfo_has_flag(cpuinfo, "avx2"))
		return &avx2;
	return cpuinfo_has_flag(cpuinfo, "ssse3") ? &ssse3 : NULL;
}

int x86_look(struct ctx *ctx, struct load *load)
{
	struct machine_x86 *x86 = arena_alloc(&ctx->arena, sizeof(*x86));

	load->machine.arch = x86;
	if (load->req->bake)
		return x86_look_for_bake(ctx, load);
	read_boot_params(ctx, load->root, &x86->boot_params);
	/*
	 * The tables of a 32-bit kernel map EFI for that kernel only.  Under Xen, EFI's runtime
	 * services are the hypervisor's.
	 */
	if (load->arch->bits == 64 && !load->machine.xen)
		x86_read_efi(ctx, load->root, x86);
	x86->acpi_rsdp = find_rsdp(ctx, load->root, x86->boot_params);
	log_debug(&ctx->log, "ACPI RSDP at 0x%" PRIx64, x86->acpi_rsdp);
	if (load->type && load->type->plan == multiboot2_plan)
		x86_read_tables(ctx, load->root, x86);
	x86_read_edd(ctx, load->root, x86);
	x86_read_screen(ctx, load, x86);
	x86->la57 = uses_la57(ctx, &load->machine);
	x86->hash = choose_hash(load);
	return x86_read_tree(ctx, load, x86);
}
