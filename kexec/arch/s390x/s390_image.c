/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads s390's image (Linux: arch/s390/boot/head.S, include/asm/setup.h).  s390_image.h
 * describes the format.
 */
#include <errno.h>
#include <inttypes.h>

#include "elf/elf_file.h"
#include "s390_image.h"

enum {
	MARK = 0x10008, /* "S390EP", a zero byte, number of further entries */
	ENTRIES = 0x1000f,
	VERSION = 0x10428, /* address of a string */
	CMDLINE_SIZE = 0x10430, /* with the NUL; 0: Linux before 5.17 */
	SMALLEST = 0x11000, /* end of the parameter area in old kernels */
};

#define OLD_CMDLINE_SIZE 896
#define VERSION_MAX 256

/* Appended to a signed file by the kernel's scripts/sign-file. */
#define SIGNATURE_MARK "~Module signature appended~\n"
#define SIGNATURE_MARK_SIZE (sizeof(SIGNATURE_MARK) - 1)
#define SIGNATURE_INFO_SIZE 12 /* ends with the signature's size */

bool s390_image_probe(struct bytes bytes)
{
	return bytes_match(bytes, MARK, "S390EP", 7);
}

bool s390_image_old_probe(struct bytes bytes)
{
	return bytes.size > SMALLEST && !elf_magic(bytes);
}

static int cut_signature(struct bytes *bytes, struct err *err)
{
	const uint64_t trailer = SIGNATURE_INFO_SIZE + SIGNATURE_MARK_SIZE;
	uint64_t size;

	if (bytes->size < trailer || !bytes_match(*bytes, bytes->size - SIGNATURE_MARK_SIZE,
						  SIGNATURE_MARK, SIGNATURE_MARK_SIZE))
		return 0;
	size = get_be32(bytes->data + bytes->size - SIGNATURE_MARK_SIZE - 4);
	if (size > bytes->size - trailer)
		return err_set(err, -ENOEXEC,
			       "the signature at the end of the file claims 0x%" PRIx64
			       " bytes, the whole file has 0x%zx",
			       size, bytes->size);
	bytes->size -= (size_t)(trailer + size);
	return 0;
}

/* The text at an address, up to its NUL; size 0: no text, or no NUL within room. */
static struct bytes text_at(struct bytes image, uint64_t address, uint64_t room)
{
	struct bytes text = { 0 };
	size_t size = 0;

	if (!bytes_has(image, address, room))
		return text;
	text.data = image.data + address;
	while (size < room && text.data[size] >= ' ' && text.data[size] <= '~')
		size++;
	if (size < room && !text.data[size])
		text.size = size;
	return text;
}

int s390_image_parse(struct bytes bytes, struct s390_image *out, struct err *err)
{
	uint64_t room;
	int ret = cut_signature(&bytes, err);

	*out = (struct s390_image){ .kernel = bytes };
	if (ret)
		return ret;
	if (bytes.size <= SMALLEST)
		return err_set(err, -ENOEXEC,
			       "an s390 image has its parameters at 0x10400 and the kernel after "
			       "0x%x, this file ends at 0x%zx",
			       SMALLEST, bytes.size);
	out->marked = s390_image_probe(bytes);
	out->kdump_entry = out->marked && bytes.data[ENTRIES] > 0;
	room = get_be64(bytes.data + CMDLINE_SIZE);
	if (!room || !out->marked)
		room = OLD_CMDLINE_SIZE;
	if (!bytes_has(bytes, S390_COMMAND_LINE, room))
		return err_set(err, -ENOEXEC,
			       "the image (at 0x%x) reserves 0x%" PRIx64
			       " bytes for a command line at 0x%x, but it ends at 0x%zx",
			       CMDLINE_SIZE, room, S390_COMMAND_LINE, bytes.size);
	out->cmdline_size = room - 1;
	out->own_cmdline = text_at(bytes, S390_COMMAND_LINE, room);
	if (out->marked)
		out->version = text_at(bytes, get_be64(bytes.data + VERSION), VERSION_MAX);
	return 0;
}

const char *s390_image_version(struct ctx *ctx, struct bytes bytes)
{
	struct s390_image image;

	if (s390_image_parse(bytes, &image, NULL) || !image.version.size)
		return NULL;
	return arena_strndup(&ctx->arena, (const char *)image.version.data, image.version.size);
}
