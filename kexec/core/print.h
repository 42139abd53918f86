/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints text that may come from a file or from another machine. */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "err.h"

/* Prints control characters as '?'.  A file must not control the terminal. */
void print_clean(FILE *out, const char *text);

/* Prints the error and, on a second line, the hint if the error has one. */
void err_print(FILE *out, const struct err *err);

/*
 * To be called first.  Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so
 * that no file gets the number of a standard stream: reading from standard input then fails, and
 * so does writing to the other two.  A write beyond the limit of ulimit -f fails with EFBIG; it
 * does not end the process by SIGXFSZ.  false: /dev/null cannot be opened.
 */
bool prepare_streams(void);

#endif
