/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified kernel images: PE files with a kernel and what it needs in their sections. */
#ifndef IMAGE_UKI_H
#define IMAGE_UKI_H

#include "core/bytes.h"
#include "core/err.h"

/*
 * Contents of the sections; size 0: no such section.  A UKI with profiles is read as its
 * first profile, which boots by default.
 */
struct uki {
	struct bytes kernel; /* .linux */
	struct bytes initrd;
	struct bytes ucode;
	struct bytes cmdline;
	struct bytes dtb; /* the first of several */
	struct bytes uname;
};

/*
 * 1: a UKI.  0: another PE file, such as a kernel that UEFI can start.  -ENOEXEC: damaged
 * headers, or a section that is not inside the file.
 */
int uki_parse(struct bytes bytes, struct uki *out, struct err *err);

#endif
