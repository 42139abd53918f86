/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PE files (PE Format, "COFF File Header" to "Section Table"). */
#include "pe.h"

#include <errno.h>
#include <inttypes.h>

#define DOS_HEADER_SIZE 0x40
#define E_LFANEW 0x3c
#define SIGNATURE_SIZE 4
#define COFF_SIZE 20
#define FILE_ALIGN 36 /* offset in the optional header, whatever its magic number */
#define SIZE_OF_IMAGE 56
#define LARGEST_FILE_ALIGN 0x10000
#define CERTIFICATE_TABLE 4 /* index among the data directories */
#define DIRECTORY_SIZE 8

/* Offsets from the signature. */
enum {
	MACHINE = SIGNATURE_SIZE,
	NUMBER_OF_SECTIONS = SIGNATURE_SIZE + 2,
	SIZE_OF_OPTIONAL_HEADER = SIGNATURE_SIZE + 16,
	OPTIONAL_HEADER = SIGNATURE_SIZE + COFF_SIZE,
};

/* Offsets in a section header. */
enum {
	NAME_SIZE = 8,
	VIRTUAL_SIZE = 8,
	VIRTUAL_ADDRESS = 12,
	SIZE_OF_RAW_DATA = 16,
	POINTER_TO_RAW_DATA = 20,
};

/* The magic number of the optional header decides the offset of the directory count. */
static const struct {
	uint16_t magic;
	uint16_t directories;
} optional_headers[] = { { 0x10b, 92 }, { 0x20b, 108 } };

bool pe_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, DOS_HEADER_SIZE) && bytes_match(bytes, 0, "MZ", 2) &&
	       bytes_match(bytes, get_le32(bytes.data + E_LFANEW), "PE\0", SIGNATURE_SIZE);
}

static int cut_short(struct err *err, struct bytes file, const char *what, uint64_t offset,
		     uint64_t size)
{
	err_set(err, -ENOEXEC,
		"this PE file is cut short or damaged: %s, [0x%" PRIx64 ", 0x%" PRIx64
		"), is not inside its 0x%zx bytes",
		what, offset, offset + size, file.size);
	return err_hint(err, "Copy or build the file again.");
}

static int read_optional_header(struct bytes header, struct pe *out, struct err *err)
{
	uint16_t magic = header.size >= 2 ? get_le16(header.data) : 0;
	uint32_t directories;
	const uint8_t *entry;
	size_t i = 0;

	while (i < 2 && optional_headers[i].magic != magic)
		i++;
	if (i == 2 || !bytes_has(header, optional_headers[i].directories, 4))
		return err_set(err, -ENOEXEC,
			       "this PE file has an optional header of %zu bytes with the magic "
			       "0x%x, 96 or more with 0x10b or 112 or more with 0x20b are expected",
			       header.size, magic);
	out->file_align = get_le32(header.data + FILE_ALIGN);
	out->image_size = get_le32(header.data + SIZE_OF_IMAGE);
	directories = get_le32(header.data + optional_headers[i].directories);
	header = bytes_from(header, optional_headers[i].directories + 4u);
	if (directories > header.size / DIRECTORY_SIZE)
		return err_set(err, -ENOEXEC,
			       "this PE file's optional header has room for %zu data directories "
			       "and claims %" PRIu32,
			       header.size / DIRECTORY_SIZE, directories);
	if (directories <= CERTIFICATE_TABLE)
		return 0;
	entry = header.data + CERTIFICATE_TABLE * DIRECTORY_SIZE;
	out->certificates = get_le32(entry);
	out->certificates_size = get_le32(entry + 4);
	return 0;
}

static const uint8_t *section_header(const struct pe *pe, uint16_t index)
{
	return pe->section_table.data + (size_t)index * PE_SECTION_SIZE;
}

/* UEFI refuses an image with a section that ends after it. */
static int check_image_size(const struct pe *pe, struct err *err)
{
	for (uint16_t i = 0; i < pe->sections; i++) {
		const uint8_t *header = section_header(pe, i);
		uint32_t size = get_le32(header + VIRTUAL_SIZE);
		uint64_t start = get_le32(header + VIRTUAL_ADDRESS);

		if (!size)
			size = get_le32(header + SIZE_OF_RAW_DATA);
		if (!size || start + size <= pe->image_size)
			continue;
		err_set(err, -ENOEXEC,
			"this PE file is damaged: its section %u takes the memory [0x%" PRIx64
			", 0x%" PRIx64 "), the whole image has 0x%" PRIx32 " bytes",
			i, start, start + size, pe->image_size);
		return err_hint(err, "Copy or build the file again.");
	}
	return 0;
}

int pe_parse(struct bytes bytes, struct pe *out, struct err *err)
{
	uint64_t start, optional, table;
	uint16_t optional_size;
	int ret;

	*out = (struct pe){ .file = bytes };
	if (!pe_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not a PE file: MZ at 0 and the offset of PE\\0\\0 at 0x3c are "
			       "expected");
	start = get_le32(bytes.data + E_LFANEW);
	optional = start + OPTIONAL_HEADER;
	if (!bytes_has(bytes, start, OPTIONAL_HEADER))
		return cut_short(err, bytes, "its header", start, OPTIONAL_HEADER);
	optional_size = get_le16(bytes.data + start + SIZE_OF_OPTIONAL_HEADER);
	if (!bytes_has(bytes, optional, optional_size))
		return cut_short(err, bytes, "its optional header", optional, optional_size);
	table = optional + optional_size;
	out->machine = get_le16(bytes.data + start + MACHINE);
	out->sections = get_le16(bytes.data + start + NUMBER_OF_SECTIONS);
	if (!bytes_has(bytes, table, (uint64_t)out->sections * PE_SECTION_SIZE))
		return cut_short(err, bytes, "its section table", table,
				 (uint64_t)out->sections * PE_SECTION_SIZE);
	out->section_table = bytes_sub(bytes, table, (uint64_t)out->sections * PE_SECTION_SIZE);
	ret = read_optional_header(bytes_sub(bytes, optional, optional_size), out, err);
	return ret ? ret : check_image_size(out, err);
}

bool pe_section_is(const struct pe *pe, uint16_t index, const char *name)
{
	/* A name of 8 characters has no NUL. */
	return !strncmp((const char *)section_header(pe, index), name, NAME_SIZE);
}

/* Padding is shorter than this. */
static uint32_t alignment(const struct pe *pe)
{
	return pe->file_align < LARGEST_FILE_ALIGN ? pe->file_align : LARGEST_FILE_ALIGN;
}

int pe_section(const struct pe *pe, uint16_t index, struct bytes *out, struct err *err)
{
	const uint8_t *header = section_header(pe, index);
	uint32_t size = get_le32(header + SIZE_OF_RAW_DATA);
	uint32_t offset = get_le32(header + POINTER_TO_RAW_DATA);
	uint32_t virtual_size = get_le32(header + VIRTUAL_SIZE);

	*out = (struct bytes){ 0 };
	if (virtual_size && virtual_size < size && size - virtual_size < alignment(pe))
		size = virtual_size;
	if (!bytes_has(pe->file, offset, size)) {
		cut_short(err, pe->file, "its content", offset, size);
		return err_prefix(err, "section %.*s", NAME_SIZE, (const char *)header);
	}
	/* Bytes beyond the virtual size are padding.  Object files have 0 here. */
	if (virtual_size && virtual_size < size)
		size = virtual_size;
	*out = bytes_sub(pe->file, offset, size);
	return 0;
}

size_t pe_signed_size(const struct pe *pe)
{
	if (!pe->certificates_size || !bytes_has(pe->file, pe->certificates, pe->certificates_size))
		return pe->file.size;
	return (size_t)pe->certificates + pe->certificates_size;
}
