/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random bytes that the next kernel starts with. */
#ifndef CORE_SEED_H
#define CORE_SEED_H

#include "log.h"

#include <stddef.h>

/*
 * Fills seed with random bytes, in a dry run with zeros.  false: the running kernel has none yet;
 * a warning was printed.
 */
bool random_seed(struct log *log, bool dry_run, void *seed, size_t size);

#endif
