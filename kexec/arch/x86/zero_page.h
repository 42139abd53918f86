/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets in x86's struct boot_params, the "zero page", all little endian
 * (Linux: arch/x86/boot.rst, arch/x86/zero-page.rst).
 */
#ifndef ARCH_X86_ZERO_PAGE_H
#define ARCH_X86_ZERO_PAGE_H

#define ZERO_PAGE_SIZE 0x1000

#define BP_SCREEN_INFO 0x000
#define BP_SCREEN_INFO_SIZE 0x40
#define BP_EXT_MEM_K 0x002 /* u16, inside screen_info */
#define BP_CL_MAGIC 0x020 /* u16, inside screen_info */
#define BP_CL_OFFSET 0x022 /* u16, inside screen_info */
#define BP_IST_INFO 0x060
#define BP_IST_INFO_SIZE 0x10
#define BP_ACPI_RSDP 0x070 /* u64 */
#define BP_EXT_RAMDISK_IMAGE 0x0c0 /* u32: bits 32..63 */
#define BP_EXT_RAMDISK_SIZE 0x0c4 /* u32 */
#define BP_EXT_CMD_LINE_PTR 0x0c8 /* u32 */
#define BP_CC_BLOB_ADDRESS 0x13c /* u32 */
#define BP_EDID_INFO 0x140
#define BP_EDID_INFO_SIZE 0x80
#define BP_EFI_INFO 0x1c0
#define BP_EFI_INFO_SIZE 0x20
#define BP_ALT_MEM_K 0x1e0 /* u32 */
#define BP_E820_ENTRIES 0x1e8 /* u8 */
#define BP_EDD_ENTRIES 0x1e9 /* u8 */
#define BP_EDD_SIGNATURES 0x1ea /* u8 */
#define BP_KBD_STATUS 0x1eb /* u8 */
#define BP_SECURE_BOOT 0x1ec /* u8 */
#define BP_SETUP_HEADER 0x1f1
#define BP_EDD_SIGNATURE 0x290 /* u32 each; the setup header ends here at the latest */
#define BP_E820_TABLE 0x2d0
#define BP_E820_MAX 128
#define BP_EDD 0xd00

/* efi_info */
#define EFI_INFO_SIGNATURE 0x00 /* "EL64" */
#define EFI_INFO_MEMDESC_SIZE 0x08 /* u32 */
#define EFI_INFO_MEMDESC_VERSION 0x0c /* u32 */
#define EFI_INFO_MEMMAP 0x10 /* u32 */
#define EFI_INFO_MEMMAP_SIZE 0x14 /* u32 */
#define EFI_INFO_MEMMAP_HI 0x1c /* u32 */

/* The setup header; the same offsets hold in a bzImage file. */
#define HDR_SETUP_SECTS 0x1f1 /* u8 */
#define HDR_ROOT_FLAGS 0x1f2 /* u16 */
#define HDR_SYSSIZE 0x1f4 /* u32 */
#define HDR_BOOT_FLAG 0x1fe /* u16 */
#define HDR_JUMP 0x200 /* u8 0xeb, u8 distance */
#define HDR_MAGIC 0x202
#define HDR_VERSION 0x206 /* u16 */
#define HDR_KERNEL_VERSION 0x20e /* u16: offset from 0x200 */
#define HDR_TYPE_OF_LOADER 0x210 /* u8 */
#define HDR_LOADFLAGS 0x211 /* u8 */
#define HDR_SETUP_MOVE_SIZE 0x212 /* u16 */
#define HDR_CODE32_START 0x214 /* u32 */
#define HDR_RAMDISK_IMAGE 0x218 /* u32 */
#define HDR_RAMDISK_SIZE 0x21c /* u32 */
#define HDR_HEAP_END_PTR 0x224 /* u16 */
#define HDR_CMD_LINE_PTR 0x228 /* u32 */
#define HDR_INITRD_ADDR_MAX 0x22c /* u32 */
#define HDR_KERNEL_ALIGNMENT 0x230 /* u32 */
#define HDR_RELOCATABLE_KERNEL 0x234 /* u8 */
#define HDR_MIN_ALIGNMENT 0x235 /* u8 */
#define HDR_XLOADFLAGS 0x236 /* u16 */
#define HDR_CMDLINE_SIZE 0x238 /* u32 */
#define HDR_HARDWARE_SUBARCH 0x23c /* u32, then its u64 of data */
#define HDR_HARDWARE_SUBARCH_SIZE 12
#define SUBARCH_XEN 2
#define HDR_PAYLOAD_OFFSET 0x248 /* u32 */
#define HDR_PAYLOAD_LENGTH 0x24c /* u32 */
#define HDR_SETUP_DATA 0x250 /* u64 */
#define HDR_PREF_ADDRESS 0x258 /* u64 */
#define HDR_INIT_SIZE 0x260 /* u32 */

#define BOOT_FLAG 0xaa55
#define LOADFLAGS_LOADED_HIGH 0x01
#define LOADFLAGS_CAN_USE_HEAP 0x80
#define CL_MAGIC 0xa33f /* the next field is the offset of the command line */
#define LOADER_KEXEC 0xd0 /* loader 0xd, version 0 */

#define XLF_KERNEL_64 0x01
#define XLF_CAN_BE_LOADED_ABOVE_4G 0x02
#define XLF_EFI_KEXEC 0x10
#define XLF_5LEVEL 0x20
#define XLF_5LEVEL_ENABLED 0x40

/* struct setup_data: next, type, length of the data after it */
#define SETUP_DATA_NEXT 0 /* u64 */
#define SETUP_DATA_TYPE 8 /* u32 */
#define SETUP_DATA_LENGTH 12 /* u32 */
#define SETUP_DATA_SIZE 16
#define SETUP_DATA_ALIGN 8

#define SETUP_E820_EXT 1
#define SETUP_DTB 2
#define SETUP_EFI 4
#define SETUP_RNG_SEED 9

#define E820_RECORD_SIZE 20 /* u64 start, u64 size, u32 type */

#endif
