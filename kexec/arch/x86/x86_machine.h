/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the machine that only x86 reads (Linux: arch/x86/boot.rst, zero-page.rst). */
#ifndef ARCH_X86_X86_MACHINE_H
#define ARCH_X86_X86_MACHINE_H

#include "plan/load.h"
#include "zero_page.h"

/* One entry of /sys/firmware/efi/runtime-map. */
struct efi_runtime_region {
	uint32_t type;
	uint64_t phys_addr;
	uint64_t virt_addr;
	uint64_t num_pages;
	uint64_t attribute;
};

#define EDD_MAX_DRIVES 6
#define EDD_MAX_SIGNATURES 16
#define EDD_RECORD_SIZE 82

#define RSDP_OLD_SIZE 20 /* of ACPI 1.0 */

struct machine_x86 {
	/* The running kernel's boot_params; size 0 or 4096. */
	struct bytes boot_params;

	/* EFI; efi_present is false if a file that is needed is missing or malformed. */
	bool efi_present;
	uint64_t efi_fw_vendor;
	uint64_t efi_runtime;
	uint64_t efi_config_table;
	uint64_t efi_smbios;
	struct efi_runtime_region *efi_map;
	size_t efi_map_count;

	uint64_t acpi_rsdp; /* 0: unknown */
	/* For multiboot 2.  size 0: unknown, or not needed. */
	struct bytes rsdp; /* the table at acpi_rsdp, checked */
	struct bytes smbios; /* SMBIOS's structures */
	uint8_t smbios_version[2]; /* major, minor */

	/* EDD records in the form of boot_params. */
	uint8_t edd[EDD_MAX_DRIVES][EDD_RECORD_SIZE];
	size_t edd_count;
	uint32_t edd_signature[EDD_MAX_SIGNATURES];
	size_t edd_signature_count;

	/* struct screen_info for the next kernel; all zero: there is no screen. */
	uint8_t screen_info[64];

	struct bytes tree; /* device tree for the next kernel, checked; size 0: no device tree */

	bool la57; /* the running kernel uses 5-level paging */
	const struct hash_method *hash; /* of purgatory on this CPU; NULL: portable code */
};

/*
 * Reads boot_params, EFI, RSDP, EDD, screen and paging into load->machine.arch, a struct
 * machine_x86.  look() of struct arch.
 */
int x86_look(struct ctx *ctx, struct load *load);

/*
 * Parts of x86_look().  Unreadable files leave their fields empty with a debug line or a
 * warning: a next kernel without them still starts.
 */

/* Fills the efi_ fields. */
void x86_read_efi(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86);

/* Fills the edd fields. */
void x86_read_edd(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86);

/*
 * Reads the tree of --dtb, or for --force-dtb the running kernel's.  Errors: -ENOEXEC for a damaged
 * tree, and those of file_open().  Without libfdt only the header is checked.
 */
int x86_read_tree(struct ctx *ctx, const struct load *load, struct machine_x86 *x86);

/* Fills screen_info.  x86->boot_params and load->machine.iomem must be known. */
void x86_read_screen(struct ctx *ctx, const struct load *load, struct machine_x86 *x86);

/* Fills rsdp, smbios and smbios_version.  x86->acpi_rsdp must be known. */
void x86_read_tables(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86);

/*
 * Reads the address in the line "key=0x..." of /sys/firmware/efi/systab.  -ENOENT: no such
 * file or line; -EINVAL: not a number.
 */
int x86_systab_address(struct ctx *ctx, const struct sysroot *root, const char *key,
		       uint64_t *address);

/* Description of /dev/fb0 by the fbdev interface. */
struct framebuffer {
	char id[17];
	uint64_t base;
	uint32_t size;
	uint32_t line_length;
	uint32_t width;
	uint32_t height;
	uint32_t depth;
	uint8_t color[4][2]; /* bits and shift of red, green, blue, rest */
};

/*
 * Writes a framebuffer that the firmware set up into screen_info.  Returns false and changes
 * nothing if fb belongs to another driver, or if a number does not fit.
 */
bool x86_screen_from_framebuffer(const struct framebuffer *fb, uint8_t screen[BP_SCREEN_INFO_SIZE]);

/*
 * Returns the driver that took over the firmware's framebuffer at base; NULL: no driver did.
 * fb_name: name of the first framebuffer in /proc/fb; NULL: no framebuffer.
 */
const char *x86_native_screen_driver(const struct iomem *iomem, const char *fb_name, uint64_t base);

#endif
