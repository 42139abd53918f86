/* SPDX-License-Identifier: GPL-2.0-or-later */
/* s390x: its image types, and the parts of the machine that only s390x reads. */
#ifndef ARCH_S390X_S390X_H
#define ARCH_S390X_S390X_H

#include "arch/arch.h"
#include "s390_image.h"

#define S390X_PAGE_SIZE 4096

/*
 * Removes offline memory blocks (/sys/devices/system/memory) from machine->ram.  /proc/iomem
 * lists offline blocks, too.  Without these files nothing changes.  -EINVAL: malformed files.
 */
int s390x_remove_offline(struct ctx *ctx, struct machine *machine);

/* Plans a kernel.  bytes: the image, or the memory contents that a vmlinux describes. */
int s390x_plan_boot(struct ctx *ctx, const struct load *load, struct bytes bytes,
		    struct plan *plan);

/* Members of struct image_type (arch.h). */
int s390x_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int s390x_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
const char *s390x_image_own_cmdline(struct ctx *ctx, struct bytes bytes);

int s390x_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int s390x_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
const char *s390x_vmlinux_own_cmdline(struct ctx *ctx, struct bytes bytes);

#endif
