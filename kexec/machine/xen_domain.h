/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux under Xen.  The control domain (dom0) asks the hypervisor for the machine's memory and
 * loads through it; the kernel's own files describe other addresses.
 */
#ifndef MACHINE_XEN_DOMAIN_H
#define MACHINE_XEN_DOMAIN_H

#include "machine.h"

enum xen_domain {
	XEN_NONE, /* no Xen, or a guest that kexec treats as a machine of its own (HVM, PVH) */
	XEN_CONTROL_DOMAIN,
	XEN_PV_GUEST, /* cannot start a kernel */
};

/* A file that exists and cannot be read is an error: a load must know on what it runs. */
int xen_domain(struct ctx *ctx, const struct sysroot *root, enum xen_domain *out);

/*
 * Fills machine->iomem from the hypervisor, with the names of Linux and those below.  Under a
 * sysroot, no hypervisor can be asked: reads XEN_CAPTURED there.  read_iomem() of struct
 * machine_source.
 */
int xen_read_iomem(struct ctx *ctx, const struct request *req, struct machine *machine);

struct xen;

/* The text of xen_read_iomem(), from the hypervisor.  Errors: with status 255. */
int xen_describe(struct ctx *ctx, struct xen *xen, struct bytes *out);

#define XEN_CAPTURED "/proc/xen/iomem" /* no kernel has it: lines that -d prints in the domain */

#define XEN_NAME_IMAGE "Xen"
#define XEN_NAME_NOTE "Xen crash note " /* and the number of the CPU */
#define XEN_NAME_VMCOREINFO "Xen vmcoreinfo"
#define XEN_NAME_DOMAINS "Xen domains" /* memory that Xen has given to domains */
#define XEN_NAME_LIVE_UPDATE "Xen live update"

struct machine_crash;

/* What a core header describes in the dump of a hypervisor, from machine->iomem. */
void xen_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out);

/*
 * Memory for the segments of a load that is no crash load: that of domains or, if it is unknown,
 * the reservation; and the first MiB.  Xen 4.17 damages an image, and itself when the image is unloaded, if it takes a page
 * for a copy that is the place of a page copied before.  It takes only free pages.
 */
void xen_keep_used(struct ctx *ctx, struct machine *machine);

/* The first range of that name; empty: none. */
struct range xen_named_range(const struct iomem *iomem, const char *name);

#endif
