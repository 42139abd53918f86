/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PVH entry of an ELF program: 32-bit protected mode, the address of struct hvm_start_info in
 * ebx (Xen: docs/misc/pvh.pandoc, xen/include/public/arch-x86/hvm/start_info.h).
 */
#include "x86.h"

#include <errno.h>

#include "multiboot.h"

#define NOTE_PHYS32_ENTRY 18
#define MAGIC 0x336ec578u
#define VERSION 1 /* the first version with a memory map */
#define CMDLINE_SIZE 2047

/* struct hvm_start_info */
#define INFO_VERSION 4 /* u32 */
#define INFO_MODULES 12 /* u32 */
#define INFO_MODULE_LIST 16 /* u64 */
#define INFO_CMDLINE 24 /* u64 */
#define INFO_RSDP 32 /* u64 */
#define INFO_MAP 40 /* u64 */
#define INFO_MAP_COUNT 48 /* u32 */
#define INFO_SIZE 56

#define MODULE_SIZE 32 /* u64 address, size, address of a command line, 0 */
#define MAP_SIZE 24 /* u64 start, size, u32 type, 0 */

bool pvh_entry(const struct elf_kernel *elf, uint64_t *entry)
{
	struct bytes desc;
	uint64_t found;

	if (!elf_kernel_note(&elf->elf, "Xen", NOTE_PHYS32_ENTRY, &desc) ||
	    (desc.size != 4 && desc.size != 8))
		return false;
	found = desc.size == 8 ? get_le64(desc.data) : get_le32(desc.data);
	if (!x86_elf_contains(elf, found))
		return false;
	*entry = found;
	return true;
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	const struct machine_x86 *x86 = load->machine.arch;
	const struct memory_map *map = &load->machine.map;
	size_t first = INFO_SIZE + MODULE_SIZE, cmdline = first + map->count * MAP_SIZE;
	size_t length = strlen(info->cmdline);
	uint8_t *block;

	(void)boot;
	out->size = cmdline + length + 1;
	out->data = block = arena_alloc(&ctx->arena, out->size);
	put_le32(block, MAGIC);
	put_le32(block + INFO_VERSION, VERSION);
	if (!range_empty(info->initrd)) {
		put_le32(block + INFO_MODULES, 1);
		put_le64(block + INFO_MODULE_LIST, info->data + INFO_SIZE);
		put_le64(block + INFO_SIZE, info->initrd.start);
		put_le64(block + INFO_SIZE + 8, range_size(info->initrd));
	}
	put_le64(block + INFO_CMDLINE, info->data + cmdline);
	put_le64(block + INFO_RSDP, x86->acpi_rsdp);
	put_le64(block + INFO_MAP, info->data + first);
	put_le32(block + INFO_MAP_COUNT, (uint32_t)map->count);
	for (size_t i = 0; i < map->count; i++) {
		struct range range = multiboot_range(&map->entry[i]);
		uint8_t *entry = block + first + i * MAP_SIZE;

		put_le64(entry, range.start);
		put_le64(entry + 8, range_size(range));
		put_le32(entry + 16, multiboot_memory_type(map->entry[i].type));
	}
	memcpy(block + cmdline, info->cmdline, length);
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	(void)ctx;
	x86_enter(load, boot, PURGATORY_X86_PROTECTED_MODE, plan)->reg[PURGATORY_X86_RBX] =
		info->data;
}

int pvh_plan(struct ctx *ctx, const struct load *load, uint64_t entry, struct plan *plan)
{
	struct boot boot = {
		.entry = entry,
		.cmdline_size = CMDLINE_SIZE,
		.data = { .name = "start_info", .sealed = true },
		.describe = describe,
		.enter = enter,
	};
	int ret = x86_check_not_linux(ctx, load);

	if (ret)
		return ret;
	plan->started_by = "its PVH entry, in 32-bit mode: it has a note of Xen for it, and is not "
			   "Linux";
	x86_limit_initrd(&boot, UINT64_MAX);
	x86_limit_places(&boot, "start_info above 0x3000");
	return boot_plan(ctx, load, &boot, plan);
}
