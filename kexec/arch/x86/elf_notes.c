/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments for ELF programs that are not Linux: a block of ELF boot notes, as
 * Etherboot proposed them.  The header is followed by three notes without names: the
 * loader's name, the loader's version, the command line.
 */
#include "x86.h"

#define SIGNATURE 0x0e1fb007u
#define HEADER_SIZE 12 /* u32 signature, u32 size, u16 checksum, u16 notes */
#define CHECKSUM 8
#define NOTE_HEADER_SIZE 12 /* u32 name size, u32 description size, u32 type */

enum { NOTE_LOADER_NAME = 2, NOTE_LOADER_VERSION = 3, NOTE_COMMAND_LINE = 4 };

struct note {
	uint32_t type;
	const char *text;
};

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Internet checksum of an even number of bytes, in the machine's own order. */
static uint16_t checksum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2) {
		sum += get_le16(data + i);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

struct bytes elf_notes_build(struct ctx *ctx, const char *cmdline)
{
	const struct note notes[] = {
		{ NOTE_LOADER_NAME, "kexec" },
		{ NOTE_LOADER_VERSION, PACKAGE_VERSION },
		{ NOTE_COMMAND_LINE, cmdline },
	};
	const size_t count = ARRAY_SIZE(notes);
	size_t i, size = HEADER_SIZE;
	uint8_t *block, *p;

	for (i = 0; i < count; i++)
		size += NOTE_HEADER_SIZE + padded(strlen(notes[i].text) + 1);
	block = arena_alloc(&ctx->arena, size);
	p = block + HEADER_SIZE;
	for (i = 0; i < count; i++) {
		size_t length = strlen(notes[i].text) + 1;

		put_le32(p + 4, (uint32_t)length);
		put_le32(p + 8, notes[i].type);
		memcpy(p + NOTE_HEADER_SIZE, notes[i].text, length);
		p += NOTE_HEADER_SIZE + padded(length);
	}
	put_le32(block, SIGNATURE);
	put_le32(block + 4, (uint32_t)size);
	put_le16(block + 10, (uint16_t)count);
	put_le16(block + CHECKSUM, checksum(block, size));
	return (struct bytes){ block, size };
}
