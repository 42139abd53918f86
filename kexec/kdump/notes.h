/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parser for files of one line that contain the address of a note. */
#ifndef KDUMP_NOTES_H
#define KDUMP_NOTES_H

#include "core/range.h"

/* Parses the next word as a number; moves *text past it. */
bool notes_word(const char **text, int base, uint64_t *value);

/* True if only white space is left. */
bool notes_end(const char *text);

/* Makes a range.  false: start or size is 0, or the end overflows. */
bool notes_range(uint64_t start, uint64_t size, struct range *range);

#endif
