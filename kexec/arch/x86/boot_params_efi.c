/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EFI runtime services for the next kernel.  Firmware accepts virtual addresses for its
 * runtime regions only once per boot.  So the next kernel must use the running kernel's
 * addresses (kernel: ABI/testing/sysfs-firmware-efi-runtime-map).
 */
#include "x86.h"
#include "zero_page.h"

#define EFI_SETUP_SIZE 96 /* 12 u64, the last 8 reserved */

/* Returns the reason why the next kernel cannot use EFI; NULL: it can. */
static const char *efi_obstacle(const struct request *req, const struct machine_x86 *x86,
				bool takes_efi)
{
	if (req->noefi)
		return "--noefi";
	if (!takes_efi)
		return "the image lacks xloadflags bit 4, so it may not support EFI after kexec";
	if (memcmp(x86->boot_params.data + BP_EFI_INFO + EFI_INFO_SIGNATURE, "EL64", 4))
		return "the firmware is not 64-bit EFI";
	return NULL;
}

void efi_write_descriptor(uint8_t *out, const struct efi_runtime_region *region)
{
	put_le32(out, region->type);
	put_le64(out + 8, region->phys_addr);
	put_le64(out + 16, region->virt_addr);
	put_le64(out + 24, region->num_pages);
	put_le64(out + 32, region->attribute);
}

void efi_fill(struct ctx *ctx, const struct request *req, const struct machine_x86 *x86,
	      bool takes_efi, struct boot_params *bp)
{
	size_t map_size = x86->efi_map_count * EFI_DESCRIPTOR_SIZE;
	const char *obstacle;
	uint8_t *info;
	size_t setup;

	if (!x86->efi_present) /* x86_read_efi() has logged the reason */
		return;
	obstacle = efi_obstacle(req, x86, takes_efi);
	if (obstacle) {
		log_debug(&ctx->log, "no EFI for the next kernel: %s", obstacle);
		return;
	}
	setup = setup_data_add(ctx, bp, SETUP_EFI, EFI_SETUP_SIZE);
	put_le64(bp->data + setup, x86->efi_fw_vendor);
	put_le64(bp->data + setup + 8, x86->efi_runtime);
	put_le64(bp->data + setup + 16, x86->efi_config_table);
	put_le64(bp->data + setup + 24, x86->efi_smbios);

	bp->efi_map = boot_params_append(ctx, bp, map_size, 8);
	for (size_t i = 0; i < x86->efi_map_count; i++)
		efi_write_descriptor(bp->data + bp->efi_map + i * EFI_DESCRIPTOR_SIZE,
				     &x86->efi_map[i]);

	info = bp->data + BP_EFI_INFO;
	memcpy(info, x86->boot_params.data + BP_EFI_INFO, BP_EFI_INFO_SIZE);
	put_le32(info + EFI_INFO_MEMDESC_SIZE, EFI_DESCRIPTOR_SIZE);
	put_le32(info + EFI_INFO_MEMMAP_SIZE, (uint32_t)map_size);
}
