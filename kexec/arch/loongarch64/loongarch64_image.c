/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LoongArch's PE image (Linux: arch/loongarch/booting.rst). */
#include <errno.h>
#include <inttypes.h>

#include "image/pe.h"
#include "loongarch64.h"

/* Offsets in the header; size and magic number are those of linux_image.h. */
#define ENTRY 0x08 /* u64, of the entry point */
#define LOAD_OFFSET 0x18 /* u64, physical address of the first byte */

#define MAGIC "\xcd\x23\x82\x81" /* LINUX_PE_MAGIC */
#define PE_LOONGARCH64 0x6264 /* IMAGE_FILE_MACHINE_LOONGARCH64 */

#define INSTRUCTION 4

bool loongarch64_image_probe(struct bytes bytes)
{
	struct pe pe;

	/* An EFI zboot has the magic number, too. */
	return linux_image_probe(bytes, MAGIC) && !bytes_match(bytes, 4, "zimg", 4) &&
	       !pe_parse(bytes, &pe, NULL) && pe.machine == PE_LOONGARCH64;
}

/* True for a file with the magic number whose other headers may be damaged. */
static bool has_magic(struct bytes bytes)
{
	return linux_image_probe(bytes, MAGIC) && pe_probe(bytes);
}

/* The machine and the sections of the PE header; a kernel without a header is not started by UEFI. */
static int check_pe(struct bytes bytes, struct err *err)
{
	struct pe pe;
	int ret = pe_parse(bytes, &pe, err);

	if (ret || pe.machine == PE_LOONGARCH64)
		return ret;
	return err_set(err, -ENOEXEC,
		       "the PE header says that the kernel is for machine 0x%" PRIx16
		       ", not 0x%x (LoongArch)",
		       pe.machine, PE_LOONGARCH64);
}

static int check_place(const struct linux_image *image, struct err *err)
{
	if (!(image->text_offset % LOONGARCH64_IMAGE_ALIGN) &&
	    image->text_offset <= LOONGARCH64_PHYSICAL)
		return 0;
	return err_set(err, -ENOEXEC,
		       "the image header (offset 0x%x) has the load address 0x%" PRIx64
		       ": a multiple of 64 KiB below 2^48 is expected",
		       LOAD_OFFSET, image->text_offset);
}

static int set_entry(uint64_t address, struct loongarch64_kernel *out, struct err *err)
{
	uint64_t start = out->image.text_offset, size = out->image.kernel.size;
	uint64_t entry = address & LOONGARCH64_PHYSICAL;

	out->entry = entry - start;
	if (entry >= start && out->entry < size && !(entry % INSTRUCTION))
		return 0;
	return err_set(err, -ENOEXEC,
		       "the image header (offset 0x%x) has the entry 0x%" PRIx64
		       ": a multiple of 4 in the image's own [0x%" PRIx64 ", 0x%" PRIx64
		       ") is expected",
		       ENTRY, address, start, start + size);
}

int loongarch64_image_parse(struct bytes bytes, struct loongarch64_kernel *out, struct err *err)
{
	struct linux_image *image = &out->image;
	int ret;

	*out = (struct loongarch64_kernel){ .image.kernel = bytes };
	if (!has_magic(bytes))
		return err_set(err, -ENOEXEC,
			       "not a LoongArch kernel: a PE file with cd 23 82 81 at 0x%x is "
			       "expected",
			       LINUX_IMAGE_MAGIC);
	ret = check_pe(bytes, err);
	if (ret)
		return ret;
	*image = (struct linux_image){
		.kernel = bytes,
		.image_size = get_le64(bytes.data + LINUX_IMAGE_SIZE),
		.text_offset = get_le64(bytes.data + LOAD_OFFSET) & LOONGARCH64_PHYSICAL,
		.sized = true,
	};
	if (!image->image_size)
		return err_set(err, -ENOEXEC,
			       "the image header (offset 0x%x) has the image size 0: the kernel's "
			       "need of memory is unknown",
			       LINUX_IMAGE_SIZE);
	ret = check_place(image, err);
	if (!ret)
		ret = linux_image_check(image, err);
	return ret ? ret : set_entry(get_le64(bytes.data + ENTRY), out, err);
}

int loongarch64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct loongarch64_kernel kernel;

	*cmdline_size = LOONGARCH64_FILE_CMDLINE_SIZE;
	return loongarch64_image_parse(bytes, &kernel, err);
}
