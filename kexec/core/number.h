/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people and sysfs write them, refused when anything is left over. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The whole of text as an unsigned number: no sign, no blanks, no trailing
 * text, no overflow.  base as for strtoull: 0 takes 0x and a leading 0.
 */
bool parse_number(const char *text, int base, uint64_t *value);

#endif
