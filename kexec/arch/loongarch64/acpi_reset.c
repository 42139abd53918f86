/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the reset register in ACPI (ACPI, "Fixed ACPI Description Table", RESET_REG). */
#include "loongarch64.h"

#define FLAGS 112 /* 4 bytes */
#define RESET_REG 116 /* a generic address structure */
#define RESET_VALUE 128 /* 1 byte */
#define RESET_REG_SUPPORTED (1u << 10)

/* Offsets in a generic address structure. */
#define SPACE 0
#define BIT_WIDTH 1
#define BIT_OFFSET 2
#define ADDRESS 4

#define SYSTEM_MEMORY 0

/* ACPI demands a register of 8 bits that starts at bit 0. */
static bool is_usable(const uint8_t *reg)
{
	return reg[SPACE] == SYSTEM_MEMORY && reg[BIT_WIDTH] == 8 && !reg[BIT_OFFSET] &&
	       get_le64(reg + ADDRESS) <= LOONGARCH64_PHYSICAL;
}

struct loongarch64_reset loongarch64_acpi_reset(struct ctx *ctx, const struct sysroot *root)
{
	struct bytes fadt = sysroot_read_optional(ctx, root, "/sys/firmware/acpi/tables/FACP");

	if (!bytes_match(fadt, 0, "FACP", 4) || !bytes_has(fadt, RESET_VALUE, 1) ||
	    !(get_le32(fadt.data + FLAGS) & RESET_REG_SUPPORTED) ||
	    !is_usable(fadt.data + RESET_REG))
		return (struct loongarch64_reset){ 0 };
	return (struct loongarch64_reset){ get_le64(fadt.data + RESET_REG + ADDRESS),
					   fadt.data[RESET_VALUE] };
}
