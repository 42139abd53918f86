/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware tables that are copied for multiboot 2 kernels: the root of ACPI's tables (ACPI: RSDP
 * Structure), and SMBIOS's structures (DMTF: DSP0134, "Accessing SMBIOS information").
 */
#include "x86_machine.h"

#include <inttypes.h>

#define RSDP_SIZE 36
#define RSDP_REVISION 15

#define DMI "/sys/firmware/dmi/tables/"

static bool sums_to_zero(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + data[i]);
	return !sum;
}

/*
 * Reads the table from memory: 20 bytes, or 36 from revision 2 on.  /dev/mem gives access to the
 * firmware's memory, but not to the kernel's own.  A kernel that is locked down denies all access.
 */
static void read_rsdp(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	uint8_t *table = arena_alloc(&ctx->arena, RSDP_SIZE);
	size_t got, size;
	int ret = sysroot_read_at(ctx, root, "/dev/mem", x86->acpi_rsdp, table, RSDP_SIZE, &got);

	if (ret && x86->efi_present)
		log_warn(&ctx->log,
			 "the ACPI RSDP at 0x%" PRIx64
			 " cannot be read from %s/dev/mem (%s): the next "
			 "kernel gets no copy.  iomem=relaxed on the running kernel's command line "
			 "lets kexec read it",
			 x86->acpi_rsdp, root->path, strerror(-ret));
	size = got >= RSDP_SIZE && table[RSDP_REVISION] >= 2 ? RSDP_SIZE : RSDP_OLD_SIZE;
	if (got < RSDP_OLD_SIZE || memcmp(table, "RSD PTR ", 8) ||
	    !sums_to_zero(table, RSDP_OLD_SIZE) || !sums_to_zero(table, size))
		log_debug(&ctx->log, "no ACPI RSDP at 0x%" PRIx64 " of /dev/mem", x86->acpi_rsdp);
	else
		x86->rsdp = (struct bytes){ table, size };
}

/* Offset of the version's two bytes in the entry point; 0: an unknown form of entry point. */
static size_t smbios_version_at(struct bytes entry)
{
	if (bytes_match(entry, 0, "_SM3_", 5) && entry.size > 8)
		return 7;
	return bytes_match(entry, 0, "_SM_", 4) && entry.size > 7 ? 6 : 0;
}

static void read_smbios(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	struct bytes entry = sysroot_read_optional(ctx, root, DMI "smbios_entry_point");
	size_t at = smbios_version_at(entry);

	if (!at) {
		log_debug(&ctx->log, "no version of SMBIOS in %s" DMI "smbios_entry_point",
			  root->path);
		return;
	}
	memcpy(x86->smbios_version, entry.data + at, sizeof(x86->smbios_version));
	x86->smbios = sysroot_read_optional(ctx, root, DMI "DMI");
}

void x86_read_tables(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	if (x86->acpi_rsdp)
		read_rsdp(ctx, root, x86);
	read_smbios(ctx, root, x86);
}
