/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv's Image (Linux: arch/riscv/boot-image-header.rst). */
#include <errno.h>
#include <inttypes.h>

#include "image/pe.h"
#include "riscv_image.h"

#define VERSION 0x20 /* u32, the minor version in the low half */
#define OLDEST_VERSION 2 /* 0.2: the first with the magic number at LINUX_IMAGE_MAGIC */

#define PE_RISCV64 0x5064 /* IMAGE_FILE_MACHINE_RISCV64 */

bool riscv_image_probe(struct bytes bytes)
{
	return linux_image_probe(bytes, "RSC\x05");
}

/* The Image header of a 32-bit kernel is the same.  Kernels with UEFI support have a PE header. */
static int check_bits(struct bytes bytes, struct err *err)
{
	struct pe pe;

	if (pe_parse(bytes, &pe, NULL) || pe.machine == PE_RISCV64)
		return 0;
	return err_set(err, -ENOEXEC,
		       "the PE header says that the kernel is for machine 0x%" PRIx16
		       ", not 0x%x (64-bit riscv)",
		       pe.machine, PE_RISCV64);
}

int riscv_image_parse(struct bytes bytes, struct linux_image *out, struct err *err)
{
	uint32_t version;
	int ret;

	*out = (struct linux_image){ .kernel = bytes };
	if (!riscv_image_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not a riscv Image: %d bytes or more with RSC\\x05 at 0x%x are "
			       "expected",
			       LINUX_IMAGE_HEADER_SIZE, LINUX_IMAGE_MAGIC);
	*out = linux_image_read(bytes);
	version = get_le32(bytes.data + VERSION);
	if (version < OLDEST_VERSION)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset 0x%x) is of version 0x%" PRIx32
			       ": 0x%x (0.2) or later is expected",
			       VERSION, version, OLDEST_VERSION);
	if (out->flags & LINUX_IMAGE_BIG_ENDIAN)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset 0x%x) says big endian, this machine is "
			       "little endian",
			       LINUX_IMAGE_FLAGS);
	if (!out->image_size)
		return err_set(err, -ENOEXEC,
			       "the Image header (offset 0x%x) has the image size 0: the kernel's "
			       "need of memory is unknown",
			       LINUX_IMAGE_SIZE);
	out->text_offset = 0; /* only firmware's boot loaders need the offset */
	ret = linux_image_check(out, err);
	return ret ? ret : check_bits(bytes, err);
}
