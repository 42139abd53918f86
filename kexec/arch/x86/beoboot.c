/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beoboot: a bzImage, its command line and its initrd in one file.  The header has 16 bytes: "BeoB",
 * u8 arch, u8 flags, u16 size of the command line with its NUL, u32 size of the kernel, u32 size of
 * the initrd.  The three parts follow.
 */
#include "beoboot.h"

#include <errno.h>

#include "bzimage.h"

#define HEADER_SIZE 16
#define ARCH 4
#define FLAGS 5
#define CMDLINE_SIZE 6
#define KERNEL_SIZE 8
#define INITRD_SIZE 12
#define ARCH_I386 1
#define HAS_INITRD 0x1

bool beoboot_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, HEADER_SIZE) && bytes_match(bytes, 0, "BeoB", 4) &&
	       bytes.data[ARCH] == ARCH_I386;
}

int beoboot_peel(struct ctx *ctx, struct image *image, struct bytes *inside)
{
	struct bytes file = image->bytes;
	uint64_t kernel = HEADER_SIZE + (uint64_t)get_le16(file.data + CMDLINE_SIZE);
	uint64_t initrd = kernel + get_le32(file.data + KERNEL_SIZE);
	uint64_t size = file.data[FLAGS] & HAS_INITRD ? get_le32(file.data + INITRD_SIZE) : 0;

	if (image_has_initrd(image) || image->cmdline)
		return err_set(&ctx->err, -ENOEXEC,
			       "a beoboot image in a container with its own initrd or command "
			       "line: only one of them can be used");
	if (!bytes_has(file, initrd, size))
		return err_set(&ctx->err, -ENOEXEC,
			       "this beoboot image is cut short: %zu bytes, its header needs %llu",
			       file.size, (unsigned long long)(initrd + size));
	*inside = bytes_sub(file, kernel, initrd - kernel);
	if (!bzimage_probe(*inside))
		return err_set(&ctx->err, -ENOEXEC,
			       "the %zu bytes at %llu of this beoboot image are not a bzImage",
			       inside->size, (unsigned long long)kernel);
	image->initrd = bytes_sub(file, initrd, size);
	image->cmdline = arena_strndup(&ctx->arena, (const char *)file.data + HEADER_SIZE,
				       kernel - HEADER_SIZE);
	return 1;
}
