/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of ppc64 share: placing a vmlinux and starting it. */
#ifndef ARCH_PPC64_PPC64_H
#define ARCH_PPC64_PPC64_H

#include "devicetree/devicetree.h"
#include "ppc64_machine.h"
#include "arch/arch.h"
#include "ppc_zimage.h"

#define PPC64_UIMAGE 7 /* number of the arch in a uImage */
#define PPC64_CMDLINE_SIZE 2047 /* COMMAND_LINE_SIZE, without the NUL */

/* What is read out of the image: one run of bytes, whatever segments it had. */
struct ppc64_kernel {
	struct bytes bytes;
	uint64_t memory_size;
	uint64_t align;
	enum byte_order order;
	bool stays; /* it can run where it is loaded (CONFIG_RELOCATABLE), if told so */
};

/* Offset of the 32-bit word that tells it to. */
#define PPC64_RUN_AT_LOAD 0x5c

/* What the device tree of the next kernel is made of. */
struct ppc64_boot {
	struct devicetree_ppc64 changes;
	struct range_set usable; /* crash loads */
	const char *cmdline;
};

/* -ENOEXEC: no ppc64 kernel. */
int ppc64_kernel_parse(struct ctx *ctx, struct bytes bytes, struct ppc64_kernel *out);

/* Initrd, device tree, and what purgatory is to do, behind the kernel's segment at start. */
int ppc64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct ppc64_kernel *kernel, uint64_t start,
		     struct plan *plan);

/*
 * A crash load's own segments and word; sets memory to use and to leave alone in boot.
 * order: the crash kernel's, which reads the core header.
 */
int ppc64_plan_crash(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     enum byte_order order, struct plan *plan, struct ppc64_boot *boot);

/* plan_place() in the first memory node, where all that boots must lie. */
int ppc64_place(struct ctx *ctx, const struct request *req, const struct machine *machine,
		struct plan *plan, struct segment *segment, uint64_t memsz);
void ppc64_limit(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 struct placement *placement);

/* Of struct image_type (arch.h). */
int ppc64_plan(struct ctx *ctx, const struct request *req, const struct machine *machine,
	       const struct image *image, struct plan *plan);
/* file_check() for a running kernel of that order: it takes no other. */
int ppc64_file_check(struct bytes bytes, enum byte_order order, uint64_t *cmdline_size,
		     struct err *err);

#endif
