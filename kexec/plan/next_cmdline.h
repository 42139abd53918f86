/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel's command line. */
#ifndef PLAN_NEXT_CMDLINE_H
#define PLAN_NEXT_CMDLINE_H

#include "load.h"

/* True if the request replaces a part of the image: command line, initrd or device tree. */
bool next_replaces_part(const struct load *load);

/*
 * True if only signed code may run: then the part of the image that was signed with the kernel is
 * used, not the request's, with a warning.  part: for the warning.
 */
bool next_keeps_inside(struct ctx *ctx, const struct load *load, const char *part);

/*
 * Chooses between the command line inside the image and that of the request: returns the
 * image's, or NULL: the request's.  A line of the request takes precedence, unless only signed
 * code may run: then the line that was signed with the kernel is kept, with a warning.
 */
const char *next_cmdline_of_image(struct ctx *ctx, const struct load *load);

/*
 * A line of the running kernel without the parameters that describe how it was started:
 * BOOT_IMAGE and, for a crash load, crashkernel.  One space between words.  The arena owns it.
 */
const char *next_cmdline_filter(struct ctx *ctx, const char *running, bool crash);

/* True if the request or the image gives a command line. */
bool next_cmdline_given(const struct load *load);

/*
 * Makes the command line: the image's own (load->own_cmdline), or else the running
 * kernel's for --reuse-cmdline (without BOOT_IMAGE and, for a crash load, crashkernel
 * parameters) and that of --append, joined by cmdline_join().  The arena owns it.
 * limit: characters that the next kernel takes, without the NUL.  -E2BIG names both
 * numbers; -ENOENT: the running kernel's line could not be read.
 */
int next_cmdline(struct ctx *ctx, const struct load *load, uint64_t limit, const char **out);

#endif
