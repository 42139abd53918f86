/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64's Image (Linux: arch/arm64/booting.rst). */
#include <errno.h>
#include <inttypes.h>

#include "arm64_image.h"

/* Linux before 3.17: the header contains neither text offset nor image size. */
#define OLD_TEXT_OFFSET 0x80000
#define OLD_IMAGE_SIZE (16u << 20)

#define SMALLEST_PAGE 4096

bool arm64_image_probe(struct bytes bytes)
{
	return linux_image_probe(bytes, "ARM\x64");
}

int arm64_image_parse(struct bytes bytes, struct linux_image *out, struct err *err)
{
	*out = (struct linux_image){ .kernel = bytes };
	if (!arm64_image_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not an arm64 Image: %d bytes or more with ARM\\x64 at 0x%x are "
			       "expected",
			       LINUX_IMAGE_HEADER_SIZE, LINUX_IMAGE_MAGIC);
	*out = linux_image_read(bytes);
	out->sized = out->image_size;
	if (!out->sized) {
		out->text_offset = OLD_TEXT_OFFSET;
		out->image_size = bytes.size > OLD_IMAGE_SIZE ? bytes.size : OLD_IMAGE_SIZE;
		out->flags = 0;
	}
	if (out->text_offset >= LINUX_IMAGE_ALIGN || out->text_offset % SMALLEST_PAGE)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset 0x%x) has the text offset 0x%" PRIx64
			       ": a multiple of 4 KiB below 2 MiB is expected",
			       LINUX_IMAGE_TEXT_OFFSET, out->text_offset);
	return linux_image_check(out, err);
}
