/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the one-line files that name a note's place. */
#ifndef KDUMP_NOTES_H
#define KDUMP_NOTES_H

#include "core/range.h"

/* The next word as a number; *text moves behind it. */
bool notes_word(const char **text, int base, uint64_t *value);

/* Nothing but white space left? */
bool notes_end(const char *text);

/* false: address or size is 0, or they wrap. */
bool notes_range(uint64_t start, uint64_t size, struct range *range);

#endif
