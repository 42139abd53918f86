/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds boot_params from the image's setup header and the running kernel's boot_params
 * (kernel: arch/x86/boot.rst, arch/x86/zero-page.rst).
 */
#include "x86.h"

#include "core/seed.h"
#include "zero_page.h"

#define RNG_SEED_SIZE 32
#define JUMP_BACK_SLACK 64 /* " kexec_jump_back_entry=0x" and 16 digits */

size_t boot_params_append(struct ctx *ctx, struct boot_params *bp, size_t size, size_t align)
{
	size_t start = round_up(bp->size, align);
	uint8_t *bigger = arena_alloc(&ctx->arena, start + size);

	if (bp->size)
		memcpy(bigger, bp->data, bp->size);
	bp->data = bigger;
	bp->size = start + size;
	return start;
}

size_t setup_data_add(struct ctx *ctx, struct boot_params *bp, uint32_t type, size_t size)
{
	size_t node = boot_params_append(ctx, bp, SETUP_DATA_SIZE + size, SETUP_DATA_ALIGN);

	put_le64(bp->data + node + SETUP_DATA_NEXT, bp->setup_data);
	put_le32(bp->data + node + SETUP_DATA_TYPE, type);
	put_le32(bp->data + node + SETUP_DATA_LENGTH, (uint32_t)size);
	bp->setup_data = node;
	return node + SETUP_DATA_SIZE;
}

static void add_random_seed(struct ctx *ctx, const struct request *req, struct boot_params *bp)
{
	uint8_t seed[RNG_SEED_SIZE];
	size_t data;

	if (!random_seed(&ctx->log, req->dry_run, seed, sizeof(seed)))
		return;
	data = setup_data_add(ctx, bp, SETUP_RNG_SEED, sizeof(seed));
	memcpy(bp->data + data, seed, sizeof(seed));
}

static void fill_setup_header(uint8_t *page, struct bytes header)
{
	size_t room = BP_EDD_SIGNATURE - BP_SETUP_HEADER;

	memcpy(page + BP_SETUP_HEADER, header.data, header.size < room ? header.size : room);
	put_le16(page + HDR_BOOT_FLAG, BOOT_FLAG);
	page[HDR_TYPE_OF_LOADER] = LOADER_KEXEC;
	/* The other flags are the kernel's own notes, and hints for real-mode code. */
	page[HDR_LOADFLAGS] = LOADFLAGS_LOADED_HIGH;
	put_le64(page + HDR_SETUP_DATA, 0);
}

static void carry_over(uint8_t *page, struct bytes running, size_t offset, size_t size)
{
	memcpy(page + offset, running.data + offset, size);
}

/* Copies facts that only the firmware knew, from the running kernel's boot_params. */
static void fill_inherited(uint8_t *page, const struct machine_x86 *x86)
{
	struct bytes running = x86->boot_params;

	memcpy(page + BP_SCREEN_INFO, x86->screen_info, BP_SCREEN_INFO_SIZE);
	/* Loaders for protocols before 2.02 put the command line's offset here. */
	put_le16(page + BP_CL_MAGIC, 0);
	put_le16(page + BP_CL_OFFSET, 0);
	put_le16(page + BP_EXT_MEM_K, 0);
	put_le64(page + BP_ACPI_RSDP, x86->acpi_rsdp);
	if (running.size < ZERO_PAGE_SIZE)
		return;
	carry_over(page, running, BP_IST_INFO, BP_IST_INFO_SIZE);
	carry_over(page, running, BP_CC_BLOB_ADDRESS, 4);
	carry_over(page, running, BP_EDID_INFO, BP_EDID_INFO_SIZE);
	carry_over(page, running, BP_KBD_STATUS, 1);
	carry_over(page, running, BP_SECURE_BOOT, 1);
	/* In a PV domain of Xen, boot_params contain a subarch that no machine has. */
	if (get_le32(running.data + HDR_HARDWARE_SUBARCH) != SUBARCH_XEN)
		carry_over(page, running, HDR_HARDWARE_SUBARCH, HDR_HARDWARE_SUBARCH_SIZE);
}

static void fill_edd(uint8_t *page, const struct machine_x86 *x86)
{
	memcpy(page + BP_EDD, x86->edd, x86->edd_count * EDD_RECORD_SIZE);
	page[BP_EDD_ENTRIES] = (uint8_t)x86->edd_count;
	for (size_t i = 0; i < x86->edd_signature_count; i++)
		put_le32(page + BP_EDD_SIGNATURE + 4 * i, x86->edd_signature[i]);
	page[BP_EDD_SIGNATURES] = (uint8_t)x86->edd_signature_count;
}

void boot_params_build(struct ctx *ctx, const struct load *load, const struct linux_kernel *kernel,
		       const struct memory_map *map, const char *cmdline, struct boot_params *bp)
{
	const struct machine_x86 *x86 = load->machine.arch;
	size_t length = strlen(cmdline);

	memset(bp, 0, sizeof(*bp));
	boot_params_append(ctx, bp, ZERO_PAGE_SIZE, 1);
	fill_setup_header(bp->data, kernel->setup_header);
	fill_inherited(bp->data, x86);
	fill_edd(bp->data, x86);

	bp->cmdline = boot_params_append(ctx, bp, length + 1 + JUMP_BACK_SLACK, 1);
	bp->cmdline_end = bp->cmdline + length;
	memcpy(bp->data + bp->cmdline, cmdline, length);
	if (get_le16(bp->data + HDR_VERSION) < 0x0202) {
		put_le16(bp->data + BP_CL_MAGIC, CL_MAGIC);
		put_le16(bp->data + BP_CL_OFFSET, (uint16_t)bp->cmdline);
	}

	efi_fill(ctx, load->req, x86, kernel->takes_efi, bp);
	e820_fill(ctx, map, bp);
	add_random_seed(ctx, load->req, bp);
	if (x86->tree.size) {
		size_t data = setup_data_add(ctx, bp, SETUP_DTB, x86->tree.size);

		memcpy(bp->data + data, x86->tree.data, x86->tree.size);
	}
}

static void put_split(uint8_t *low, uint8_t *high, uint64_t value)
{
	put_le32(low, (uint32_t)value);
	put_le32(high, (uint32_t)(value >> 32));
}

void boot_params_set_addresses(struct boot_params *bp, uint64_t address, struct range initrd)
{
	uint8_t *page = bp->data, *efi = page + BP_EFI_INFO;
	uint8_t *link = page + HDR_SETUP_DATA;
	size_t node;

	put_split(page + HDR_CMD_LINE_PTR, page + BP_EXT_CMD_LINE_PTR, address + bp->cmdline);
	put_split(page + HDR_RAMDISK_IMAGE, page + BP_EXT_RAMDISK_IMAGE, initrd.start);
	put_split(page + HDR_RAMDISK_SIZE, page + BP_EXT_RAMDISK_SIZE, range_size(initrd));
	if (bp->efi_map)
		put_split(efi + EFI_INFO_MEMMAP, efi + EFI_INFO_MEMMAP_HI, address + bp->efi_map);
	for (node = bp->setup_data; node; node = (size_t)get_le64(link)) {
		put_le64(link, address + node);
		link = page + node + SETUP_DATA_NEXT;
	}
}
