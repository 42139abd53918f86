/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIT images (flattened image tree), which mkimage makes for U-Boot. */
#ifndef IMAGE_FIT_H
#define IMAGE_FIT_H

#include "core/bytes.h"
#include "core/ctx.h"

/* An image of the chosen configuration; bytes.size 0: no image of this kind. */
struct fit_part {
	struct bytes bytes;
	const char *compression; /* "none", "gzip" ...; NULL: not given */
};

struct fit {
	struct fit_part kernel, ramdisk, dtb;
};

/* Looks for the magic number of a flattened tree, which device trees have as well.  Cheap. */
static inline bool fit_probe(struct bytes bytes)
{
	return bytes_has(bytes, 0, 4) && get_be32(bytes.data) == 0xd00dfeedu;
}

/*
 * Finds the images of the configuration named config, NULL: of the default configuration, and
 * checks their checksums.  Signatures are not checked, and a warning reports it.
 * 1: *out is filled.  0: a device tree without images.  -ENOEXEC: damaged, a wrong checksum, no
 * kernel; -EINVAL: no configuration of that name; -EOPNOTSUPP: overlays, or this build has no
 * libfdt.  name: of the file, for warnings.
 */
int fit_parse(struct ctx *ctx, const char *name, struct bytes bytes, const char *config,
	      struct fit *out);

#endif
