/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads PSCI flags of ACPI (ACPI, "Fixed ACPI Description Table": boot architecture flags). */
#include "arm64.h"

#define REVISION 8
#define BOOT_ARCH 129 /* 2 bytes */
#define MINOR_REVISION 131
#define PSCI_COMPLIANT 0x1
#define PSCI_USE_HVC 0x2

/* ACPI has these flags from 5.1 on. */
static bool has_boot_flags(struct bytes fadt)
{
	if (!bytes_match(fadt, 0, "FACP", 4) || !bytes_has(fadt, MINOR_REVISION, 1))
		return false;
	return fadt.data[REVISION] > 5 ||
	       (fadt.data[REVISION] == 5 && (fadt.data[MINOR_REVISION] & 15) >= 1);
}

unsigned int arm64_acpi_psci(struct ctx *ctx, const struct sysroot *root)
{
	struct bytes fadt = sysroot_read_optional(ctx, root, "/sys/firmware/acpi/tables/FACP");
	uint8_t flags = has_boot_flags(fadt) ? fadt.data[BOOT_ARCH] : 0;

	if (!(flags & PSCI_COMPLIANT))
		return PURGATORY_PSCI_NONE;
	return flags & PSCI_USE_HVC ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_SMC;
}
