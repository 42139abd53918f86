/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Multiboot 1: its header and its information block (GNU: Multiboot Specification 0.6.96). */
#include "multiboot.h"

#include <errno.h>
#include <inttypes.h>

#include "core/arena.h"
#include "core/units.h"

#define SEARCHED 8192
#define MAGIC 0x1badb002u

/* u32 magic, flags, checksum, and, with HAS_ADDRESSES, five addresses. */
#define FLAGS 4
#define CHECKSUM 8
#define HEADER_SIZE 12
#define HEADER_ADDR 12
#define ENTRY_ADDR 28
#define HEADER_SIZE_ADDRESSES 32

#define WANTS_SCREEN 0x4
#define UNKNOWN_FLAGS 0xfff8 /* of the flags that a loader must understand */
#define HAS_ADDRESSES 0x10000

/* The information block. */
#define INFO_MEM_LOWER 4
#define INFO_MEM_UPPER 8
#define INFO_CMDLINE 16
#define INFO_MODS_COUNT 20
#define INFO_MODS_ADDR 24
#define INFO_MMAP_LENGTH 44
#define INFO_MMAP_ADDR 48
#define INFO_LOADER_NAME 64
#define INFO_SCREEN 88
#define INFO_SIZE 120

#define HAS_MEMORY 0x1
#define HAS_CMDLINE 0x4
#define HAS_MODULES 0x8
#define HAS_MMAP 0x40
#define HAS_LOADER_NAME 0x200
#define HAS_SCREEN 0x1000

#define MODULE_SIZE 16 /* u32 start, end, text, 0 */
#define MMAP_SIZE 24 /* u32 size of the rest, u64 start, u64 size, u32 type */

static bool find(struct bytes bytes, uint64_t *offset)
{
	for (uint64_t at = 0; at < SEARCHED && bytes_has(bytes, at, HEADER_SIZE); at += 4) {
		const uint8_t *p = bytes.data + at;

		*offset = at;
		if (get_le32(p) == MAGIC &&
		    get_le32(p) + get_le32(p + FLAGS) + get_le32(p + CHECKSUM) == 0)
			return true;
	}
	return false;
}

bool multiboot1_probe(struct bytes bytes)
{
	uint64_t at;

	return find(bytes, &at) && !multiboot_is_baked(bytes) &&
	       (multiboot_is_elf(bytes) || get_le32(bytes.data + at + FLAGS) & HAS_ADDRESSES);
}

static int read_addresses(struct bytes bytes, struct multiboot *out, struct err *err)
{
	struct multiboot_addresses addresses;
	const uint8_t *p;
	int ret;

	if (!bytes_has(bytes, out->offset, HEADER_SIZE_ADDRESSES))
		return err_set(err, -ENOEXEC,
			       "its multiboot header at 0x%" PRIx64 " is cut short: %zu bytes",
			       out->offset, bytes.size);
	p = bytes.data + out->offset + HEADER_ADDR;
	addresses = (struct multiboot_addresses){ get_le32(p), get_le32(p + 4), get_le32(p + 8),
						  get_le32(p + 12) };
	ret = multiboot_set_addresses(bytes, &addresses, out, err);
	out->entry = get_le32(bytes.data + out->offset + ENTRY_ADDR);
	return ret;
}

int multiboot1_parse(struct bytes bytes, struct multiboot *out, struct err *err)
{
	uint32_t flags;

	*out = (struct multiboot){ 0 };
	if (!find(bytes, &out->offset))
		return err_set(err, -ENOEXEC, "no multiboot header in its first %d bytes",
			       SEARCHED);
	flags = get_le32(bytes.data + out->offset + FLAGS);
	if (flags & UNKNOWN_FLAGS)
		return err_set(err, -ENOEXEC,
			       "its multiboot header at 0x%" PRIx64 " has the flags 0x%" PRIx32
			       ": 0x%" PRIx32 " of them are required and unknown",
			       out->offset, flags, flags & UNKNOWN_FLAGS);
	out->wants_screen = flags & WANTS_SCREEN;
	if (flags & HAS_ADDRESSES)
		return read_addresses(bytes, out, err);
	if (multiboot_is_elf(bytes))
		return 0;
	return err_set(err, -ENOEXEC,
		       "its multiboot header at 0x%" PRIx64 " has no addresses (flags 0x%" PRIx32
		       ", bit 16), and it is not an ELF file",
		       out->offset, flags);
}

/* The block while it is written. */
struct block {
	uint8_t *data;
	size_t used;
	uint64_t address;
};

/* Reserves size bytes in the block and writes their address at the field. */
static uint8_t *take(struct block *block, size_t size, size_t field)
{
	uint8_t *p = block->data + block->used;

	put_le32(block->data + field, (uint32_t)(block->address + block->used));
	block->used += size;
	return p;
}

static void put_text(struct block *block, const char *text, size_t field)
{
	size_t size = strlen(text) + 1;

	memcpy(take(block, size, field), text, size);
}

static size_t block_size(const struct multiboot_info *info)
{
	const struct load *load = info->load;
	size_t size = INFO_SIZE + load->machine.map.count * MMAP_SIZE;

	for (size_t i = 0; i < load->modules; i++)
		size += MODULE_SIZE + strlen(load->module[i].text) + 1;
	return size + strlen(info->cmdline) + 1 + sizeof(MULTIBOOT_LOADER);
}

static void put_map(struct block *block, const struct memory_map *map)
{
	uint8_t *p = take(block, map->count * MMAP_SIZE, INFO_MMAP_ADDR);
	uint32_t lower, upper;

	put_le32(block->data + INFO_MMAP_LENGTH, (uint32_t)(map->count * MMAP_SIZE));
	for (size_t i = 0; i < map->count; i++, p += MMAP_SIZE) {
		struct range range = multiboot_range(&map->entry[i]);

		put_le32(p, MMAP_SIZE - 4);
		put_le64(p + 4, range.start);
		put_le64(p + 12, range_size(range));
		put_le32(p + 20, multiboot_memory_type(map->entry[i].type));
	}
	multiboot_basic_memory(map, &lower, &upper);
	put_le32(block->data + INFO_MEM_LOWER, lower);
	put_le32(block->data + INFO_MEM_UPPER, upper);
}

static void put_modules(struct block *block, const struct multiboot_info *info)
{
	const struct load *load = info->load;
	size_t list = block->used;

	put_le32(block->data + INFO_MODS_COUNT, (uint32_t)load->modules);
	take(block, load->modules * MODULE_SIZE, INFO_MODS_ADDR);
	for (size_t i = 0; i < load->modules; i++, list += MODULE_SIZE) {
		put_le32(block->data + list, (uint32_t)info->module[i].start);
		put_le32(block->data + list + 4, (uint32_t)info->module[i].end);
		put_text(block, load->module[i].text, list + 8);
	}
}

struct bytes multiboot1_info(struct ctx *ctx, const struct multiboot_info *info)
{
	size_t size = block_size(info);
	struct block block = { arena_alloc(&ctx->arena, size), INFO_SIZE, info->address };
	uint32_t flags = HAS_MEMORY | HAS_CMDLINE | HAS_MMAP | HAS_LOADER_NAME;

	/* The tables come first, so that their words are aligned. */
	put_map(&block, &info->load->machine.map);
	if (info->load->modules) {
		put_modules(&block, info);
		flags |= HAS_MODULES;
	}
	put_text(&block, info->cmdline, INFO_CMDLINE);
	put_text(&block, MULTIBOOT_LOADER, INFO_LOADER_NAME);
	if (info->header->wants_screen && multiboot_screen(info->load, block.data + INFO_SCREEN))
		flags |= HAS_SCREEN;
	put_le32(block.data, flags);
	return (struct bytes){ block.data, size };
}
