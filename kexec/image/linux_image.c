/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common part of Images (linux_image.h). */
#include "linux_image.h"

#include <errno.h>
#include <inttypes.h>

#include "pe.h"

bool linux_image_probe(struct bytes bytes, const char *magic)
{
	return bytes_has(bytes, 0, LINUX_IMAGE_HEADER_SIZE) &&
	       bytes_match(bytes, LINUX_IMAGE_MAGIC, magic, 4);
}

struct linux_image linux_image_read(struct bytes bytes)
{
	return (struct linux_image){
		.kernel = bytes,
		.text_offset = get_le64(bytes.data + LINUX_IMAGE_TEXT_OFFSET),
		.image_size = get_le64(bytes.data + LINUX_IMAGE_SIZE),
		.flags = get_le64(bytes.data + LINUX_IMAGE_FLAGS),
		.sized = true,
	};
}

/*
 * A kernel that UEFI can start has section headers: checks that each section is in the file.
 * *end: the end of the last section; 0: no headers.
 */
static int check_sections(struct bytes bytes, uint64_t *end, struct err *err)
{
	struct pe pe;
	int ret;

	*end = 0;
	if (!pe_probe(bytes))
		return 0;
	ret = pe_parse(bytes, &pe, err);
	if (ret)
		return ret;
	*end = (uint64_t)(pe.section_table.data - bytes.data) + pe.section_table.size;
	for (uint16_t i = 0; i < pe.sections && !ret; i++) {
		struct bytes section;
		uint64_t section_end;

		ret = pe_section(&pe, i, &section, err);
		section_end = ret ? 0 : (uint64_t)(section.data - bytes.data) + section.size;
		if (section.size && section_end > *end)
			*end = section_end;
	}
	return ret;
}

/*
 * The kernel ends at end.  It does not use a signature after it, which need not fit into its
 * memory.
 */
static struct bytes without_signature(struct bytes bytes, uint64_t end)
{
	struct pe pe;

	if (!end || pe_parse(bytes, &pe, NULL) || !pe.certificates_size || pe.certificates < end ||
	    (uint64_t)pe.certificates + pe.certificates_size != bytes.size)
		return bytes;
	return bytes_sub(bytes, 0, pe.certificates);
}

int linux_image_check(struct linux_image *image, struct err *err)
{
	uint64_t end, content_end;
	int ret;

	if (__builtin_add_overflow(image->text_offset, image->image_size, &end) || end > INT64_MAX)
		return err_set(
			err, -ENOEXEC,
			"the Image header (offset 0x%x) says that the kernel takes 0x%" PRIx64
			" bytes, which no memory can hold",
			LINUX_IMAGE_SIZE, image->image_size);
	ret = check_sections(image->kernel, &content_end, err);
	if (ret)
		return ret;
	if (image->kernel.size > image->image_size)
		image->kernel = without_signature(image->kernel, content_end);
	if (image->kernel.size <= image->image_size)
		return 0;
	err_set(err, -ENOEXEC,
		"the Image header (offset 0x%x) says that the kernel takes 0x%" PRIx64
		" bytes of memory, and it has 0x%zx",
		LINUX_IMAGE_SIZE, image->image_size, image->kernel.size);
	return err_hint(err, "The file is damaged, or something was appended to it.");
}
