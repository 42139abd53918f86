/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFI zboot: a compressed kernel in a PE file (Linux: libstub/zboot-header.S). */
#ifndef IMAGE_ZBOOT_H
#define IMAGE_ZBOOT_H

#include "core/bytes.h"
#include "core/err.h"

struct zboot {
	uint32_t offset; /* of the payload */
	struct bytes payload;
	char compression[33]; /* the name in the header: "gzip", "zstd22", "xzkern"; untrusted */
};

/* MZ and zimg: cheap, no error. */
bool zboot_probe(struct bytes bytes);
/* -ENOEXEC: the payload is not inside the file. */
int zboot_parse(struct bytes bytes, struct zboot *out, struct err *err);

#endif
