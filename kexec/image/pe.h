/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PE files, as UEFI starts them: as much as it takes to find sections and the
 * signature (PE Format, "COFF File Header" to "Section Table").
 */
#ifndef IMAGE_PE_H
#define IMAGE_PE_H

#include "core/bytes.h"
#include "core/err.h"

struct pe {
	struct bytes file;
	struct bytes section_table; /* whole headers of PE_SECTION_SIZE bytes */
	uint16_t machine; /* IMAGE_FILE_MACHINE_* */
	uint16_t sections;
	uint32_t file_align; /* SizeOfRawData is rounded up to a multiple of it */
	uint32_t image_size; /* memory of the whole image, with all sections */
	uint32_t certificates; /* offset of the signatures in the file, unchecked */
	uint32_t certificates_size; /* 0: not signed */
};

#define PE_SECTION_SIZE 40

/* "MZ", and "PE" where it points to.  Cheap, no error. */
bool pe_probe(struct bytes bytes);

/*
 * -ENOEXEC with offsets for headers that are not whole or contradict each other, and for a
 * section that ends after the image.
 */
int pe_parse(struct bytes bytes, struct pe *out, struct err *err);

/* Has the section this name of at most 8 characters?  index < pe->sections. */
bool pe_section_is(const struct pe *pe, uint16_t index, const char *name);

/*
 * The part of the file that is the section's content.  -ENOEXEC: it is not inside the file.  The
 * padding of the last section need not be there.
 */
int pe_section(const struct pe *pe, uint16_t index, struct bytes *out, struct err *err);

/*
 * Signatures are the last thing in a file.  Those that padding was added to end
 * here, those without signatures where the bytes end.
 */
size_t pe_signed_size(const struct pe *pe);

#endif
