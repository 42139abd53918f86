/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux's boot_params and the chain of setup_data (Linux: arch/x86/boot.rst, zero-page.rst). */
#include "payload.h"

#include "arch/x86/zero_page.h"

#define MAX_NODES 64
#define MAX_DATA (16u << 20)
#define INDIRECT 0x80000000u

static uint64_t split(const uint8_t *page, unsigned int low, unsigned int high)
{
	return (uint64_t)u32_at(page + high) << 32 | u32_at(page + low);
}

static void print_linux_screen(const uint8_t *page)
{
	enum {
		MODE = 6,
		COLUMNS = 7,
		LINES = 14,
		TYPE = 15,
		WIDTH = 18,
		HEIGHT = 20,
		DEPTH = 22,
		BASE = 24,
		BASE_HIGH = 58
	};

	print("screen: type 0x%x mode 0x%x, %ux%u characters, %ux%u pixels of %u bits at 0x%llx\n",
	      page[TYPE], page[MODE], page[COLUMNS], page[LINES], u16_at(page + WIDTH),
	      u16_at(page + HEIGHT), u16_at(page + DEPTH),
	      (unsigned long long)split(page, BASE, BASE_HIGH));
}

static void print_efi(const uint8_t *page)
{
	const uint8_t *efi = page + BP_EFI_INFO;

	if (!u32_at(efi))
		return;
	print("efi: ");
	print_text(efi, 4);
	print(" system table 0x%llx, memory map 0x%llx, 0x%x bytes\n",
	      (unsigned long long)split(efi, 4, 0x18), (unsigned long long)split(efi, 0x10, 0x1c),
	      u32_at(efi + EFI_INFO_MEMMAP_SIZE));
}

static void print_records(const uint8_t *p, unsigned int count)
{
	for (; count; count--, p += E820_RECORD_SIZE)
		print_memory(u64_at(p), u64_at(p + 8), u32_at(p + 16));
}

static void print_node(uint64_t address, uint32_t type, uint32_t size)
{
	const uint8_t *p;

	print("setup_data at 0x%llx: type 0x%x, ", (unsigned long long)address, type);
	print_contents(address + SETUP_DATA_SIZE, size);
	print("\n");
	if (type != SETUP_E820_EXT && type != INDIRECT)
		return;
	if (!size || !peek(address + SETUP_DATA_SIZE, size, &p))
		return;
	if (type == SETUP_E820_EXT)
		print_records(p, size / E820_RECORD_SIZE);
	/* u32 type, u32 0, u64 size, u64 address */
	if (type == INDIRECT && size >= 24) {
		print("indirect: type 0x%x, ", u32_at(p));
		print_contents(u64_at(p + 16), u64_at(p + 8) < MAX_DATA ? u64_at(p + 8) : 0);
		print("\n");
	}
}

static void print_chain(uint64_t address)
{
	unsigned int nodes;

	for (nodes = 0; address; nodes++) {
		const uint8_t *p;
		uint32_t size;

		if (!peek(address, SETUP_DATA_SIZE, &p))
			return;
		size = u32_at(p + SETUP_DATA_LENGTH);
		if (nodes == MAX_NODES || size > MAX_DATA) {
			print("setup_data at 0x%llx: 0x%x bytes, after %u others: not followed\n",
			      (unsigned long long)address, size, nodes);
			return;
		}
		print_node(address, u32_at(p + SETUP_DATA_TYPE), size);
		address = u64_at(p + SETUP_DATA_NEXT);
	}
}

static void print_header(const uint8_t *page)
{
	print_field("protocol", u16_at(page + HDR_VERSION), 4);
	print_field("type_of_loader", page[HDR_TYPE_OF_LOADER], 2);
	print_field("loadflags", page[HDR_LOADFLAGS], 2);
	print_field("boot_flag", u16_at(page + HDR_BOOT_FLAG), 4);
	print_field("sentinel", page[0x1ef], 2);
	print_field("code32_start", u32_at(page + HDR_CODE32_START), 8);
	print_field("heap_end_ptr", u16_at(page + HDR_HEAP_END_PTR), 4);
	print_field("kernel_alignment", u32_at(page + HDR_KERNEL_ALIGNMENT), 8);
	print_field("hardware_subarch", u32_at(page + HDR_HARDWARE_SUBARCH), 8);
	print_field("ext_mem_k", u16_at(page + BP_EXT_MEM_K), 4);
	print_field("alt_mem_k", u32_at(page + BP_ALT_MEM_K), 8);
	print_field("acpi_rsdp_addr", u64_at(page + BP_ACPI_RSDP), 16);
}

bool print_boot_params(uint64_t address)
{
	uint64_t cmdline, initrd, size;
	const uint8_t *page;

	if (!peek(address, ZERO_PAGE_SIZE, &page) ||
	    u32_at(page + HDR_MAGIC) != 0x53726448) /* HdrS */
		return false;
	print("boot_params at 0x%llx\n", (unsigned long long)address);
	print_header(page);
	cmdline = split(page, HDR_CMD_LINE_PTR, BP_EXT_CMD_LINE_PTR);
	if (cmdline)
		print_command_line(cmdline);
	initrd = split(page, HDR_RAMDISK_IMAGE, BP_EXT_RAMDISK_IMAGE);
	size = split(page, HDR_RAMDISK_SIZE, BP_EXT_RAMDISK_SIZE);
	if (size) {
		print("initrd: ");
		print_contents(initrd, size);
		print("\n");
	}
	print_linux_screen(page);
	print_efi(page);
	print("edd: %u records, %u signatures\n", page[BP_EDD_ENTRIES], page[BP_EDD_SIGNATURES]);
	print("e820: %u records\n", page[BP_E820_ENTRIES]);
	print_records(page + BP_E820_TABLE,
		      page[BP_E820_ENTRIES] < BP_E820_MAX ? page[BP_E820_ENTRIES] : BP_E820_MAX);
	print_chain(u64_at(page + HDR_SETUP_DATA));
	return true;
}
