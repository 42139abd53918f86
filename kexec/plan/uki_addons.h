/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The add-ons of a UKI: files that extend it (systemd-stub(7), Companion Files). */
#ifndef PLAN_UKI_ADDONS_H
#define PLAN_UKI_ADDONS_H

#include "core/ctx.h"
#include "image/image.h"

/*
 * Opens the files *.addon.efi in the directory KERNEL.extra.d, sorted by name, for
 * struct image_rules.  The directory of KERNEL+3-1.efi, whose name counts attempts to boot, is
 * KERNEL.efi.extra.d.  *count 0: no add-ons.  limit: largest size in bytes of a file.
 */
int uki_addons_open(struct ctx *ctx, const char *kernel, uint64_t limit, struct uki_addon **out,
		    size_t *count);

#endif
