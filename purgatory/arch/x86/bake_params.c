/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux: arch/x86/boot.rst, arch/x86/zero-page.rst.  GNU: Multiboot Specification 0.6.96,
 * Multiboot2 Specification 2.0.
 */
#include "bake_params.h"

#include "purgatory.h"

#define PAGE 0x1000

/* boot_params */
#define SCREEN_MODE 0x06
#define SCREEN_COLUMNS 0x07
#define SCREEN_LINES 0x0e
#define SCREEN_TYPE 0x0f
#define SCREEN_POINTS 0x10
#define SCREEN_WIDTH 0x12
#define SCREEN_HEIGHT 0x14
#define SCREEN_DEPTH 0x16
#define SCREEN_BASE 0x18
#define SCREEN_SIZE 0x1c
#define SCREEN_PITCH 0x24
#define SCREEN_COLORS 0x26
#define SCREEN_CAPABILITIES 0x36
#define SCREEN_BASE_HIGH 0x3a
#define RSDP 0x70
#define EXT_RAMDISK_IMAGE 0xc0
#define EXT_RAMDISK_SIZE 0xc4
#define EXT_COMMAND_LINE 0xc8
#define EFI_INFO 0x1c0
#define E820_ENTRIES 0x1e8
#define KEYBOARD 0x1eb
#define SENTINEL 0x1ef
#define SETUP_HEADER 0x1f1
#define LOADER 0x210
#define LOADFLAGS 0x211
#define RAMDISK_IMAGE 0x218
#define RAMDISK_SIZE 0x21c
#define COMMAND_LINE 0x228
#define SUBARCH 0x23c
#define SUBARCH_SIZE 12
#define SETUP_DATA 0x250
#define SETUP_HEADER_END 0x290
#define E820_TABLE 0x2d0
#define E820_MOST 128
#define E820_SIZE 20

#define LOADER_UNKNOWN 0xff
#define LOADED_HIGH 1
#define TYPE_EGA 1
#define TYPE_LINEAR 0x23
#define TYPE_EFI 0x70
#define BASE_64BIT 2
#define EFI_64 0x34364c45 /* "EL64" */
#define MEMORY_ACPI 3

#define SETUP_DATA_TYPE 8
#define SETUP_DATA_SIZE 16
#define SETUP_DATA_MOST 64

#define MULTIBOOT1 0x2badb002
#define MULTIBOOT2 0x36d76289

enum multiboot1 {
	INFO_LINE = 1 << 2,
	INFO_MAP = 1 << 6,
	INFO_SCREEN = 1 << 12,
	INFO_SIZE = 118,
};

enum tag {
	TAG_END = 0,
	TAG_LINE = 1,
	TAG_MAP = 6,
	TAG_SCREEN = 8,
	TAG_EFI = 12,
	TAG_OLD_RSDP = 14,
	TAG_RSDP = 15,
	TAG_EFI_MAP = 17,
};

#define TAG_HEAD 8
#define OLD_RSDP_SIZE 20
#define RSDP_SIZE 36
#define SCREEN_FACTS 30

struct unaligned {
	union {
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	};
} __attribute__((packed));

static uint32_t get32(const uint8_t *p)
{
	return ((const struct unaligned *)p)->u32;
}

static uint64_t get64(const uint8_t *p)
{
	return ((const struct unaligned *)p)->u64;
}

static void put16(uint8_t *p, uint32_t value)
{
	((struct unaligned *)p)->u16 = (uint16_t)value;
}

static void put32(uint8_t *p, uint64_t value)
{
	((struct unaligned *)p)->u32 = (uint32_t)value;
}

static void put64(uint8_t *p, uint64_t value)
{
	((struct unaligned *)p)->u64 = value;
}

/* Unlinks the seed, which has been used. */
static const char *take_setup_data(uint8_t *page)
{
	uint8_t *link = page + SETUP_DATA, *node;
	unsigned int count;

	for (count = 0; get64(link); count++) {
		if (count == SETUP_DATA_MOST)
			return "the list of setup_data has no end";
		node = bake_map(get64(link), SETUP_DATA_SIZE);
		if (!node)
			return "an entry of setup_data is outside the memory";
		if (get32(node + SETUP_DATA_TYPE) == BAKE_SETUP_RNG_SEED)
			put64(link, get64(node));
		else
			link = node;
	}
	return NULL;
}

static const char *from_linux(uint64_t address, uint8_t *page)
{
	const uint8_t *from = address ? bake_map(address, PAGE) : NULL;

	if (!from)
		return "the boot loader passed no boot_params";
	memcpy(page, from, PAGE);
	if (page[SENTINEL]) { /* a boot loader that left these fields as they were in the file */
		put64(page + RSDP, 0);
		memset(page + EXT_RAMDISK_IMAGE, 0, EFI_INFO - EXT_RAMDISK_IMAGE);
		memset(page + KEYBOARD, 0, SETUP_HEADER - KEYBOARD);
	}
	if (page[E820_ENTRIES] > E820_MOST)
		return "the memory map in boot_params has more than 128 ranges";
	return take_setup_data(page);
}

static const char *add_memory(uint8_t *page, uint64_t start, uint64_t size, uint32_t type)
{
	uint8_t *entry = page + E820_TABLE + page[E820_ENTRIES] * E820_SIZE;

	if (page[E820_ENTRIES] == E820_MOST)
		return "the multiboot memory map has more than 128 ranges";
	put64(entry, start);
	put64(entry + 8, size);
	put32(entry + 16, type);
	page[E820_ENTRIES]++;
	return NULL;
}

/* facts: u64 address, u32 pitch, width, height, u8 bits, type, 2 bytes, place and size of colors. */
static void put_screen(uint8_t *page, const uint8_t *facts, uint8_t type)
{
	uint64_t base = get64(facts), size;
	uint32_t pitch = get32(facts + 8), height = get32(facts + 16);
	unsigned int i;

	if (facts[21] != 1) {
		page[SCREEN_MODE] = 3;
		page[SCREEN_COLUMNS] = 80;
		page[SCREEN_LINES] = 25;
		page[SCREEN_POINTS] = 16;
		page[SCREEN_TYPE] = TYPE_EGA;
		return;
	}
	size = (uint64_t)pitch * height;
	if (type == TYPE_LINEAR)
		size = (size + 0xffff) >> 16;
	page[SCREEN_TYPE] = type;
	put16(page + SCREEN_WIDTH, get32(facts + 12));
	put16(page + SCREEN_HEIGHT, height);
	put16(page + SCREEN_DEPTH, facts[20]);
	put32(page + SCREEN_BASE, base);
	put32(page + SCREEN_BASE_HIGH, base >> 32);
	put32(page + SCREEN_CAPABILITIES, BASE_64BIT);
	put32(page + SCREEN_SIZE, size);
	put16(page + SCREEN_PITCH, pitch);
	for (i = 0; i < 6; i++)
		page[SCREEN_COLORS + i] = facts[24 + (i ^ 1)];
}

static const char *from_multiboot1(uint64_t address, uint8_t *page)
{
	const uint8_t *info = bake_map(address, INFO_SIZE), *entry;
	const char *error = NULL;
	uint64_t at, end;
	uint32_t flags;

	if (!info)
		return "the multiboot information is outside the memory";
	flags = get32(info);
	if (flags & INFO_LINE)
		put32(page + COMMAND_LINE, get32(info + 16));
	if (flags & INFO_SCREEN)
		put_screen(page, info + 88, TYPE_LINEAR);
	if (!(flags & INFO_MAP))
		return NULL;
	at = get32(info + 48);
	end = at + get32(info + 44);
	while (!error && at < end) {
		entry = bake_map(at, 24);
		if (!entry || get32(entry) < 20)
			return "an entry of the multiboot memory map is too short";
		error = add_memory(page, get64(entry + 4), get64(entry + 12), get32(entry + 20));
		at += get32(entry) + 4ull;
	}
	return error;
}

static const char *take_map(uint8_t *page, const uint8_t *tag, uint32_t size)
{
	uint32_t entry_size = size < 16 ? 0 : get32(tag + 8), at;
	const char *error = NULL;

	if (entry_size < 24)
		return "an entry of the multiboot memory map is too short";
	for (at = 16; !error && size - at >= entry_size; at += entry_size)
		error = add_memory(page, get64(tag + at), get64(tag + at + 8),
				   get32(tag + at + 16));
	return error;
}

/* A copy in ACPI's own kind of memory, which the kernel keeps. */
static const char *take_rsdp(const uint8_t *tag, uint32_t size, uint8_t *room, uint64_t address)
{
	uint32_t length = size - TAG_HEAD;

	if (length < OLD_RSDP_SIZE)
		return NULL;
	memcpy(room + BAKE_ROOM_RSDP, tag + TAG_HEAD, length < RSDP_SIZE ? length : RSDP_SIZE);
	if (get64(room + RSDP))
		return NULL;
	put64(room + RSDP, address + BAKE_ROOM_RSDP);
	return add_memory(room, address + BAKE_ROOM_RSDP, PAGE, MEMORY_ACPI);
}

static const char *take_efi(uint64_t table, const uint8_t *map, uint32_t size, uint8_t *room,
			    uint64_t address)
{
	uint8_t *info = room + EFI_INFO;

	size -= 16;
	if (size > BAKE_ROOM_TABLES - BAKE_ROOM_EFI)
		return "EFI's memory map is larger than the room for it";
	memcpy(room + BAKE_ROOM_EFI, map + 16, size);
	put32(info, EFI_64);
	put32(info + 4, table);
	put32(info + 8, get32(map + 8));
	put32(info + 12, get32(map + 12));
	put32(info + 16, address + BAKE_ROOM_EFI);
	put32(info + 20, size);
	put32(info + 24, table >> 32);
	put32(info + 28, (address + BAKE_ROOM_EFI) >> 32);
	return NULL;
}

static const char *from_multiboot2(uint64_t address, uint8_t *room, uint64_t room_address)
{
	const uint8_t *info = bake_map(address, TAG_HEAD), *tag, *efi_map = NULL, *screen = NULL;
	uint32_t total = info ? get32(info) : 0, at, size, efi_size = 0;
	uint64_t efi = 0;
	const char *error = NULL;
	bool has_rsdp = false;

	info = total > TAG_HEAD ? bake_map(address, total) : NULL;
	if (!info)
		return "the multiboot information is outside the memory, or empty";
	for (at = TAG_HEAD;; at += (size + 7) & ~7u) {
		if (at > total || total - at < TAG_HEAD)
			return "the multiboot information has no end";
		tag = info + at;
		size = get32(tag + 4);
		if (size < TAG_HEAD || size > total - at)
			return "a tag of the multiboot information does not end inside it";
		switch (get32(tag)) {
		case TAG_END: goto end;
		case TAG_LINE:
			if (!tag[size - 1])
				put32(room + COMMAND_LINE, address + at + TAG_HEAD);
			break;
		case TAG_MAP: error = take_map(room, tag, size); break;
		case TAG_SCREEN:
			if (size >= TAG_HEAD + SCREEN_FACTS)
				screen = tag + TAG_HEAD;
			break;
		case TAG_EFI:
			if (size >= 16)
				efi = get64(tag + 8);
			break;
		case TAG_OLD_RSDP:
			if (!has_rsdp)
				error = take_rsdp(tag, size, room, room_address);
			break;
		case TAG_RSDP:
			has_rsdp = true;
			error = take_rsdp(tag, size, room, room_address);
			break;
		case TAG_EFI_MAP:
			if (size >= 16) {
				efi_map = tag;
				efi_size = size;
			}
			break;
		default: break;
		}
		if (error)
			return error;
	}
end:
	if (screen)
		put_screen(room, screen, efi ? TYPE_EFI : TYPE_LINEAR);
	return efi && efi_map ? take_efi(efi, efi_map, efi_size, room, room_address) : NULL;
}

const char *bake_params(const struct bake_starter *starter, uint8_t *room, uint64_t address)
{
	const char *error;

	memset(room, 0, BAKE_ROOM_TABLES);
	switch (starter->magic) {
	case 0: error = from_linux(starter->address, room); break;
	case MULTIBOOT1: error = from_multiboot1(starter->address, room); break;
	case MULTIBOOT2: error = from_multiboot2(starter->address, room, address); break;
	default: return "the boot loader passed an unknown magic number";
	}
	if (!error && !room[E820_ENTRIES])
		error = "the boot loader passed no memory map";
	return error;
}

static void put_split(uint8_t *low, uint8_t *high, uint64_t value)
{
	put32(low, value);
	put32(high, value >> 32);
}

void bake_params_next(uint8_t *page, const uint8_t *header, size_t size,
		      const struct bake_next *next)
{
	uint8_t old[SETUP_HEADER_END];

	memcpy(old, page, sizeof(old));
	memset(page + SETUP_HEADER, 0, SETUP_HEADER_END - SETUP_HEADER);
	memcpy(page + SETUP_HEADER, header,
	       size < SETUP_HEADER_END - SETUP_HEADER ? size : SETUP_HEADER_END - SETUP_HEADER);
	page[LOADER] = LOADER_UNKNOWN;
	page[LOADFLAGS] = LOADED_HIGH;
	put64(page + SETUP_DATA, get64(old + SETUP_DATA));
	memcpy(page + SUBARCH, old + SUBARCH, SUBARCH_SIZE);
	put32(page + COMMAND_LINE, get32(old + COMMAND_LINE));
	put64(page + RAMDISK_IMAGE, get64(old + RAMDISK_IMAGE)); /* and the size */
	if (next->line)
		put_split(page + COMMAND_LINE, page + EXT_COMMAND_LINE, next->line);
	if (!next->initrd_size)
		return;
	put_split(page + RAMDISK_IMAGE, page + EXT_RAMDISK_IMAGE, next->initrd);
	put_split(page + RAMDISK_SIZE, page + EXT_RAMDISK_SIZE, next->initrd_size);
}
