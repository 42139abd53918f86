/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified kernel images: PE files with a kernel and what it needs in their sections. */
#ifndef IMAGE_UKI_H
#define IMAGE_UKI_H

#include "core/bytes.h"
#include "core/err.h"

/* Contents of the sections of one profile; size 0: no such section. */
struct uki {
	struct bytes kernel; /* .linux */
	struct bytes initrd;
	struct bytes ucode;
	struct bytes cmdline;
	struct bytes dtb; /* the first of several */
	struct bytes uname;
	uint16_t machine; /* IMAGE_FILE_MACHINE_* */
	bool has_dtbauto; /* device trees that firmware's stub would choose from */
};

/*
 * profile: number of the profile; 0: the first, which is the default, or a UKI without profiles.
 * 1: a UKI.  0: another PE file, such as a kernel that UEFI can start.  -ENOEXEC: damaged
 * headers, or a section that is not inside the file.  -EINVAL: no such profile.
 */
int uki_parse(struct bytes bytes, uint64_t profile, struct uki *out, struct err *err);

/*
 * An add-on: a PE file with sections that extend a UKI, and without a kernel.  Profiles in
 * the add-on are ignored.  Returns 0, or -ENOEXEC as uki_parse().
 */
int uki_parse_addon(struct bytes bytes, struct uki *out, struct err *err);

#endif
