/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The information of multiboot 1 and 2 (GNU: Multiboot Specification 0.6.96, Multiboot2
 * Specification 2.0).
 */
#include "payload.h"

#define MAX_MODULES 1024
#define MAX_MAP 4096

#define INFO_SIZE 116
#define HAS_MEMORY 0x1
#define HAS_BOOT_DEVICE 0x2
#define HAS_CMDLINE 0x4
#define HAS_MODULES 0x8
#define HAS_MMAP 0x40
#define HAS_DRIVES 0x80
#define HAS_CONFIG 0x100
#define HAS_LOADER_NAME 0x200
#define HAS_APM 0x400
#define HAS_VBE 0x800
#define HAS_SCREEN 0x1000

#define SCREEN_SIZE 30 /* with the colors */

static void print_named_string(const char *name, uint64_t address)
{
	print("%s: ", name);
	print_string(address);
	print("\n");
}

static void print_module(uint32_t start, uint32_t end)
{
	print("module: ");
	print_contents(start, end > start ? end - start : 0);
	print(": ");
}

static void print_basic_memory(const uint8_t *p)
{
	print("lower memory: %u KiB\nupper memory: %u KiB\n", u32_at(p), u32_at(p + 4));
}

/* Both formats describe the screen in this form. */
static void print_screen(const uint8_t *p, uint32_t size)
{
	print("framebuffer: 0x%llx pitch %u, %ux%u of %u bits, type %u",
	      (unsigned long long)u64_at(p), u32_at(p + 8), u32_at(p + 12), u32_at(p + 16), p[20],
	      p[21]);
	if (p[21] == 1 && size >= SCREEN_SIZE)
		print(", red %u+%u green %u+%u blue %u+%u", p[24], p[25], p[26], p[27], p[28],
		      p[29]);
	print("\n");
}

static void print_modules(uint32_t address, uint32_t count)
{
	uint32_t i;

	print("modules: %u at 0x%x\n", count, address);
	for (i = 0; i < count && i < MAX_MODULES; i++) {
		const uint8_t *p;

		if (!peek(address + 16ull * i, 16, &p))
			return;
		print_module(u32_at(p), u32_at(p + 4));
		if (u32_at(p + 8))
			print_string(u32_at(p + 8));
		print("\n");
	}
}

/* Each entry begins with the size of its rest. */
static void print_map(uint64_t address, uint32_t length)
{
	uint64_t end = address + length;
	unsigned int i;

	print("map: %u bytes at 0x%llx\n", length, (unsigned long long)address);
	for (i = 0; i < MAX_MAP && address + 24 <= end; i++) {
		const uint8_t *p;

		if (!peek(address, 24, &p))
			return;
		if (u32_at(p) < 20) {
			print("an entry of %u bytes\n", u32_at(p));
			return;
		}
		print_memory(u64_at(p + 4), u64_at(p + 12), u32_at(p + 20));
		address += 4ull + u32_at(p);
	}
}

static void print_rare(const uint8_t *p, uint32_t flags)
{
	if (flags & HAS_BOOT_DEVICE)
		print_field("boot device", u32_at(p + 12), 8);
	if (flags & HAS_DRIVES)
		print("drives: %u bytes at 0x%x\n", u32_at(p + 52), u32_at(p + 56));
	if (flags & HAS_CONFIG)
		print_field("config table", u32_at(p + 60), 8);
	if (flags & HAS_APM)
		print_field("apm table", u32_at(p + 68), 8);
	if (flags & HAS_VBE)
		print("vbe: control 0x%x, mode 0x%x at 0x%x\n", u32_at(p + 72), u16_at(p + 80),
		      u32_at(p + 76));
}

void print_multiboot(uint64_t address)
{
	const uint8_t *p;
	uint32_t flags;

	if (!peek(address, INFO_SIZE, &p))
		return;
	flags = u32_at(p);
	print("multiboot information at 0x%llx\n", (unsigned long long)address);
	print_field("flags", flags, 8);
	if (flags & HAS_LOADER_NAME)
		print_named_string("loader", u32_at(p + 64));
	if (flags & HAS_CMDLINE)
		print_command_line(u32_at(p + 16));
	if (flags & HAS_MEMORY)
		print_basic_memory(p + 4);
	print_rare(p, flags);
	if (flags & HAS_MODULES)
		print_modules(u32_at(p + 24), u32_at(p + 20));
	if (flags & HAS_MMAP)
		print_map(u32_at(p + 48), u32_at(p + 44));
	/* After the bits per pixel and the type come 2 bytes, as in multiboot 2. */
	if (flags & HAS_SCREEN && peek(address + 88, SCREEN_SIZE, &p))
		print_screen(p, SCREEN_SIZE);
}

#define TAG_HEADER 8
#define TAG_MAX 65536

static void print_map_tag(const uint8_t *p, uint32_t size)
{
	uint32_t entry = u32_at(p + 8), at;

	if (entry < 20) {
		print("an entry of %u bytes\n", entry);
		return;
	}
	for (at = 16; at <= size && size - at >= entry; at += entry)
		print_memory(u64_at(p + at), u64_at(p + at + 8), u32_at(p + at + 16));
}

/* Smallest size of each tag that is printed in parts. */
static bool is_whole(uint32_t type, uint32_t size)
{
	static const uint8_t sizes[] = { 8,  9,	 9, 17, 16, 20, 16, 0, 32, 0,  0,
					 12, 16, 0, 0,	0,  0,	0,  0, 12, 16, 12 };

	return type >= sizeof(sizes) || size >= sizes[type];
}

static void print_tag(const uint8_t *p, uint64_t address, uint32_t type, uint32_t size)
{
	uint32_t rest = size - TAG_HEADER;

	switch (type) {
	case 1: print_command_line(address + TAG_HEADER); break;
	case 2:
		print("loader: ");
		print_text(p + TAG_HEADER, rest);
		print("\n");
		break;
	case 3:
		print_module(u32_at(p + 8), u32_at(p + 12));
		print_text(p + 16, size - 16);
		print("\n");
		break;
	case 4: print_basic_memory(p + 8); break;
	case 5: print_field("boot device", u32_at(p + 8), 8); break;
	case 6: print_map_tag(p, size); break;
	case 8: print_screen(p + 8, rest); break;
	case 11: print_field("efi32 system table", u32_at(p + 8), 8); break;
	case 12: print_field("efi64 system table", u64_at(p + 8), 16); break;
	case 19: print_field("efi32 image", u32_at(p + 8), 8); break;
	case 20: print_field("efi64 image", u64_at(p + 8), 16); break;
	case 21: print_field("load base", u32_at(p + 8), 8); break;
	default:
		print("contents: ");
		print_contents(address + TAG_HEADER, rest);
		print("\n");
	}
}

void print_multiboot2(uint64_t address)
{
	uint64_t at = TAG_HEADER;
	uint32_t total, tags;
	const uint8_t *p;

	if (!peek(address, TAG_HEADER, &p))
		return;
	total = u32_at(p);
	print("multiboot 2 information at 0x%llx: %u bytes\n", (unsigned long long)address, total);
	if (total < TAG_HEADER || !peek(address, total, &p))
		return;
	for (tags = 0; tags < TAG_MAX; tags++) {
		uint32_t type, size;

		if (at + TAG_HEADER > total) {
			print("no end tag\n");
			return;
		}
		type = u32_at(p + at);
		size = u32_at(p + at + 4);
		print("tag %u: %u bytes\n", type, size);
		if (size < TAG_HEADER || size > total - at || !is_whole(type, size)) {
			print("impossible size\n");
			return;
		}
		if (!type)
			return;
		print_tag(p + at, address + at, type, size);
		at = (at + size + 7) & ~7ull;
	}
}
