/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules of a load: files that are loaded with the kernel (--module). */
#ifndef PLAN_MODULES_H
#define PLAN_MODULES_H

#include "load.h"
#include "plan.h"

/*
 * Opens the files of the request's modules and unpacks those that are compressed, as boot loaders
 * do; fills load->module.  limit: largest total in bytes.  -EFBIG names the file that exceeds it;
 * -E2BIG: too many modules.
 */
int modules_open(struct ctx *ctx, struct load *load, uint64_t limit);

/*
 * Adds one segment with all modules, each at the start of a page.  place: one element for each
 * module, the place of its bytes.  Without modules there is no segment.
 */
int modules_place(struct ctx *ctx, const struct load *load, const struct placement *placement,
		  struct range *place, struct plan *plan);

#endif
