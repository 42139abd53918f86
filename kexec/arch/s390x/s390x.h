/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the s390x image types share. */
#ifndef ARCH_S390X_S390X_H
#define ARCH_S390X_S390X_H

#include "arch/arch.h"
#include "s390_image.h"

#define S390X_PAGE_SIZE 4096

/* bytes: the image, or what a vmlinux makes of memory. */
int s390x_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, struct bytes bytes, struct plan *plan);

/* Of struct image_type (arch.h). */
int s390x_image_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, struct plan *plan);
int s390x_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
const char *s390x_image_own_cmdline(struct ctx *ctx, struct bytes bytes);

int s390x_vmlinux_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct plan *plan);
int s390x_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
const char *s390x_vmlinux_own_cmdline(struct ctx *ctx, struct bytes bytes);

#endif
