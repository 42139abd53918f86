/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations for the files of this folder only. */
#ifndef XEN_HYPERCALL_H
#define XEN_HYPERCALL_H

#include "xen.h"

/* Memory, filled with zeros, that the hypervisor can read and write; NULL: not available. */
void *hypercall_memory(struct xen *xen, size_t size);
void hypercall_free(void *memory, size_t size);

#define XEN_EXTENT (2ull << 20) /* of struct xen's map() */

/* Makes a hypercall with a struct of this size as argument, which the hypervisor may change. */
int64_t hypercall(struct xen *xen, uint64_t number, uint64_t command, void *argument, size_t size);

#endif
