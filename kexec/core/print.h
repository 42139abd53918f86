/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints text that may come from a file or from another machine. */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdio.h>

#include "err.h"

/* Prints control characters as '?'.  A file must not control the terminal. */
void print_clean(FILE *out, const char *text);

/* Prints the error and, on a second line, the hint if the error has one. */
void err_print(FILE *out, const struct err *err);

#endif
