/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs and timer in a riscv64 tree. */
#ifndef ARCH_RISCV64_RISCV64_TREE_H
#define ARCH_RISCV64_RISCV64_TREE_H

#include "devicetree/devicetree.h"

/* Ticks per second of the timer that all CPUs read; 0: unknown. */
uint32_t devicetree_timebase(const struct devicetree *tree);

/* True if every CPU has one of the extensions (NULL-terminated, lower case).  No CPUs: false. */
bool devicetree_riscv_cpus_have(const struct devicetree *tree, const char *const *names);

#endif
