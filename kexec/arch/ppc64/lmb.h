/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical memory blocks, by which a ppc64 hypervisor describes hotpluggable memory (LoPAR,
 * ibm,dynamic-reconfiguration-memory; Linux: arch/powerpc/mm/drmem.c).
 */
#ifndef ARCH_PPC64_LMB_H
#define ARCH_PPC64_LMB_H

#include "core/bytes.h"
#include "core/err.h"
#include "core/range.h"

#define LMB_NODE "ibm,dynamic-reconfiguration-memory"
#define LMB_SIZE "ibm,lmb-size"
#define LMB_MEMORY "ibm,dynamic-memory"
#define LMB_MEMORY_V2 "ibm,dynamic-memory-v2"

/* Upper bound on the count, so that a loop over it ends. */
#define LMB_MAX (1u << 20)

struct lmbs {
	uint64_t size; /* of each block */
	uint32_t sets; /* runs of blocks with the same flags */
	uint32_t blocks; /* in all sets */
	struct bytes table;
	bool v2;
};

struct lmb_set {
	uint64_t start;
	uint32_t blocks;
	bool usable; /* assigned to this partition, and not reserved */
};

/*
 * size: the property LMB_SIZE; memory: LMB_MEMORY, or with v2 LMB_MEMORY_V2.  -ENOEXEC:
 * impossible lengths, counts or addresses.  name: of the node, for messages.
 */
int lmb_parse(const char *name, struct bytes size, struct bytes memory, bool v2, struct lmbs *out,
	      struct err *err);

/* index < sets.  The end of the returned set fits into 64 bits. */
struct lmb_set lmb_set(const struct lmbs *lmbs, uint32_t index);

#endif
