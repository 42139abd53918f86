/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EFI zboot: a kernel compressed into a PE file that decompresses it, for arches
 * whose kernels cannot do that themselves (Linux:
 * drivers/firmware/efi/libstub/zboot-header.S).
 */
#include <errno.h>
#include <inttypes.h>

#include "zboot.h"

/* Offsets in the file. */
enum {
	MAGIC = 4,
	PAYLOAD_OFFSET = 8,
	PAYLOAD_SIZE = 12, /* without the size that follows the data in some formats */
	COMPRESSION = 24,
	LINUX_PE_MAGIC = 56,
};

#define COMPRESSION_SIZE (LINUX_PE_MAGIC - COMPRESSION)
#define HEADER_SIZE 64

bool zboot_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, HEADER_SIZE) && bytes_match(bytes, 0, "MZ", 2) &&
	       bytes_match(bytes, MAGIC, "zimg", 4);
}

int zboot_parse(struct bytes bytes, struct zboot *out, struct err *err)
{
	*out = (struct zboot){ 0 };
	if (!zboot_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not a zboot image: %d bytes or more with MZ at 0 and zimg at 4 are "
			       "expected",
			       HEADER_SIZE);
	out->offset = get_le32(bytes.data + PAYLOAD_OFFSET);
	out->payload.size = get_le32(bytes.data + PAYLOAD_SIZE);
	if (!bytes_has(bytes, out->offset, out->payload.size)) {
		err_set(err, -ENOEXEC,
			"this zboot image is cut short or damaged: its payload, [0x%" PRIx32
			", 0x%" PRIx64 "), is not inside its 0x%zx bytes",
			out->offset, (uint64_t)out->offset + out->payload.size, bytes.size);
		return err_hint(err, "Copy or build the file again.");
	}
	out->payload = bytes_sub(bytes, out->offset, out->payload.size);
	memcpy(out->compression, bytes.data + COMPRESSION, COMPRESSION_SIZE);
	return 0;
}
