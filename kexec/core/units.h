/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes in bytes. */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include <stdint.h>

#define KIB 1024u
#define MIB (1024 * KIB)
#define GIB ((uint64_t)1024 * MIB)

/* The smallest page size of every arch.  Kernel images are aligned to it at least. */
#define PAGE_4K (4 * KIB)

#endif
