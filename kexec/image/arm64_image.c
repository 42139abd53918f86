/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64's Image: a header of 64 bytes, little endian whatever the kernel is, in front
 * of the kernel as it is to lie in memory (Linux: arch/arm64/booting.rst).
 */
#include <errno.h>
#include <inttypes.h>

#include "image.h"
#include "pe.h"

/* Offsets in the header. */
enum {
	TEXT_OFFSET = 0x08, /* u64 */
	IMAGE_SIZE = 0x10, /* u64 */
	FLAGS = 0x18, /* u64 */
	MAGIC = 0x38,
	HEADER_SIZE = 0x40,
};

/* Linux before 3.17, whose header tells neither. */
#define OLD_TEXT_OFFSET 0x80000
#define OLD_IMAGE_SIZE (16u << 20)

#define BASE_ALIGN ARM64_IMAGE_ALIGN
#define SMALLEST_PAGE 4096

bool arm64_image_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, HEADER_SIZE) && bytes_match(bytes, MAGIC, "ARM\x64", 4);
}

/* A signature behind the kernel is of no use to it, and need not fit into its memory. */
static struct bytes without_signature(struct bytes bytes)
{
	struct err ignored = { 0 };
	struct pe pe;

	if (pe_parse(bytes, &pe, &ignored) || !pe.certificates_size ||
	    (uint64_t)pe.certificates + pe.certificates_size != bytes.size)
		return bytes;
	return bytes_sub(bytes, 0, pe.certificates);
}

/* A kernel that UEFI can start tells where its parts are: is the file cut short? */
static int check_sections(struct bytes bytes, struct err *err)
{
	struct bytes ignored;
	struct pe pe;
	int ret;

	if (!pe_probe(bytes))
		return 0;
	ret = pe_parse(bytes, &pe, err);
	for (uint16_t i = 0; i < pe.sections && !ret; i++)
		ret = pe_section(&pe, i, &ignored, err);
	return ret;
}

static int check_size(struct bytes bytes, struct arm64_image *out, struct err *err)
{
	if (bytes.size > out->image_size)
		out->kernel = without_signature(bytes);
	if (out->kernel.size <= out->image_size)
		return 0;
	err_set(err, -ENOEXEC,
		"the Image header (offset %#x) says that the kernel takes %#" PRIx64
		" bytes of memory, and it has %#zx",
		IMAGE_SIZE, out->image_size, out->kernel.size);
	return err_hint(err, "The file is damaged, or something was appended to it.");
}

int arm64_image_parse(struct bytes bytes, struct arm64_image *out, struct err *err)
{
	uint64_t end;
	int ret;

	*out = (struct arm64_image){ .kernel = bytes };
	if (!arm64_image_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not an arm64 Image: %d bytes or more with ARM\\x64 at %#x are "
			       "expected",
			       HEADER_SIZE, MAGIC);
	out->text_offset = get_le64(bytes.data + TEXT_OFFSET);
	out->image_size = get_le64(bytes.data + IMAGE_SIZE);
	out->flags = get_le64(bytes.data + FLAGS);
	out->sized = out->image_size;
	if (!out->sized) {
		out->text_offset = OLD_TEXT_OFFSET;
		out->image_size = bytes.size > OLD_IMAGE_SIZE ? bytes.size : OLD_IMAGE_SIZE;
		out->flags = 0;
	}
	if (out->text_offset >= BASE_ALIGN || out->text_offset % SMALLEST_PAGE)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset %#x) wants the kernel %#" PRIx64
			       " bytes behind a multiple of 2 MiB: a multiple of 4 KiB below "
			       "2 MiB is expected",
			       TEXT_OFFSET, out->text_offset);
	if (__builtin_add_overflow(out->text_offset, out->image_size, &end) || end > INT64_MAX)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset %#x) says that the kernel takes %#" PRIx64
			       " bytes, which no memory can hold",
			       IMAGE_SIZE, out->image_size);
	ret = check_sections(bytes, err);
	return ret ? ret : check_size(bytes, out, err);
}
