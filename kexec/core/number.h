/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses numbers of the command line and of sysfs. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the whole text as one unsigned number.  base: as for strtoull(), 0 accepts
 * the prefixes 0x and 0.  false: text has a sign, a blank or other characters, or the
 * number does not fit in 64 bits.
 */
bool parse_number(const char *text, int base, uint64_t *value);

#endif
