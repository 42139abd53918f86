/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of ELF programs: boot notes (Etherboot's ELF boot proposal), and PVH's start info (Xen:
 * xen/include/public/arch-x86/hvm/start_info.h).
 */
#include "payload.h"

#define NOTES_MAGIC 0x0e1fb007
#define NOTES_HEADER 12 /* u32 magic, u32 size, u16 checksum, u16 notes */
#define NOTE_HEADER 12 /* u32 name size, u32 description size, u32 type */
#define NOTES_MAX (1u << 20)
#define NOTE_COMMAND_LINE 4

#define PVH_MAGIC 0x336ec578
#define PVH_MAX 1024 /* modules, entries of the map */

static bool sums_to_zero(const uint8_t *p, uint32_t size)
{
	uint32_t sum = 0, i;

	for (i = 0; i + 1 < size; i += 2) {
		sum += u16_at(p + i);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (size % 2)
		sum += p[size - 1];
	return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~3ull;
}

/* Returns the size of the note; 0: it exceeds the block. */
static uint64_t print_note(const uint8_t *p, uint64_t address, uint64_t left)
{
	uint64_t desc, size;
	uint32_t type;

	if (left < NOTE_HEADER)
		return 0;
	desc = NOTE_HEADER + padded(u32_at(p));
	size = desc + padded(u32_at(p + 4));
	if (size > left)
		return 0;
	type = u32_at(p + 8);
	if (type == NOTE_COMMAND_LINE) {
		print_command_line(address + desc);
		return size;
	}
	print("note %u: ", type);
	print_text(p + desc, u32_at(p + 4));
	print("\n");
	return size;
}

bool print_boot_notes(uint64_t address)
{
	uint64_t at = NOTES_HEADER, step;
	const uint8_t *p;
	uint32_t size;
	unsigned int left;

	if (!peek(address, NOTES_HEADER, &p) || u32_at(p) != NOTES_MAGIC)
		return false;
	size = u32_at(p + 4);
	left = u16_at(p + 10);
	print("boot notes at 0x%llx: %u bytes, %u notes, ", (unsigned long long)address, size,
	      left);
	if (size < NOTES_HEADER || size > NOTES_MAX || !peek(address, size, &p)) {
		print("impossible size\n");
		return true;
	}
	print("checksum %s\n", sums_to_zero(p, size) ? "right" : "wrong");
	for (; left; left--, at += step) {
		step = print_note(p + at, address + at, size - at);
		if (!step) {
			print("%u notes do not fit\n", left);
			break;
		}
	}
	return true;
}

static void print_pvh_module(uint64_t address)
{
	const uint8_t *p;

	if (!peek(address, 32, &p))
		return;
	print("module: ");
	print_contents(u64_at(p), u64_at(p + 8));
	print(": ");
	if (u64_at(p + 16))
		print_string(u64_at(p + 16));
	print("\n");
}

static void print_pvh_memory(uint64_t address)
{
	const uint8_t *p;

	if (peek(address, 24, &p))
		print_memory(u64_at(p), u64_at(p + 8), u32_at(p + 16));
}

static void print_pvh_list(const char *name, uint64_t address, uint32_t count, unsigned int size,
			   void print_entry(uint64_t address))
{
	uint32_t i;

	print("%s: %u entries at 0x%llx\n", name, count, (unsigned long long)address);
	for (i = 0; i < count && i < PVH_MAX; i++, address += size)
		print_entry(address);
}

bool print_pvh(uint64_t address)
{
	const uint8_t *p;
	uint32_t version;

	if (!peek(address, 40, &p) || u32_at(p) != PVH_MAGIC)
		return false;
	version = u32_at(p + 4);
	print("start info at 0x%llx: version %u\n", (unsigned long long)address, version);
	print_field("flags", u32_at(p + 8), 8);
	if (u64_at(p + 24))
		print_command_line(u64_at(p + 24));
	print_field("rsdp", u64_at(p + 32), 16);
	print_pvh_list("modules", u64_at(p + 16), u32_at(p + 12), 32, print_pvh_module);
	if (version >= 1 && peek(address, 56, &p))
		print_pvh_list("map", u64_at(p + 40), u32_at(p + 48), 24, print_pvh_memory);
	return true;
}
