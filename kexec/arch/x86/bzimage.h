/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzImage: the setup header, checked against the file (Linux: arch/x86/boot.rst). */
#ifndef ARCH_X86_BZIMAGE_H
#define ARCH_X86_BZIMAGE_H

#include "core/bytes.h"
#include "core/ctx.h"

struct bzimage {
	struct bytes setup_header; /* file bytes from 0x1f1 to the header's end */
	struct bytes kernel; /* the protected-mode part, and a signature if there is one */
	uint16_t protocol; /* 0x020f is 2.15 */
	uint16_t xloadflags;
	bool relocatable;
	uint32_t setup_size; /* bytes of the real-mode part, boot sector included */
	/* Powers of two, at least a page; a page if the kernel is not relocatable. */
	uint32_t kernel_alignment;
	uint8_t min_alignment; /* log2 */
	uint32_t cmdline_size; /* characters, without the NUL */
	uint32_t initrd_addr_max; /* last address that an initrd may have */
	uint64_t pref_address; /* 0x100000 if the kernel has no preference */
	uint32_t init_size; /* at least kernel.size */
	const char *version; /* the kernel's version string inside the file; NULL: no version */
	size_t version_size;
};

/* True for HdrS, 0xAA55, protocol >= 2.00 and LOADED_HIGH.  Cheap, sets no error. */
bool bzimage_probe(struct bytes bytes);
/* True for a bzImage with a 64-bit entry (protocol >= 2.12, xloadflags bits 0 and 1). */
bool bzimage64_probe(struct bytes bytes);
/* Checks every field.  -ENOEXEC: truncated or inconsistent; the error contains the numbers. */
int bzimage_parse(struct bytes bytes, struct bzimage *out, struct err *err);
/* The printable part of the version; NULL: no version, or a damaged file. */
const char *bzimage_version(struct ctx *ctx, struct bytes bytes);

#endif
