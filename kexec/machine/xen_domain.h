/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux under Xen.  In the control domain (dom0) the hypervisor reports the machine's memory and
 * loads kernels; the kernel's own files describe other addresses.
 */
#ifndef MACHINE_XEN_DOMAIN_H
#define MACHINE_XEN_DOMAIN_H

#include "machine.h"

enum xen_domain {
	XEN_NONE, /* no Xen, or a guest that kexec treats as a machine of its own (HVM, PVH) */
	XEN_CONTROL_DOMAIN,
	XEN_PV_GUEST, /* cannot start a kernel */
};

/* A file that exists and cannot be read is an error: a load depends on the kind of domain. */
int xen_domain(struct ctx *ctx, const struct sysroot *root, enum xen_domain *out);

/*
 * Fills machine->iomem from the hypervisor, with the names of Linux and the names below.  A sysroot
 * has no hypervisor: reads XEN_CAPTURED there.  read_iomem() of struct
 * machine_source.
 */
int xen_read_iomem(struct ctx *ctx, const struct request *req, struct machine *machine);

struct xen;

/* The text of xen_read_iomem(), from the hypervisor.  Errors: with status 255. */
int xen_describe(struct ctx *ctx, struct xen *xen, struct bytes *out);

#define XEN_CAPTURED "/proc/xen/iomem" /* not a file of Linux: lines that -d prints in the domain */

#define XEN_NAME_IMAGE "Xen"
#define XEN_NAME_NOTE "Xen crash note " /* and the number of the CPU */
#define XEN_NAME_VMCOREINFO "Xen vmcoreinfo"
#define XEN_NAME_DOMAINS "Xen domains" /* memory that Xen has given to domains */
#define XEN_NAME_LIVE_UPDATE "Xen live update"

struct machine_crash;

/* Fills in the parts of the core header of a hypervisor's dump, from machine->iomem. */
void xen_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out);

/*
 * Limits machine->ram to the memory for the segments of a load that is not a crash load: the memory
 * of domains or, if it is unknown, the reservation; and the first MiB.  Xen 4.17 copies an image to
 * free pages.  A page for a copy that is the destination of a page copied before damages the image,
 * and crashes Xen when the image is unloaded.
 */
void xen_keep_used(struct ctx *ctx, struct machine *machine);

/* The first range of this name; empty: no such range. */
struct range xen_named_range(const struct iomem *iomem, const char *name);

#endif
