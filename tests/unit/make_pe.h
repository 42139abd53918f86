/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PE files with sections of one's choice, for tests to spoil. */
#ifndef TESTS_MAKE_PE_H
#define TESTS_MAKE_PE_H

#include "kexec/core/bytes.h"

#define MADE_PE 0x80 /* of the signature */
#define MADE_OPTIONAL (MADE_PE + 24)
#define MADE_OPTIONAL_SIZE 240 /* PE32+ with 16 data directories */
#define MADE_CERTIFICATES (MADE_OPTIONAL + 112 + 4 * 8)
#define MADE_IMAGE_SIZE_AT (MADE_OPTIONAL + 56) /* of SizeOfImage */
#define MADE_TABLE (MADE_OPTIONAL + MADE_OPTIONAL_SIZE)
#define MADE_CONTENT 0x600
#define MADE_FILE_ALIGN 0x200
#define MADE_SECTION_ROOM 0x20000u /* of addresses, for each section */

struct made_pe {
	uint8_t data[0x8000];
	size_t size;
	uint16_t sections;
};

static inline void make_pe(struct made_pe *pe)
{
	*pe = (struct made_pe){ .size = MADE_CONTENT };
	memcpy(pe->data, "MZ", 2);
	put_le32(pe->data + 0x3c, MADE_PE);
	memcpy(pe->data + MADE_PE, "PE\0", 4);
	put_le16(pe->data + MADE_PE + 4, 0x8664); /* Machine */
	put_le16(pe->data + MADE_PE + 20, MADE_OPTIONAL_SIZE);
	put_le16(pe->data + MADE_OPTIONAL, 0x20b);
	put_le32(pe->data + MADE_OPTIONAL + 36, MADE_FILE_ALIGN);
	put_le32(pe->data + MADE_OPTIONAL + 108, 16); /* NumberOfRvaAndSizes */
}

static inline uint8_t *made_section(struct made_pe *pe, uint16_t index)
{
	return pe->data + MADE_TABLE + index * 40u;
}

/* The content is padded with ones, which are no part of it.  Returns the section's header. */
static inline uint8_t *made_pe_add(struct made_pe *pe, const char *name, const void *content,
				   size_t size)
{
	uint8_t *header = made_section(pe, pe->sections++);
	size_t padded = (size + MADE_FILE_ALIGN - 1) / MADE_FILE_ALIGN * MADE_FILE_ALIGN;

	memcpy(header, name, strlen(name) < 8 ? strlen(name) : 8);
	put_le32(header + 8, (uint32_t)size); /* VirtualSize */
	put_le32(header + 12, (uint32_t)(pe->sections * MADE_SECTION_ROOM)); /* VirtualAddress */
	put_le32(pe->data + MADE_IMAGE_SIZE_AT, (pe->sections + 1u) * MADE_SECTION_ROOM);
	put_le32(header + 16, (uint32_t)padded); /* SizeOfRawData */
	put_le32(header + 20, (uint32_t)pe->size); /* PointerToRawData */
	memset(pe->data + pe->size, 0xff, padded);
	memcpy(pe->data + pe->size, content, size);
	pe->size += padded;
	put_le16(pe->data + MADE_PE + 6, pe->sections);
	return header;
}

static inline struct bytes made_pe_bytes(const struct made_pe *pe)
{
	return (struct bytes){ pe->data, pe->size };
}

#endif
