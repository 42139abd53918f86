/* SPDX-License-Identifier: GPL-2.0-or-later */
/* purgatory/arch/x86/bake_params.c: boot_params of each starter, and damaged information. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "purgatory/arch/x86/bake_params.c"

#define ADDRESS 0x90000u
#define ROOM_ADDRESS 0x200000000ull

/* All memory that there is: the starter's information at ADDRESS. */
static uint8_t *memory;
static size_t memory_size;
static uint8_t room[BAKE_ROOM_SIZE];

void *bake_map(uint64_t address, uint64_t size)
{
	if (address < ADDRESS || address - ADDRESS > memory_size ||
	    size > memory_size - (address - ADDRESS))
		return NULL;
	return memory + (address - ADDRESS);
}

/* The memory ends with the information, so that the sanitizer finds what reads beyond it. */
static void set_memory(const uint8_t *information, size_t size)
{
	free(memory);
	memory = malloc(size ? size : 1);
	memcpy(memory, information, size);
	memory_size = size;
}

static const char *params(uint64_t magic)
{
	const struct bake_starter starter = { magic, ADDRESS };

	return bake_params(&starter, room, ROOM_ADDRESS);
}

static void assert_range(unsigned int index, uint64_t start, uint64_t size, uint32_t type)
{
	const uint8_t *entry = room + E820_TABLE + index * E820_SIZE;

	assert_int_equal(get64(entry), start);
	assert_int_equal(get64(entry + 8), size);
	assert_int_equal(get32(entry + 16), type);
}

/* boot_params with three entries of setup_data after it, the second is a seed. */
static size_t make_linux(uint8_t *page, unsigned int ranges)
{
	static const uint32_t types[] = { 5, BAKE_SETUP_RNG_SEED, 2 };

	memset(page, 0, PAGE + 3 * SETUP_DATA_SIZE);
	page[E820_ENTRIES] = (uint8_t)ranges;
	for (unsigned int i = 0; i < ranges && i < E820_MOST; i++) {
		put64(page + E820_TABLE + i * E820_SIZE, i * 0x1000000ull);
		put64(page + E820_TABLE + i * E820_SIZE + 8, 0x1000);
		put32(page + E820_TABLE + i * E820_SIZE + 16, 1 + i % 2);
	}
	put64(page + SETUP_DATA, ADDRESS + PAGE);
	for (unsigned int i = 0; i < 3; i++) {
		put64(page + PAGE + i * SETUP_DATA_SIZE,
		      i < 2 ? ADDRESS + PAGE + (i + 1) * SETUP_DATA_SIZE : 0);
		put32(page + PAGE + i * SETUP_DATA_SIZE + SETUP_DATA_TYPE, types[i]);
	}
	return PAGE + 3 * SETUP_DATA_SIZE;
}

/* Information of multiboot 1 with a map of two ranges and a command line. */
static size_t make_multiboot1(uint8_t *info)
{
	memset(info, 0, 256);
	put32(info, INFO_MAP | INFO_LINE);
	put32(info + 16, ADDRESS + 200);
	put32(info + 44, 48);
	put32(info + 48, ADDRESS + INFO_SIZE);
	for (unsigned int i = 0; i < 2; i++) {
		uint8_t *entry = info + INFO_SIZE + i * 24;

		put32(entry, 20);
		put64(entry + 4, i * 0x100000ull);
		put64(entry + 12, 0x9f000);
		put32(entry + 20, 1 + i);
	}
	return INFO_SIZE + 48;
}

static uint8_t *add_tag(uint8_t *tag, uint32_t type, uint32_t size)
{
	put32(tag, type);
	put32(tag + 4, size);
	return tag + ((size + 7) & ~7u);
}

/* Information of multiboot 2 with all tags that are read. */
static size_t make_multiboot2(uint8_t *info)
{
	uint8_t *tag = info + TAG_HEAD;

	memset(info, 0, 1024);
	memcpy(tag + 8, "quiet", 6);
	tag = add_tag(tag, TAG_LINE, 14);
	put32(tag + 8, 24);
	put64(tag + 16, 0x100000);
	put64(tag + 24, 0x7ff00000);
	put32(tag + 32, 1);
	tag = add_tag(tag, TAG_MAP, 40);
	put64(tag + 8, 0x7e000000);
	tag = add_tag(tag, TAG_EFI, 16);
	put32(tag + 8, 48);
	put32(tag + 12, 1);
	memset(tag + 16, 0x5a, 96);
	tag = add_tag(tag, TAG_EFI_MAP, 112);
	memcpy(tag + 8, "RSD PTR ", 8);
	tag = add_tag(tag, TAG_OLD_RSDP, 28);
	memcpy(tag + 8, "RSD PTR 2", 9);
	tag = add_tag(tag, TAG_RSDP, 44);
	put64(tag + 8, 0xc0000000);
	put32(tag + 16, 4096);
	put32(tag + 20, 1024);
	put32(tag + 24, 768);
	tag[28] = 32;
	tag[29] = 1;
	tag = add_tag(tag, TAG_SCREEN, TAG_HEAD + SCREEN_FACTS);
	tag = add_tag(tag, TAG_END, 8);
	put32(info, (uint32_t)(tag - info));
	return (size_t)(tag - info);
}

static void linux_maps(void **state)
{
	static const unsigned int ranges[] = { 1, 5, 128 };
	uint8_t page[PAGE + 3 * SETUP_DATA_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		set_memory(page, make_linux(page, ranges[i]));
		assert_null(params(0));
		assert_int_equal(room[E820_ENTRIES], ranges[i]);
		assert_range(ranges[i] - 1, (ranges[i] - 1) * 0x1000000ull, 0x1000,
			     1 + (ranges[i] - 1) % 2);
	}
	set_memory(page, make_linux(page, 0));
	assert_string_equal(params(0), "the boot loader passed no memory map");
	set_memory(page, make_linux(page, 129));
	assert_string_equal(params(0), "the memory map in boot_params has more than 128 ranges");
}

static void linux_setup_data(void **state)
{
	uint8_t page[PAGE + 3 * SETUP_DATA_SIZE];
	size_t size = make_linux(page, 2);

	(void)state;
	set_memory(page, size);
	assert_null(params(0));
	assert_int_equal(get64(room + SETUP_DATA), ADDRESS + PAGE);
	assert_int_equal(get64(memory + PAGE), ADDRESS + PAGE + 2 * SETUP_DATA_SIZE);

	put64(page + PAGE + 2 * SETUP_DATA_SIZE, ADDRESS + PAGE); /* a loop */
	set_memory(page, size);
	assert_string_equal(params(0), "the list of setup_data has no end");
	put64(page + PAGE + 2 * SETUP_DATA_SIZE, ADDRESS + size);
	set_memory(page, size);
	assert_string_equal(params(0), "an entry of setup_data is outside the memory");
}

static void multiboot1(void **state)
{
	uint8_t info[256];
	size_t size = make_multiboot1(info);

	(void)state;
	set_memory(info, size);
	assert_null(params(MULTIBOOT1));
	assert_int_equal(room[E820_ENTRIES], 2);
	assert_range(1, 0x100000, 0x9f000, 2);
	assert_int_equal(get32(room + COMMAND_LINE), ADDRESS + 200);
	put32(info, INFO_LINE);
	set_memory(info, size);
	assert_string_equal(params(MULTIBOOT1), "the boot loader passed no memory map");
	put32(info, INFO_MAP);
	put32(info + INFO_SIZE, 0);
	set_memory(info, size);
	assert_string_equal(params(MULTIBOOT1),
			    "an entry of the multiboot memory map is too short");
	make_multiboot1(info);
	put32(info + 44, 0xffffffff); /* the map ends after the memory */
	set_memory(info, size);
	assert_non_null(params(MULTIBOOT1));
}

static void multiboot2(void **state)
{
	uint8_t info[1024];
	size_t size = make_multiboot2(info);

	(void)state;
	set_memory(info, size);
	assert_null(params(MULTIBOOT2));
	assert_range(0, 0x100000, 0x7ff00000, 1);
	assert_int_equal(get32(room + COMMAND_LINE), ADDRESS + 16);
	assert_int_equal(get64(room + RSDP), ROOM_ADDRESS + BAKE_ROOM_RSDP);
	assert_memory_equal(room + BAKE_ROOM_RSDP, "RSD PTR 2", 9);
	assert_int_equal(get32(room + EFI_INFO), EFI_64);
	assert_int_equal(get32(room + EFI_INFO + 4), 0x7e000000);
	assert_int_equal(get32(room + EFI_INFO + 20), 96);
	assert_int_equal(room[BAKE_ROOM_EFI + 95], 0x5a);
	assert_int_equal(room[SCREEN_TYPE], TYPE_EFI);
	assert_int_equal(get32(room + SCREEN_BASE), 0xc0000000);
	assert_string_equal(params(0x12345), "the boot loader passed an unknown magic number");
}

static void multiboot2_efi_map_is_large(void **state)
{
	static uint8_t info[BAKE_ROOM_TABLES];
	uint8_t *tag = info + TAG_HEAD;

	(void)state;
	memset(info, 0, sizeof(info));
	put64(tag + 8, 0x7e000000);
	tag = add_tag(tag, TAG_EFI, 16);
	tag = add_tag(tag, TAG_EFI_MAP, BAKE_ROOM_TABLES - BAKE_ROOM_EFI + 17);
	tag = add_tag(tag, TAG_END, 8);
	put32(info, (uint32_t)(tag - info));
	set_memory(info, (size_t)(tag - info));
	assert_string_equal(params(MULTIBOOT2), "EFI's memory map is larger than the room for it");
}

/* Reading outside the memory, or without end, would end the test. */
static void damage(uint64_t magic, uint8_t *information, size_t size, size_t from)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };

	for (size_t cut = 0; cut < size; cut++) {
		set_memory(information, cut);
		params(magic);
	}
	for (size_t at = from; at < size; at++)
		for (size_t i = 0; i < sizeof(changes); i++) {
			information[at] ^= changes[i];
			set_memory(information, size);
			params(magic);
			information[at] ^= changes[i];
		}
}

static void damaged(void **state)
{
	uint8_t information[PAGE + 3 * SETUP_DATA_SIZE];

	(void)state;
	damage(MULTIBOOT1, information, make_multiboot1(information), 0);
	damage(MULTIBOOT2, information, make_multiboot2(information), 0);
	damage(0, information, make_linux(information, 5), SETUP_HEADER - 16);
}

static void next_kernel(void **state)
{
	const struct bake_next next = { 0x312345678, 0x423456789, 0x111111 };
	uint8_t header[SETUP_HEADER_END - SETUP_HEADER], info[1024];

	(void)state;
	memset(header, 0xc3, sizeof(header));
	set_memory(info, make_multiboot2(info));
	assert_null(params(MULTIBOOT2));
	bake_params_next(room, header, sizeof(header), &next);
	assert_int_equal(room[SETUP_HEADER], 0xc3);
	assert_int_equal(room[LOADER], LOADER_UNKNOWN);
	assert_int_equal(get32(room + COMMAND_LINE), 0x12345678);
	assert_int_equal(get32(room + EXT_COMMAND_LINE), 3);
	assert_int_equal(get32(room + RAMDISK_IMAGE), 0x23456789);
	assert_int_equal(get32(room + EXT_RAMDISK_IMAGE), 4);
	assert_int_equal(get32(room + RAMDISK_SIZE), 0x111111);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_maps),
		cmocka_unit_test(linux_setup_data),
		cmocka_unit_test(multiboot1),
		cmocka_unit_test(multiboot2),
		cmocka_unit_test(multiboot2_efi_map_is_large),
		cmocka_unit_test(damaged),
		cmocka_unit_test(next_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
