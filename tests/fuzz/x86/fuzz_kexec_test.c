/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec_test's reports of the tables that a loader has made.  The first byte chooses mode and
 * register; then comes the memory, the same at 1 MiB and at 4 GiB.  Every report ends, and consists
 * of lines that a terminal shows.
 */
#include "fuzz.h"

#include "tests/unit/x86/kexec_test.h"

#define PAGE 4096
#define MAX_OUTPUT (64u << 20)

static size_t printed;

void console_write(char c)
{
	must(c == '\n' || (c >= ' ' && c < 0x7f));
	must(++printed < MAX_OUTPUT);
}

/* The payload's pages are whole, so that no table ends in the middle of one. */
static uint8_t *whole_pages(const uint8_t *data, size_t size)
{
	uint8_t *pages;

	memory_size = (size + PAGE) / PAGE * PAGE;
	pages = calloc(1, memory_size);
	must(pages);
	memcpy(pages, data, size);
	return pages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t registers[] = { RAX, RBX, RSI, RDI };
	struct state state = { .gdt = { 0x1f, PLACE }, .segment = { 0x18, 0x10, 0x1c, 0x58 } };
	uint64_t params = 0;
	uint8_t *pages;

	if (!size)
		return 0;
	pages = whole_pages(data + 1, size - 1);
	memory = pages;
	printed = 0;
	state.mode = data[0] & 1 ? 64 : 32;
	state.reg[registers[data[0] >> 1 & 3]] = data[0] & 0x80 ? HIGH_PLACE : PLACE;
	state.reg[RSP] = PLACE + 8;
	if (data[0] & 0x40) {
		state.reg[RAX] = data[0] & 0x20 ? MULTIBOOT_MAGIC : MULTIBOOT2_MAGIC;
		state.mode = 32;
	}
	if (data[0] & 0x10) {
		state.mode = 16;
		params = PLACE;
	}
	report(&state, PLACE, 0, params);
	free(pages);
	return 0;
}
